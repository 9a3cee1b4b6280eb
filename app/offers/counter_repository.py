"""The counters that limits and budgets of offers are held by, in MongoDB.

Beside the count of its coupons stands how the offer is by now: who gives one and knows the offer as it was
does not find the counter.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from app.offers.model import Offer
from app.shared.mongodb.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Document,
    Session,
    are_duplicates,
)
from app.shared.mongodb.documents import STRING, at_least, document
from app.shared.mongodb.reading import Reading

_COUNTER = document(_id=STRING, count=at_least(0), yen=at_least(0), writes=at_least(1), offer=STRING)

OFFER_COUNTERS = CollectionDefinition(
    "offer_counters",
    # `offer` stands beside the count of coupons alone, from the first change of the offer on.
    validator={**_COUNTER, "required": ["_id", "count", "writes", "yen"]},
)


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened, and how much it took off in all, in yen.

    `offer` is how the offer was as it was last changed, and `writes` how often the counter was written.
    """

    count: int = 0
    yen: int = 0
    offer: str | None = None
    writes: int = 0

    def is_of(self, offer: Offer) -> bool:
        """Whether the offer has not changed since it was read."""
        return self.offer is None or self.offer == _as_it_is(offer)


@dataclass(frozen=True, slots=True)
class Most:
    """How far a counter may go; None stands for no limit."""

    count: int | None = None
    yen: int | None = None


NO_LIMITS: Mapping[str, Most] = {}


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

    async def add(
        self, counts: Counter[str], yen: Counter[str], session: Session, most: Mapping[str, Most] = NO_LIMITS
    ) -> None:
        """Adds to the counters, in the order of their keys, or takes from them.

        Where one would come to more than it may, the transaction runs again.
        """
        await self._write(
            [
                UpdateOne(
                    {"_id": key, **_having_room(most.get(key, Most()), counts[key], yen[key])},
                    _adding(counts[key], yen[key]),
                    upsert=True,
                )
                for key in sorted(counts.keys() | yen.keys())
                if counts[key] or yen[key]
            ],
            session,
        )

    async def add_issued(
        self,
        issued: Iterable[tuple[Offer, int]],
        session: Session,
        read: Mapping[str, Count] | None = None,
    ) -> None:
        """Counts so many coupons of each offer that are given.

        Where an offer has changed since it was read, or may not give so many, the transaction runs again; so
        it does where a counter was written since it was read, for those who have decided by it.
        """
        writes: list[InsertOne[Document] | UpdateOne] = []
        for offer, number in sorted(issued, key=lambda each: each[0].id):
            query: Document = {"_id": issued_key(offer.id), "offer": {"$in": [None, _as_it_is(offer)]}}
            most = offer.terms.limits.issued
            if most is not None:
                if number > most:
                    raise ConcurrentChange
                query["count"] = {"$lte": most - number}
            if read is not None:
                query["writes"] = _as_often(read.get(query["_id"], Count()))
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


def _having_room(most: Most, count: int, yen: int) -> Document:
    """The condition for a counter that may have so much added. One that is not there yet is made: what is
    added does not go beyond its limit by itself.
    """
    bounds = {"count": (most.count, count), "yen": (most.yen, yen)}
    return {name: {"$lte": limit - added} for name, (limit, added) in bounds.items() if limit is not None}


def _as_it_is(offer: Offer) -> str:
    return f"{offer.version} {offer.state.value}"


def _as_often(counter: Count) -> Document | int:
    """The condition for the writes of a counter as it was read; one that was not there is to be made."""
    return counter.writes or {"$lte": 0}


def _counts_from(found: Iterable[Document]) -> dict[str, Count]:
    return {
        each["_id"]: Count(each["count"], each["yen"], each.get("offer"), each["writes"]) for each in found
    }
