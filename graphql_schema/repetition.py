"""Mutations that may be sent again: with an idempotency key they happen once and answer as the first time."""

from dataclasses import fields, is_dataclass
from typing import Any, Protocol

from strawberry import UNSET

from app.shared.idempotency import IdempotentRequest
from graphql_schema.context import Info

_WHY = "Made for this one wish, so that it can be sent again and happens once when its answer got lost"
KEY = f"{_WHY}: 8 to 128 printable ASCII characters; kept 30 days. Without it, each sending counts."
KEY_OF_SECRET = (
    f"{_WHY}: 22 to 128 random printable ASCII characters; kept 30 days. The secret is told again for 10 "
    "minutes: it is sealed with the key, of which only a hash is kept. Without it, each sending counts."
)


class Repeatable(Protocol):
    """An input that may have an idempotency key."""

    idempotency_key: str | None


def request_of(info: Info, operation: str, input: Repeatable) -> IdempotentRequest | None:
    """What names the caller's wish once and for all; None without a key."""
    content = _plain(input)
    content.pop("idempotency_key", None)
    return IdempotentRequest.of(info.context.caller, operation, input.idempotency_key, content)


def _plain(value: Any) -> Any:
    """The value without what is left out or null, so that an input may get more fields."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not is_dataclass(value):
        return value
    named = {field.name: getattr(value, field.name) for field in fields(value)}
    return {name: _plain(each) for name, each in named.items() if each is not None and each is not UNSET}
