"""The devices that take pushes, in MongoDB: one for each session."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from app.push.model import PushDevice, PushPlatform
from app.shared.hashing import secret_hash
from app.shared.mongodb.database import CollectionDefinition, ConcurrentChange, Database, Document, Session
from app.shared.mongodb.documents import MOMENT, STRING, document, nullable, one_of

KEPT_FOR = timedelta(days=400)  # longer than any session

PUSH_DEVICES = CollectionDefinition(
    "push_devices",
    validator=document(
        _id=STRING,  # the session
        member_id=STRING,
        platform=one_of(PushPlatform),
        token=STRING,
        token_hash=STRING,
        time_zone=nullable(STRING),
        registered_at=MOMENT,
    ),
    indexes=[
        # A token is one device's, whoever is signed in there by now.
        IndexModel([("token_hash", 1)], unique=True),
        IndexModel([("member_id", 1), ("_id", 1)]),
        IndexModel([("registered_at", 1)], expireAfterSeconds=int(KEPT_FOR.total_seconds())),
    ],
)


class PushDeviceRepository:
    """Reads and writes devices."""

    def __init__(self, database: Database) -> None:
        self._devices = database.collection(PUSH_DEVICES)

    async def get(self, session_id: str) -> PushDevice | None:
        found = await self._devices.find_one({"_id": session_id})
        return _device_from(found) if found else None

    async def of_members(self, member_ids: Collection[str], session: Session = None) -> list[PushDevice]:
        found = await self._devices.find({"member_id": {"$in": sorted(member_ids)}}, session=session)
        return [_device_from(each) for each in found]

    async def owners_after(self, member_id: str, limit: int, session: Session) -> list[str]:
        """The owners of so many devices, those with a later id, in the order of their ids, each once."""
        found = await self._devices.find(
            {"member_id": {"$gt": member_id}},
            sort=[("member_id", ASCENDING), ("_id", ASCENDING)],
            limit=limit,
            session=session,
        )
        return list(dict.fromkeys(each["member_id"] for each in found))

    async def put(self, device: PushDevice, session: Session) -> None:
        """Keeps the device; whichever other session had its token has it no more."""
        kept = _document_of(device)
        other = {"token_hash": kept["token_hash"], "_id": {"$ne": device.session_id}}
        await self._devices.delete_many(other, session=session)
        try:
            await self._devices.find_one_and_update(
                {"_id": device.session_id}, {"$set": kept}, upsert=True, session=session
            )
        except DuplicateKeyError:
            raise ConcurrentChange from None

    async def remove(self, session_id: str, registered_at: datetime | None = None) -> bool:
        """Forgets the session's device, as it was registered at that time; false when there is none."""
        query: Document = {"_id": session_id}
        if registered_at is not None:
            query["registered_at"] = registered_at
        return await self._devices.delete_many(query) > 0


def _document_of(device: PushDevice) -> Document:
    return {
        "_id": device.session_id,
        "member_id": device.member_id,
        "platform": device.platform.value,
        "token": device.token,
        "token_hash": secret_hash(f"{device.platform.value}:{device.token}"),
        "time_zone": device.time_zone,
        "registered_at": device.registered_at,
    }


def _device_from(found: dict[str, Any]) -> PushDevice:
    return PushDevice(
        session_id=found["_id"],
        member_id=found["member_id"],
        platform=PushPlatform(found["platform"]),
        token=found["token"],
        time_zone=found["time_zone"],
        registered_at=found["registered_at"],
    )
