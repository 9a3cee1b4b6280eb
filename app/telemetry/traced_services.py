"""Services whose every call has a span, for when requests are traced."""

import inspect
from collections.abc import Awaitable, Callable
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
        kind = type(service)
        for name, _ in inspect.getmembers(kind, inspect.iscoroutinefunction):
            setattr(self, name, _with_span(f"{kind.__name__}.{name}", getattr(service, name)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)


def _with_span(name: str, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The method itself, but for a look whether the call is recorded."""

    @wraps(method)
    def call(*arguments: Any, **named: Any) -> Awaitable[Any]:
        answer = method(*arguments, **named)
        return _recorded(name, answer) if tracing.is_recorded() else answer

    return call


async def _recorded(name: str, answer: Awaitable[Any]) -> Any:
    with tracing.span(name):
        return await answer
