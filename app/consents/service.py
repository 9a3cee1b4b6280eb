"""What can be done with consents: decide, look, and ask whether something is allowed."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.consents import rules
from app.consents.model import ConsentDecision, ConsentEntry, ConsentKind, ConsentWish
from app.consents.repository import ConsentRepository
from app.shared.clock import Clock
from app.shared.events import Event, EventLog
from app.shared.ids import new_id
from app.shared.mongodb.database import Database, Session
from app.shared.mongodb.reading import Reading
from app.shared.paging import Page, PageRequest


class Kept(Protocol):
    """What a consent lets us keep of a member."""

    async def begin(self, member_id: str, session: Session) -> None:
        """Has it kept from now on."""
        ...

    async def end(self, member_id: str, session: Session) -> None:
        """Erases it, and keeps nothing from now on."""
        ...


class ConsentService:
    """The use cases of consents, a guest's like any other member's.

    What a consent lets us keep of a member lives in documents that her consent makes and its withdrawal
    deletes, in the same transaction: who writes there finds none without it.
    """

    def __init__(
        self,
        database: Database,
        of_personalization: Sequence[Kept],
        of_location: Sequence[Kept],
        events: EventLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._consents = ConsentRepository(database)
        self._kept: Mapping[ConsentKind, Sequence[Kept]] = {
            ConsentKind.PERSONALIZATION: of_personalization,
            ConsentKind.LOCATION: of_location,
        }
        self._events = events
        self._clock = clock

    async def has(self, member_id: str, kind: ConsentKind, session: Session = None) -> bool:
        """Whether the member allows this now."""
        newest = await self._consents.newest(member_id, session)
        return newest is not None and rules.is_given(newest.standing, kind)

    def reading(self, member_id: str, kind: ConsentKind) -> Reading[bool]:
        """Whether the member allows this now."""
        newest = self._consents.reading_newest(member_id)
        return newest.understood(lambda entry: entry is not None and rules.is_given(entry.standing, kind))

    async def members_with(self, kind: ConsentKind, member_ids: Sequence[str]) -> frozenset[str]:
        """Those of these members who allow this now."""
        newest = await self._consents.newest_of(member_ids)
        return frozenset(each.member_id for each in newest if rules.is_given(each.standing, kind))

    async def standing(self, member_id: str) -> tuple[ConsentDecision, ...]:
        """Her newest decision about each kind that she has decided about."""
        newest = await self._consents.newest(member_id)
        return newest.standing if newest else ()

    async def history(self, member_id: str, request: PageRequest) -> Page[ConsentEntry]:
        """All her decisions, the newest first."""
        return await self._consents.page(member_id, request)

    async def decide(self, member_id: str, wish: ConsentWish) -> tuple[ConsentDecision, ...]:
        """Puts her decisions on record, all of them or none, and returns how all kinds stand then.

        What stands already is not written again, so the wish may be sent again. Raises
        ConsentKindsInvalid or ConsentTextVersionInvalid.
        """
        rules.require_wish(wish)

        async def act(session: Session) -> tuple[ConsentDecision, ...]:
            newest = await self._consents.newest(member_id, session)
            standing = newest.standing if newest else ()
            entries: list[ConsentEntry] = []
            for decision in rules.changes(standing, wish, self._clock.now()):
                standing = rules.standing_after(standing, decision)
                seq = (newest.seq if newest else 0) + len(entries) + 1
                entries.append(ConsentEntry(new_id(), member_id, seq, decision, standing))
            if entries:
                await self._consents.append(entries, session)
                for entry in entries:
                    await self._carry_out(member_id, entry.decision, session)
            return standing

        return await self._database.transaction(act)

    async def _carry_out(self, member_id: str, decision: ConsentDecision, session: Session) -> None:
        for kept in self._kept.get(decision.kind, ()):
            await (kept.begin if decision.is_given else kept.end)(member_id, session)
        await self._events.append(
            Event(
                "ConsentGiven" if decision.is_given else "ConsentWithdrawn",
                f"member:{member_id}",
                decision.decided_at,
                {"kind": decision.kind.value, "text_version": decision.text_version},
            ),
            session,
        )
