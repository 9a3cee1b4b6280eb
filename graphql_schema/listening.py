"""What all subscriptions have in common: each counts for its caller, and each event is looked at afresh."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

from app.shared.live import Told
from app.telemetry.observation import counted_subscription
from graphql_schema.context import Info

Item = TypeVar("Item")


async def listened(info: Info, source: AsyncGenerator[Told[Item], None]) -> AsyncGenerator[Item, None]:
    """What is told, each resolved at its own moment. Raises TooManySubscriptions."""
    context = info.context
    async with aclosing(source):
        with context.listeners.subscriptions.one_more(context.caller), counted_subscription():
            async for told in source:
                context.renew(told.moment)
                yield told.what
                del told  # until the next one comes, which may take hours
