"""Whom marketing may be pushed to: those who allow it, and only so often on a day."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pymongo import IndexModel, InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from app.consents.model import ConsentKind
from app.consents.service import ConsentService
from app.push.rules import end_of_quiet
from app.shared.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Document,
    Session,
    are_duplicates,
)
from app.shared.documents import MOMENT, STRING, at_least, document
from app.shared.push_settings import QuietHours

KEPT_FOR = timedelta(days=3)

MARKETING_COUNTS = CollectionDefinition(
    "marketing_counts",
    validator=document(_id=STRING, count=at_least(1), kept_until=MOMENT),
    indexes=[IndexModel([("kept_until", 1)], expireAfterSeconds=0)],
)


class MarketingGate:
    """Lets marketing through to members, each time for one message.

    The count of a member and day is read and written in the transaction that adds her pushes: of two that
    count her at the same moment, one runs again.
    """

    def __init__(
        self,
        database: Database,
        consents: ConsentService,
        quiet: QuietHours,
        time_zone: ZoneInfo,
        pushes_per_day: int,
    ) -> None:
        self._counts = database.collection(MARKETING_COUNTS)
        self._consents = consents
        self._quiet = quiet
        self._time_zone = time_zone
        self._pushes_per_day = pushes_per_day

    async def admit(
        self, member_ids: Sequence[str], kinds: Collection[ConsentKind], due_at: datetime, session: Session
    ) -> list[str]:
        """Those of these members who allow all these kinds and may have one more on that day; counts it."""
        willing = set(member_ids)
        for kind in sorted(kinds):
            willing &= await self._consents.members_with(kind, sorted(willing)) if willing else set()
        shown_at = end_of_quiet(due_at, self._time_zone, self._quiet)
        day = shown_at.astimezone(self._time_zone).date().isoformat()
        keys = {f"{member_id}:{day}": member_id for member_id in sorted(willing)}
        counted = await self._counts.find({"_id": {"$in": list(keys)}}, session=session)
        counts = {each["_id"]: each["count"] for each in counted}
        admitted = [key for key in keys if counts.get(key, 0) < self._pushes_per_day]
        try:
            await self._counts.write_many(
                [_count(key, counts.get(key, 0), shown_at + KEPT_FOR) for key in admitted], session=session
            )
        except BulkWriteError as error:
            raise (ConcurrentChange() if are_duplicates(error) else error) from None
        return [keys[key] for key in admitted]


def _count(key: str, before: int, kept_until: datetime) -> InsertOne[Document] | UpdateOne:
    if not before:
        return InsertOne({"_id": key, "count": 1, "kept_until": kept_until})
    return UpdateOne({"_id": key, "count": before}, {"$set": {"count": before + 1}})
