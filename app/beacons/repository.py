"""Beacons in MongoDB, and which of them members were near.

A member's visits are one document, which is there for as long as she allows her location to be used: without
it, no sighting is kept.
"""

from collections.abc import Collection, Iterable, Sequence

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from app.beacons.model import Beacon, BeaconKey, BeaconVisit
from app.shared.mongodb.database import CollectionDefinition, ConcurrentChange, Database, Document, Session
from app.shared.mongodb.documents import BOOLEAN, MOMENT, STRING, at_least, between, document, list_of

BEACONS = CollectionDefinition(
    "beacons",
    validator=document(
        _id=STRING,
        uuid=STRING,
        major=between(0, 65_535),
        minor=between(0, 65_535),
        store_id=STRING,
        category_ids=list_of(STRING),
        sku_ids=list_of(STRING),
    ),
    indexes=[IndexModel([("store_id", 1), ("_id", 1)])],
)

BEACON_VISITS = CollectionDefinition(
    "beacon_visits",
    validator=document(
        _id=STRING,  # the member
        version=at_least(1),
        visits=list_of(document(beacon=STRING, entered_at=MOMENT, last_seen_at=MOMENT, has_dwelt=BOOLEAN)),
    ),
)


class BeaconRepository:
    """Reads and writes beacons and visits to them."""

    def __init__(self, database: Database) -> None:
        self._beacons = database.collection(BEACONS)
        self._visits = database.collection(BEACON_VISITS)

    async def get(self, key: BeaconKey, session: Session = None) -> Beacon | None:
        found = await self._beacons.find_one({"_id": key.text}, session=session)
        return _beacon_from(found) if found else None

    async def of_stores(self, store_ids: Collection[str]) -> list[Beacon]:
        """The beacons of these stores, of which each has dozens."""
        query = {"store_id": {"$in": sorted(store_ids)}}
        return [
            _beacon_from(each) for each in await self._beacons.find(query, sort=[("store_id", 1), ("_id", 1)])
        ]

    async def add_many(self, beacons: Sequence[Beacon], session: Session) -> None:
        await self._beacons.insert_many([_document_of(each) for each in beacons], session=session)

    async def place(self, beacon: Beacon, session: Session) -> None:
        """Writes the beacon, wherever it was before."""
        try:
            await self._beacons.replace_many([_document_of(beacon)], session=session)
        except DuplicateKeyError:
            raise ConcurrentChange from None

    async def remove(self, key: BeaconKey, store_id: str) -> bool:
        """Takes the beacon away from this store; false when it is not there."""
        return await self._beacons.delete_many({"_id": key.text, "store_id": store_id}) > 0

    async def visits(self, member_id: str, session: Session) -> tuple[list[BeaconVisit], int] | None:
        """Her visits, the newest first, and their version; None while she allows none to be kept."""
        found = await self._visits.find_one({"_id": member_id}, session=session)
        return ([BeaconVisit(**each) for each in found["visits"]], found["version"]) if found else None

    async def make_visits(self, member_id: str, session: Session) -> None:
        """Makes an empty list of visits, unless there is one."""
        change: Document = {"$setOnInsert": {"version": 1, "visits": []}}
        try:
            await self._visits.find_one_and_update({"_id": member_id}, change, upsert=True, session=session)
        except DuplicateKeyError:
            raise ConcurrentChange from None

    async def replace_visits(
        self, member_id: str, version: int, visits: Iterable[BeaconVisit], session: Session
    ) -> None:
        """Writes the visits after this version; where others came first, the transaction runs again."""
        documents = [
            {
                "beacon": each.beacon,
                "entered_at": each.entered_at,
                "last_seen_at": each.last_seen_at,
                "has_dwelt": each.has_dwelt,
            }
            for each in visits
        ]
        changed = await self._visits.find_one_and_update(
            {"_id": member_id, "version": version},
            {"$set": {"version": version + 1, "visits": documents}},
            session=session,
        )
        if changed is None:
            raise ConcurrentChange

    async def remove_visits(self, member_id: str, session: Session) -> None:
        await self._visits.delete_many({"_id": member_id}, session=session)


def _document_of(beacon: Beacon) -> Document:
    return {
        "_id": beacon.key.text,
        "uuid": beacon.key.uuid,
        "major": beacon.key.major,
        "minor": beacon.key.minor,
        "store_id": beacon.store_id,
        "category_ids": list(beacon.category_ids),
        "sku_ids": list(beacon.sku_ids),
    }


def _beacon_from(found: Document) -> Beacon:
    return Beacon(
        BeaconKey(found["uuid"], found["major"], found["minor"]),
        found["store_id"],
        tuple(found["category_ids"]),
        tuple(found["sku_ids"]),
    )
