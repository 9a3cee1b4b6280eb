"""The stores' devices and the codes that enrol them, in MongoDB. Secrets are kept as hashes only."""

from datetime import datetime

from pymongo import IndexModel

from app.shared.hashing import secret_hash
from app.shared.mongodb.database import CollectionDefinition, Database, Document, Session
from app.shared.mongodb.documents import MOMENT, STRING, at_least, document, nullable
from app.shared.paging import Page, PageRequest, page_of
from app.staff.model import EnrolmentCode, StoreDevice

STORE_DEVICES = CollectionDefinition(
    "store_devices",
    validator=document(
        _id=STRING,
        store_id=nullable(STRING),
        name=STRING,
        secret_hash=STRING,
        enrolled_at=MOMENT,
        enrolled_by=nullable(STRING),
        last_used_at=nullable(MOMENT),
        sign_ins=at_least(0),
    ),
    indexes=[
        IndexModel([("secret_hash", 1)], unique=True),
        IndexModel([("store_id", 1), ("_id", 1)]),
    ],
)

ENROLMENT_CODES = CollectionDefinition(
    "enrolment_codes",
    validator=document(
        _id=STRING,
        store_id=nullable(STRING),
        device_name=STRING,
        made_by=nullable(STRING),
        expires_at=MOMENT,
    ),
    indexes=[
        IndexModel([("made_by", 1)]),
        IndexModel([("expires_at", 1)], expireAfterSeconds=0),
    ],
)


class StoreDeviceRepository:
    """Reads and writes the stores' devices and enrolment codes."""

    def __init__(self, database: Database) -> None:
        self._devices = database.collection(STORE_DEVICES)
        self._codes = database.collection(ENROLMENT_CODES)

    async def get(self, device_id: str, session: Session = None) -> StoreDevice | None:
        found = await self._devices.find_one({"_id": device_id}, session=session)
        return _device_from(found) if found else None

    async def by_secret(self, secret: str) -> StoreDevice | None:
        found = await self._devices.find_one({"secret_hash": secret_hash(secret)})
        return _device_from(found) if found else None

    async def all(self) -> list[StoreDevice]:
        return [_device_from(each) for each in await self._devices.find({}, sort=[("_id", 1)])]

    async def page(self, store_id: str | None, request: PageRequest) -> Page[StoreDevice]:
        """The devices of a store, or with None all of them, in the order in which they were enrolled."""
        query: Document = {} if store_id is None else {"store_id": store_id}
        position = request.position(str)
        if position is not None:
            query["_id"] = {"$gt": position[0]}
        found = await self._devices.find(query, sort=[("_id", 1)], limit=request.first + 1)
        return page_of([(_device_from(each), (each["_id"],)) for each in found], request)

    async def add(self, device: StoreDevice, secret: str, session: Session) -> None:
        await self._devices.insert_one(_document_of(device, secret), session=session)

    async def use(self, device_id: str, now: datetime, session: Session) -> bool:
        """Notes that somebody signs in on it; false when it is gone.

        Counting is a write each time, and so conflicts with whoever revokes the device at this moment:
        MongoDB leaves out a write that changes nothing.
        """
        update = {"$set": {"last_used_at": now}, "$inc": {"sign_ins": 1}}
        return (
            await self._devices.find_one_and_update({"_id": device_id}, update, session=session) is not None
        )

    async def remove(self, device_id: str, session: Session) -> bool:
        """False when there is no such device."""
        return await self._devices.delete_many({"_id": device_id}, session=session) > 0

    async def add_code(self, made: EnrolmentCode, normal_code: str, session: Session) -> None:
        await self._codes.insert_one(
            {
                "_id": secret_hash(normal_code),
                "store_id": made.store_id,
                "device_name": made.device_name,
                "made_by": made.made_by,
                "expires_at": made.expires_at,
            },
            session=session,
        )

    async def take_code(self, normal_code: str, now: datetime, session: Session) -> EnrolmentCode | None:
        """Uses the code up: one caller succeeds. None for a code that is used, expired, or never was."""
        query = {"_id": secret_hash(normal_code), "expires_at": {"$gt": now}}
        found = await self._codes.find_one_and_delete(query, session=session)
        if found is None:
            return None
        return EnrolmentCode(
            code=normal_code,
            store_id=found["store_id"],
            device_name=found["device_name"],
            made_by=found["made_by"],
            expires_at=found["expires_at"],
        )

    async def remove_codes_by(self, staff_id: str, session: Session) -> None:
        await self._codes.delete_many({"made_by": staff_id}, session=session)


def _document_of(device: StoreDevice, secret: str) -> Document:
    return {
        "_id": device.id,
        "store_id": device.store_id,
        "name": device.name,
        "secret_hash": secret_hash(secret),
        "enrolled_at": device.enrolled_at,
        "enrolled_by": device.enrolled_by,
        "last_used_at": device.last_used_at,
        "sign_ins": 0,
    }


def _device_from(found: Document) -> StoreDevice:
    return StoreDevice(
        id=found["_id"],
        store_id=found["store_id"],
        name=found["name"],
        enrolled_at=found["enrolled_at"],
        enrolled_by=found["enrolled_by"],
        last_used_at=found["last_used_at"],
    )
