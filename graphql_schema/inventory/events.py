"""What is told to who follows stock."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from app.inventory import model
from app.inventory.shared_watch import StockWatcher, ToldLevels
from graphql_schema.context import Context
from graphql_schema.inventory.levels import StockLevel
from graphql_schema.listening import listened


@dataclass(frozen=True, slots=True)
class StockEvents:
    """A watch of stock that many may share: iterated for one caller, or begun and told to her at once."""

    context: Context
    begin: Callable[[], Awaitable[StockWatcher]]

    async def __aiter__(self) -> AsyncGenerator[list[StockLevel], None]:
        async with aclosing(listened(self.context, self._told())) as told:
            async for levels in told:
                yield shown(levels)

    async def _told(self) -> AsyncGenerator[ToldLevels, None]:
        watcher = await self.begin()
        async with aclosing(watcher.events()) as events:
            async for told in events:
                yield told


def shown(levels: list[model.StockLevel]) -> list[StockLevel]:
    return [StockLevel(stock=level) for level in levels]
