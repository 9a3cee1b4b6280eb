"""Stock for tests: levels put on record, holds each in a transaction of its own."""

from collections.abc import Sequence
from datetime import datetime

from app.auth.actor import PartnerActor
from app.auth.partners import Scope
from app.inventory.model import StockHold, StockKey, StockLevel, StockLine
from app.inventory.rules import available
from app.services import Services
from app.shared.errors import Refusal, SeveralRefusals
from app.shared.ids import new_id
from tests.conftest import MovableClock
from tests.examples import a_report, minutes

TILL = PartnerActor("till", frozenset({Scope.STOCK_WRITE}))


class Stockroom:
    """The services' methods for one level or several."""

    def __init__(self, services: Services, clock: MovableClock) -> None:
        self._services = services
        self._clock = clock

    async def stock(self, key: StockKey, pieces: int) -> None:
        """So many pieces were counted a minute ago."""
        await self.stock_many([key], pieces)

    async def stock_many(self, keys: Sequence[StockKey], pieces: int) -> None:
        counts = [a_report(key, "COUNT", pieces, self._clock.now() - minutes(1)) for key in keys]
        assert all(row.is_new for row in await self._services.stock.record(TILL, counts))

    async def level(self, key: StockKey) -> StockLevel:
        return (await self._services.stock.levels([key]))[key]

    async def available(self, key: StockKey) -> int:
        return available(await self.level(key), self._clock.now())

    async def hold(
        self, *lines: tuple[StockKey, int], owner: str | None = None, until: datetime | None = None
    ) -> StockHold:
        until = until or self._clock.now() + minutes(15)
        wanted = [StockLine(key, quantity) for key, quantity in lines]
        return await self._services.database.transaction(
            lambda session: self._services.stock_holds.hold(wanted, owner or new_id(), until, session)
        )

    async def capture(self, hold: StockHold) -> StockHold:
        return await self._services.database.transaction(
            lambda session: self._services.stock_holds.capture(hold.id, session)
        )

    async def release(self, hold: StockHold) -> StockHold:
        return await self._services.database.transaction(
            lambda session: self._services.stock_holds.release(hold.id, session)
        )


def codes_of(error: Exception) -> list[str]:
    """The codes of whatever was refused."""
    if isinstance(error, SeveralRefusals):
        return [refusal.code for refusal in error.refusals]
    assert isinstance(error, Refusal), error
    return [error.code]
