"""Pickup slots and how stores prepare orders, in MongoDB. Whether a slot has room is decided by the write."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta

from pymongo import IndexModel, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from app.orders.model import SlotWindow
from app.orders.slots import (
    CAPACITY,
    GRACE_MINUTES,
    LEAD_MINUTES,
    NO_SHOWS,
    SLOT_MINUTES,
    Closure,
    PickupPolicy,
    WantedPlace,
)
from app.shared.mongodb.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Document,
    Session,
    are_duplicates,
)
from app.shared.mongodb.documents import MOMENT, STRING, at_least, between, document, list_of, nullable
from app.shared.mongodb.reading import Reading

SLOTS_KEPT_FOR = timedelta(days=30)

PICKUP_SLOTS = CollectionDefinition(
    "pickup_slots",
    validator=document(
        _id=STRING,
        starts_at=MOMENT,
        places=list_of(document(owner=STRING, weight=at_least(0), until=MOMENT)),
    ),
    indexes=[IndexModel([("starts_at", 1)], expireAfterSeconds=int(SLOTS_KEPT_FOR.total_seconds()))],
)

PICKUP_POLICIES = CollectionDefinition(
    "pickup_policies",
    validator=document(
        _id=STRING,
        version=at_least(0),
        slot_minutes=between(*SLOT_MINUTES),
        capacity=between(*CAPACITY),
        lead_minutes=between(*LEAD_MINUTES),
        grace_minutes=between(*GRACE_MINUTES),
        no_shows_until_payment_first=nullable(between(*NO_SHOWS)),
        paused_until=nullable(MOMENT),
        closures=list_of(document(starts_at=MOMENT, ends_at=MOMENT, reason=nullable(STRING))),
    ),
)


class SlotRepository:
    """Reads and writes who has a place in which slot; places whose time is over count for nothing."""

    def __init__(self, database: Database) -> None:
        self._slots = database.collection(PICKUP_SLOTS)

    async def taken(
        self, windows: Iterable[SlotWindow], now: datetime, session: Session = None
    ) -> dict[SlotWindow, int]:
        """The work units that are taken of these slots at this moment."""
        by_id = {window.id: window for window in windows}
        found = await self._slots.find({"_id": {"$in": list(by_id)}}, session=session)
        taken = dict.fromkeys(by_id.values(), 0)
        for each in found:
            taken[by_id[each["_id"]]] = _taken(each, now)
        return taken

    def reading_taken(self, slot_id: str, now: datetime) -> Reading[int]:
        """The work units that are taken of this slot at this moment."""
        return Reading(
            PICKUP_SLOTS,
            [{"$match": {"_id": slot_id}}],
            lambda found: _taken(found[0], now) if found else 0,
        )

    async def take(self, wanted: WantedPlace, now: datetime, session: Session) -> bool:
        """Gives the owner her place, instead of any she had; false when there is no room.

        The one write makes the slot where it is the first, and decides; who has a place tells how.
        """
        try:
            slot = await self._slots.find_one_and_update(
                {"_id": wanted.window.id}, _taking(wanted, now), upsert=True, session=session
            )
        except DuplicateKeyError:
            raise ConcurrentChange from None
        return slot is not None and _place(wanted) in slot["places"]

    async def take_new(self, wanted: Iterable[WantedPlace], now: datetime, session: Session) -> bool:
        """Gives places to owners who have none yet, all in one command.

        False when there is no room for one of them: by then others may have theirs, so the transaction is to
        be given up. A slot that stays as it was tells it.
        """
        writes = [
            UpdateOne({"_id": each.window.id}, _taking(each, now), upsert=True)
            for each in sorted(wanted, key=lambda each: each.window.id)
        ]
        try:
            return await self._slots.upsert_many(writes, session=session) == len(writes)
        except BulkWriteError as error:
            raise (ConcurrentChange() if are_duplicates(error) else error) from None

    async def give_back(self, window: SlotWindow, owner: str, session: Session) -> None:
        """Frees the owner's place; again, it changes nothing."""
        await self._slots.find_one_and_update(
            {"_id": window.id}, {"$pull": {"places": {"owner": owner}}}, session=session
        )


class PolicyRepository:
    """Reads and writes how stores prepare orders; a store without a policy of its own has the usual one."""

    def __init__(self, database: Database) -> None:
        self._policies = database.collection(PICKUP_POLICIES)

    async def get(self, store_id: str, session: Session = None) -> PickupPolicy:
        return _policy_from(await self._policies.find_one({"_id": store_id}, session=session))

    def reading(self, store_id: str) -> Reading[PickupPolicy]:
        return Reading(
            PICKUP_POLICIES,
            [{"$match": {"_id": store_id}}],
            lambda found: _policy_from(found[0] if found else None),
        )

    async def replace(self, store_id: str, policy: PickupPolicy, session: Session) -> None:
        """Writes the next version, a pause aside; where somebody else was first, all runs again."""
        changes = _policy_document(policy)
        await self._write(
            {"_id": store_id, "version": policy.version - 1},
            {"$setOnInsert": {"paused_until": changes.pop("paused_until")}, "$set": changes},
            session,
        )

    async def pause(self, store_id: str, until: datetime | None, session: Session) -> None:
        """Writes until when no orders are taken, whatever version the rest is at."""
        usual = _policy_document(PickupPolicy())
        del usual["paused_until"]
        await self._write(
            {"_id": store_id}, {"$setOnInsert": usual, "$set": {"paused_until": until}}, session
        )

    async def _write(self, query: Document, update: Document, session: Session) -> None:
        try:
            await self._policies.find_one_and_update(query, update, upsert=True, session=session)
        except DuplicateKeyError:
            raise ConcurrentChange from None


def _taken(slot: Document, now: datetime) -> int:
    return sum(place["weight"] for place in slot["places"] if now < place["until"])


def _place(wanted: WantedPlace) -> Document:
    return {"owner": wanted.owner, "weight": wanted.weight, "until": wanted.until}


def _taking(wanted: WantedPlace, now: datetime) -> list[Document]:
    """The change by which somebody gets her place, if there is room for it."""
    places = with_place(_place(wanted), wanted.capacity, now)
    return [{"$set": {"starts_at": wanted.window.starts_at, "places": places}}]


def with_place(place: Document, capacity: int, now: datetime) -> Document:
    """A slot's places with this one in place of its owner's, or as they are when there is no room for it."""
    places = {"$ifNull": ["$places", []]}
    is_anothers = {"$and": [{"$gt": ["$$this.until", now]}, {"$ne": ["$$this.owner", place["owner"]]}]}
    taken = {"$sum": {"$map": {"input": "$$others", "in": "$$this.weight"}}}
    has_room = {"$gte": [capacity - place["weight"], taken]}
    with_place = {"$concatArrays": ["$$others", [{"$literal": place}]]}
    return {
        "$let": {
            "vars": {"others": {"$filter": {"input": places, "cond": is_anothers}}},
            "in": {"$cond": [has_room, with_place, places]},
        }
    }


def _policy_document(policy: PickupPolicy) -> Document:
    return {
        "version": policy.version,
        "slot_minutes": policy.slot_minutes,
        "capacity": policy.capacity,
        "lead_minutes": policy.lead_minutes,
        "grace_minutes": policy.grace_minutes,
        "no_shows_until_payment_first": policy.no_shows_until_payment_first,
        "paused_until": policy.paused_until,
        "closures": [asdict(each) for each in policy.closures],
    }


def _policy_from(found: Document | None) -> PickupPolicy:
    if found is None:
        return PickupPolicy()
    return PickupPolicy(
        version=found["version"],
        slot_minutes=found["slot_minutes"],
        capacity=found["capacity"],
        lead_minutes=found["lead_minutes"],
        grace_minutes=found["grace_minutes"],
        no_shows_until_payment_first=found["no_shows_until_payment_first"],
        paused_until=found["paused_until"],
        closures=tuple(Closure(**each) for each in found["closures"]),
    )
