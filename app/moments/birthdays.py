"""Notices birthdays, by the retailer's own calendar: each member's once a year."""

from calendar import isleap
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.decisions.model import Moment
from app.decisions.service import OfferDecisions
from app.learning.progress import LearningProgress
from app.members.service import MemberService
from app.offers.model import OfferMoment
from app.offers.service import OfferService
from app.shared.clock import Clock
from app.shared.mongodb.database import Database

MEMBERS_AT_ONCE = 200
A_DAY = timedelta(days=1)


class Birthdays:
    """Goes through the members whose birthday it is, and yesterday's too if nobody did so then.

    A day that was broken off is gone through again: a moment is decided once.
    """

    def __init__(
        self,
        database: Database,
        offers: OfferService,
        members: MemberService,
        decisions: OfferDecisions,
        clock: Clock,
        time_zone: ZoneInfo,
    ) -> None:
        self._progress = LearningProgress(database, "birthdays")
        self._offers = offers
        self._members = members
        self._decisions = decisions
        self._clock = clock
        self._time_zone = time_zone

    async def notice(self) -> int:
        """Has the birthdays decided that were not yet; says how many those were."""
        if not await self._offers.given_at(OfferMoment.BIRTHDAY):
            return 0
        today = self._clock.now().astimezone(self._time_zone).date()
        until = await self._progress.get()
        day = max(until.astimezone(self._time_zone).date(), today - A_DAY)
        noticed = 0
        while day <= today:
            noticed += await self._celebrate(day)
            day += A_DAY
            await self._progress.move_on(self._midnight(day))
        return noticed

    async def _celebrate(self, day: date) -> int:
        noticed, last = 0, ""
        while members := await self._members.born_on(birthdays_on(day), last, MEMBERS_AT_ONCE):
            for member in members:
                source = f"birthday:{day.year}:{member.id}"
                await self._decisions.decide(Moment(OfferMoment.BIRTHDAY, source, member.id))
            noticed += len(members)
            last = members[-1].id
        return noticed

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._time_zone).astimezone(UTC)


def birthdays_on(day: date) -> list[tuple[int, int]]:
    """Month and day of whose birthday it is: who was born on a leap day has it a day early in other years."""
    is_for_leap_day = (day.month, day.day) == (2, 28) and not isleap(day.year)
    return [(day.month, day.day), *([(2, 29)] if is_for_leap_day else [])]
