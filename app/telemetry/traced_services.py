"""Services whose every call has a span, for when requests are traced."""

import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from functools import wraps
from typing import Any, TypeVar

from app.telemetry import tracing

Built = TypeVar("Built")

OURS = "app."


def traced(services: Built) -> Built:
    """The same dataclass of services, each of which tells of its calls; groups of services within it too."""
    given: Any = services
    built: Built = replace(given, **{each.name: _traced(getattr(given, each.name)) for each in fields(given)})
    return built


def _traced(value: Any) -> Any:
    if not type(value).__module__.startswith(OURS):
        return value
    if is_dataclass(value):
        return (
            traced(value) if any(_is_service(getattr(value, each.name)) for each in fields(value)) else value
        )
    return _Traced(value) if _is_service(value) else value


def _is_service(value: Any) -> bool:
    return type(value).__module__.startswith(OURS) and any(
        inspect.iscoroutinefunction(member) for member in vars(type(value)).values()
    )


class _Traced:
    """Stands before a service; what it is asked for is the service's own."""

    def __init__(self, service: Any) -> None:
        self._service = service

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._service, name)
        if not inspect.iscoroutinefunction(found):
            return found
        return _with_span(f"{type(self._service).__name__}.{name}", found)


def _with_span(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    async def call(*arguments: Any, **named: Any) -> Any:
        with tracing.span(name):
            return await method(*arguments, **named)

    return call
