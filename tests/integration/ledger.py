"""The ledger's methods for tests, each in a transaction of its own."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from app.points.errors import InsufficientPoints, PointReferenceUsed
from app.points.model import PointEntry, PointReason, PointSource
from app.services import Services
from app.shared.ids import new_id
from app.shared.mongodb.database import Session
from tests.conftest import MovableClock
from tests.examples import a_source

MEMBER = "member"


class Ledger:
    """The service's methods, each in a transaction of its own."""

    def __init__(self, services: Services, clock: MovableClock) -> None:
        self._services = services
        self._clock = clock

    async def _act(self, work: Callable[[Session], Awaitable[PointEntry]]) -> PointEntry:
        return await self._services.database.transaction(work)

    async def earn(
        self, amount: int, days: int | None = None, reference: str | None = None, member: str = MEMBER
    ) -> PointEntry:
        expires_at = self._clock.now() + timedelta(days=days) if days else None
        source = a_source(self._clock.now(), reference)
        return await self._act(
            lambda session: self._services.points.earn(member, amount, source, session, expires_at)
        )

    async def spend(self, amount: int, reference: str | None = None) -> PointEntry:
        source = PointSource(reference or new_id(), PointReason.PAYMENT, self._clock.now())
        return await self._act(lambda session: self._services.points.spend(MEMBER, amount, source, session))

    async def reverse(self, reference: str) -> PointEntry:
        source = PointSource(reference, PointReason.REFUND, self._clock.now())
        return await self._act(lambda session: self._services.points.reverse(MEMBER, source, session))

    async def adjust(self, amount: int) -> PointEntry:
        source = PointSource(new_id(), PointReason.CORRECTION, self._clock.now(), note="a till was wrong")
        return await self._act(lambda session: self._services.points.adjust(MEMBER, amount, source, session))


async def outcome(act: Awaitable[object]) -> str:
    try:
        await act
    except (InsufficientPoints, PointReferenceUsed) as refusal:
        return refusal.code
    return "done"
