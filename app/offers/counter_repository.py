"""The counters that limits and budgets of offers are held by, in MongoDB.

Beside the count of its coupons stands how the offer is by now: who gives one and knows the offer as it was
does not find the counter.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from app.offers.model import Offer
from app.shared.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Document,
    Session,
    are_duplicates,
)
from app.shared.documents import STRING, at_least, document
from app.shared.reading import Reading

_COUNTER = document(_id=STRING, count=at_least(0), yen=at_least(0), writes=at_least(1), offer=STRING)

OFFER_COUNTERS = CollectionDefinition(
    "offer_counters",
    # `offer` stands beside the count of coupons alone, from the first change of the offer on.
    validator={**_COUNTER, "required": ["_id", "count", "writes", "yen"]},
)


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened, and how much it took off in all, in yen.

    `offer` is how the offer was as it was last changed.
    """

    count: int = 0
    yen: int = 0
    offer: str | None = None

    def is_of(self, offer: Offer) -> bool:
        """Whether the offer has not changed since it was read."""
        return self.offer is None or self.offer == _as_it_is(offer)


class CounterRepository:
    """Reads and writes the counters of offers."""

    def __init__(self, database: Database) -> None:
        self._counters = database.collection(OFFER_COUNTERS)

    async def get_many(self, keys: Iterable[str], session: Session = None) -> dict[str, Count]:
        found = await self._counters.find({"_id": {"$in": sorted(keys)}}, session=session)
        return _counts_from(found)

    def reading(self, keys: Iterable[str]) -> Reading[dict[str, Count]]:
        """What `get_many` finds."""
        return Reading(OFFER_COUNTERS, [{"$match": {"_id": {"$in": sorted(keys)}}}], _counts_from)

    async def add(self, counts: Counter[str], yen: Counter[str], session: Session) -> None:
        """Adds to the counters, in the order of their keys, or takes from them."""
        await self._write(
            [
                UpdateOne({"_id": key}, _adding(counts[key], yen[key]), upsert=True)
                for key in sorted(counts.keys() | yen.keys())
                if counts[key] or yen[key]
            ],
            session,
        )

    async def add_issued(self, issued: Iterable[tuple[Offer, int]], session: Session) -> None:
        """Counts so many coupons of each offer that are given.

        Where an offer has changed since it was read, or may not give so many, the transaction runs again.
        """
        writes: list[InsertOne[Document] | UpdateOne] = []
        for offer, number in sorted(issued, key=lambda each: each[0].id):
            query: Document = {"_id": issued_key(offer.id), "offer": {"$in": [None, _as_it_is(offer)]}}
            most = offer.terms.limits.issued
            if most is not None:
                if number > most:
                    raise ConcurrentChange
                query["count"] = {"$lte": most - number}
            writes.append(UpdateOne(query, _adding(number), upsert=True))
        await self._write(writes, session)

    async def note(self, offer: Offer, session: Session) -> None:
        """Writes down how the offer is from now on."""
        change = {**_adding(0), "$set": {"offer": _as_it_is(offer)}}
        await self._write([UpdateOne({"_id": issued_key(offer.id)}, change, upsert=True)], session)

    async def touch(self, keys: Iterable[str], session: Session) -> None:
        """Writes counters as they are, so that who decides by them at the same time decides again."""
        await self._write([UpdateOne({"_id": key}, _adding(0), upsert=True) for key in sorted(keys)], session)

    async def _write(self, writes: Sequence[InsertOne[Document] | UpdateOne], session: Session) -> None:
        try:
            await self._counters.write_many(writes, session=session)
        except BulkWriteError as error:
            raise (ConcurrentChange() if are_duplicates(error) else error) from None


def issued_key(offer_id: str) -> str:
    """The counter of an offer's coupons."""
    return f"{offer_id}/issued"


def _adding(count: int, yen: int = 0) -> Document:
    return {"$inc": {"count": count, "yen": yen, "writes": 1}}


def _as_it_is(offer: Offer) -> str:
    return f"{offer.version} {offer.state.value}"


def _counts_from(found: Iterable[Document]) -> dict[str, Count]:
    return {each["_id"]: Count(each["count"], each["yen"], each.get("offer")) for each in found}
