"""What can be done with miles and ranks: earn miles, look at where a member stands and how she came there."""

from dataclasses import replace
from datetime import datetime

from app.members.model import Member, Rank, YearMiles
from app.members.rank_repository import RankRepository
from app.members.ranks import RankChange, RankReason, RankRules, Standing
from app.members.repository import MAXIMUM_MILES, MemberRepository
from app.shared.clock import Clock
from app.shared.events import Event, EventLog
from app.shared.ids import new_id
from app.shared.mongodb.database import Database, Session
from app.shared.paging import Page, PageRequest

YEARS_KEPT = 3  # this one, the last one whose rank may be held still, and one for late receipts


class RankService:
    """The use cases of miles and ranks."""

    def __init__(self, database: Database, events: EventLog, clock: Clock, rules: RankRules) -> None:
        self._database = database
        self._members = MemberRepository(database)
        self._ranks = RankRepository(database)
        self._events = events
        self._clock = clock
        self._rules = rules

    def standing(self, member: Member) -> Standing:
        """Where she stands at this moment."""
        return self._rules.standing(member, self._clock.now())

    def year_of(self, moment: datetime) -> int:
        """The year whose miles what happens then earns: the retailer's own calendar year."""
        return self._rules.year_of(moment)

    async def rank_then(self, member: Member, moment: datetime, session: Session) -> Rank:
        """The rank she held at this moment. What is recorded late changes no rank of the past."""
        later = await self._ranks.first_after(member.id, moment, session)
        return later.before if later else self._rules.rank_at(member, moment)

    async def add_miles(
        self,
        member: Member,
        miles: dict[int, int],
        reason: RankReason,
        reference: str | None,
        session: Session,
    ) -> Member:
        """Adds miles to these years, or takes them; a change of her rank is written down with its reason."""
        now = self._clock.now()
        years = {each.year: each.miles for each in member.mile_years}
        for year, amount in miles.items():
            years[year] = min(MAXIMUM_MILES, max(0, years.get(year, 0) + amount))
        newest = sorted(years, reverse=True)[:YEARS_KEPT]
        after = replace(member, mile_years=tuple(YearMiles(year, years[year]) for year in sorted(newest)))
        await self._members.set_miles(member, after, session)
        rank, rank_after = self._rules.rank_at(member, now), self._rules.rank_at(after, now)
        if rank_after is not rank:
            changes = await self._missing_changes(member, now, session)
            newest_change = changes[-1] if changes else await self._ranks.newest(member.id, session)
            seq = newest_change.seq + 1 if newest_change else 1
            changes.append(RankChange(new_id(), member.id, seq, rank, rank_after, reason, reference, now))
            await self._write(changes, session)
        return after

    async def merge(self, guest: Member, member: Member, session: Session) -> Member:
        """Gives the member the miles of a guest who became one with her."""
        miles = {each.year: each.miles for each in guest.mile_years if each.miles}
        if not miles:
            return member
        return await self.add_miles(member, miles, RankReason.MERGE, None, session)

    async def history(self, member: Member, request: PageRequest) -> Page[RankChange]:
        """The changes of her rank, the newest first: those that time made are first written down."""
        if await self._missing_changes(member, self._clock.now(), None):

            async def act(session: Session) -> None:
                current = await self._members.get(member.id, session) or member
                changes = await self._missing_changes(current, self._clock.now(), session)
                await self._write(changes, session)

            await self._database.transaction(act)
        return await self._ranks.page(member.id, request)

    async def _missing_changes(self, member: Member, now: datetime, session: Session) -> list[RankChange]:
        """The changes that ended years have made since the newest that is written down."""
        newest = await self._ranks.newest(member.id, session)
        if newest is None:
            return []
        changes: list[RankChange] = []
        held = newest.after
        for rank, ended_at in self._rules.ended_ranks(member, held, newest.changed_at, now):
            seq = newest.seq + len(changes) + 1
            changes.append(
                RankChange(new_id(), member.id, seq, held, rank, RankReason.YEAR_ENDED, None, ended_at)
            )
            held = rank
        return changes

    async def _write(self, changes: list[RankChange], session: Session) -> None:
        await self._ranks.add(changes, session)
        for change in changes:
            data = {
                "from": change.before.value,
                "to": change.after.value,
                "reason": change.reason.value,
                "reference": change.reference,
            }
            event = Event("RankChanged", f"member:{change.member_id}", change.changed_at, data)
            await self._events.append(event, session)
