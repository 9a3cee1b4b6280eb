"""What all subscriptions have in common: each counts for its caller, and each event is looked at afresh."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

from app.shared.mongodb.live import Told
from app.telemetry.observation import counted_subscription
from graphql_schema.context import Context

Item = TypeVar("Item")


async def listened(context: Context, source: AsyncGenerator[Told[Item], None]) -> AsyncGenerator[Item, None]:
    """What is told, each resolved at its own moment. Raises TooManySubscriptions."""
    async with aclosing(source):
        with context.listeners.subscriptions.one_more(context.caller), counted_subscription():
            async for told in source:
                context.renew(told.moment)
                yield told.what
                del told  # until the next one comes, which may take hours
