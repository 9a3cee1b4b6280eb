"""Whose name decisions bear: while she allows personalization, hers."""

from dataclasses import replace

from app.decisions.repository import DecisionRepository
from app.decisions.rules import recent
from app.shared.clock import Clock
from app.shared.mongodb.database import Database, Session


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
        lately = await self._decisions.given_lately(member_id, session)
        await self._decisions.replace_given_lately([lately], self._clock.now(), session)
        await self._decisions.unname(member_id, session)

    async def merge(self, guest_id: str, member_id: str, has_coupons: bool, session: Session) -> None:
        """Makes what a guest was given the member's. The guest's decisions name nobody any more.

        Where she brings coupons, the member's receipts are written in any case: what is decided about her
        meanwhile is decided anew, with these coupons in sight.
        """
        now = self._clock.now()
        of_guest = await self._decisions.given_lately(guest_id, session)
        if of_guest.version or has_coupons:
            lately = await self._decisions.given_lately(member_id, session)
            both = tuple(recent([*lately.receipts, *of_guest.receipts], now))
            await self._decisions.replace_given_lately([replace(lately, receipts=both)], now, session)
        if of_guest.version:
            await self._decisions.remove_receipts(guest_id, session)
            await self._decisions.unname(guest_id, session)
