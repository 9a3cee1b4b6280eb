"""Whose name decisions bear: while she allows personalization, hers."""

from app.decisions.repository import DecisionRepository
from app.decisions.rules import recent
from app.shared.clock import Clock
from app.shared.database import Database, Session


class DecisionLog:
    """Follows what members allow, and who they turn out to be."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._decisions = DecisionRepository(database)
        self._clock = clock

    async def begin(self, member_id: str, session: Session) -> None:
        """From now on decisions name her: each asks for her consent by itself."""

    async def end(self, member_id: str, session: Session) -> None:
        """Takes her name, and what was known of her, out of all decisions.

        The receipts are written too, so that a decision that is made meanwhile is made anew.
        """
        receipts, version = await self._decisions.receipts(member_id, session)
        await self._decisions.replace_receipts(member_id, version, receipts, self._clock.now(), session)
        await self._decisions.unname(member_id, session)

    async def merge(self, guest_id: str, member_id: str, session: Session) -> None:
        """Makes what a guest was given the member's. The guest's decisions name nobody any more."""
        now = self._clock.now()
        of_guest, version_of_guest = await self._decisions.receipts(guest_id, session)
        if version_of_guest:
            of_member, version = await self._decisions.receipts(member_id, session)
            both = recent([*of_member, *of_guest], now)
            await self._decisions.replace_receipts(member_id, version, both, now, session)
            await self._decisions.remove_receipts(guest_id, session)
            await self._decisions.unname(guest_id, session)
