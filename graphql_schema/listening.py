"""What all subscriptions have in common: each counts for its caller, and each event is looked at afresh."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

from app.telemetry.observation import counted_subscription
from graphql_schema.context import Info

Item = TypeVar("Item")


async def listened(info: Info, source: AsyncGenerator[Item, None]) -> AsyncGenerator[Item, None]:
    """The source's items, each resolved at its own time. Raises TooManySubscriptions."""
    context = info.context
    async with aclosing(source):
        with context.listeners.subscriptions.one_more(context.caller), counted_subscription():
            async for item in source:
                context.renew()
                yield item
