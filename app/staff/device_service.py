"""What can be done with the stores' devices: enrol them by a code, list them, revoke them."""

import secrets
from dataclasses import replace
from datetime import timedelta

from app.auth.actor import Manager
from app.auth.roles import Role
from app.auth.session_service import SessionService
from app.shared.clock import Clock
from app.shared.events import Event, EventLog
from app.shared.hashing import secret_hash
from app.shared.idempotency import Idempotency, IdempotentRequest
from app.shared.ids import new_id
from app.shared.mongodb.database import Database, Document, Session
from app.shared.names import require_name
from app.shared.paging import Page, PageRequest
from app.shared.rate_limits import RateLimit, RateLimits
from app.staff.device_repository import StoreDeviceRepository
from app.staff.errors import EnrolmentCodeInvalid, StoreDeviceNotFound, TooManyEnrolmentTries
from app.staff.model import EnrolmentCode, StoreDevice
from app.staff.rules import ENROLMENT_CODE_LIFETIME, new_enrolment_code, normal_enrolment_code
from app.stores.errors import StoreNotFound
from app.stores.service import StoreService

# By network, which a store's devices share: a code has so many random bits that guessing it is no danger.
ENROLMENT_TRIES = RateLimit("enrolment-tries", 100, timedelta(hours=1))


class StoreDeviceService:
    """The use cases of the stores' devices.

    What a manager does raises Unauthenticated when her session has ended. What takes a request is done once
    for it; asked again, it tells the same secret for ten minutes, and then raises SecretToldAlready.
    """

    def __init__(
        self,
        database: Database,
        sessions: SessionService,
        stores: StoreService,
        limits: RateLimits,
        idempotency: Idempotency,
        events: EventLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._devices = StoreDeviceRepository(database)
        self._sessions = sessions
        self._stores = stores
        self._limits = limits
        self._idempotency = idempotency
        self._events = events
        self._clock = clock

    async def get(self, device_id: str) -> StoreDevice | None:
        return await self._devices.get(device_id)

    async def all(self) -> list[StoreDevice]:
        """All devices, the oldest first; a retailer has thousands."""
        return await self._devices.all()

    async def page(self, manager: Manager, store_id: str | None, request: PageRequest) -> Page[StoreDevice]:
        """The devices of a store; without one, the manager's own store's, or for headquarters all.

        Raises StoreNotFound for a store that is not the manager's.
        """
        return await self._devices.page(managed_store(manager, store_id, ["storeId"]), request)

    async def create_enrolment_code(
        self,
        manager: Manager,
        store_id: str | None,
        device_name: str,
        request: IdempotentRequest | None = None,
    ) -> EnrolmentCode:
        """A code that enrols one device within 15 minutes, shown this once. Without a store it is for the
        manager's own, and for headquarters itself.

        Raises NameInvalid, and StoreNotFound for a store that is not the manager's.
        """
        path = ["input", "storeId"]
        place = managed_store(manager, store_id, path)
        made = EnrolmentCode(
            code=new_enrolment_code(),
            store_id=place,
            device_name=require_name(device_name, ["input", "deviceName"]),
            made_by=manager.staff_id,
            expires_at=self._clock.now() + ENROLMENT_CODE_LIFETIME,
        )
        normal_code = normal_enrolment_code(made.code) or ""

        async def act(session: Session) -> Document:
            await self._sessions.require_living(manager, session)
            if place is not None:
                await self._stores.require(place, path, session)
            await self._devices.add_code(made, normal_code, session)
            return {"expires_at": made.expires_at}

        done, told = await self._idempotency.once_with_secret(request, made.code, act)
        return replace(made, code=told, expires_at=done["expires_at"])

    async def enrol(
        self, code: str, network: str, idempotency_key: str | None = None
    ) -> tuple[StoreDevice, str]:
        """The device that the code is for, and its token: a secret that it is told this once, or again within
        ten minutes with the same code and idempotency key.

        Raises EnrolmentCodeInvalid, or TooManyEnrolmentTries after 100 tries from this network in an hour.
        """
        wait = await self._limits.take(ENROLMENT_TRIES, network)
        if wait:
            raise TooManyEnrolmentTries(wait_seconds=wait)
        normal_code = normal_enrolment_code(code)
        if normal_code is None:
            raise EnrolmentCodeInvalid(path=["input", "code"])
        secret = secrets.token_urlsafe(32)
        # Nobody knows who asks: whoever has the code is one caller.
        caller = f"enrolment:{secret_hash(normal_code)}"
        request = IdempotentRequest.of(caller, "enrolDevice", idempotency_key, {})

        async def act(session: Session) -> Document:
            now = self._clock.now()
            taken = await self._devices.take_code(normal_code, now, session)
            if taken is None:
                raise EnrolmentCodeInvalid(path=["input", "code"])
            device = StoreDevice(new_id(), taken.store_id, taken.device_name, now, taken.made_by)
            await self._devices.add(device, secret, session)
            await self._tell("DeviceEnrolled", device, taken.made_by, session)
            return {"device_id": device.id}

        enrolled, token = await self._idempotency.once_with_secret(request, secret, act)
        device = await self._devices.get(enrolled["device_id"])
        if device is None:
            raise EnrolmentCodeInvalid(path=["input", "code"])
        return device, token

    async def revoke(self, manager: Manager, device_id: str) -> StoreDevice:
        """Ends a device with all sessions on it: their tokens are dead here at once, elsewhere within 30 s.

        Raises StoreDeviceNotFound, also for a device that is not the manager's.
        """

        async def act(session: Session) -> StoreDevice:
            await self._sessions.require_living(manager, session)
            device = await self._devices.get(device_id, session)
            if device is None or not manager.manages(device.store_id):
                raise StoreDeviceNotFound(path=["input", "deviceId"])
            if not await self._devices.remove(device_id, session):
                raise StoreDeviceNotFound(path=["input", "deviceId"])
            await self._sessions.end_all_of_device(device_id, session)
            await self._tell("DeviceRevoked", device, manager.staff_id, session)
            return device

        device = await self._database.transaction(act)
        self._sessions.forget_all()
        return device

    async def _tell(self, what: str, device: StoreDevice, by: str | None, session: Session) -> None:
        data = {"store_id": device.store_id, "name": device.name, "by": by}
        await self._events.append(Event(what, f"device:{device.id}", self._clock.now(), data), session)


def managed_store(manager: Manager, store_id: str | None, path: list[str]) -> str | None:
    """The store that is meant: the one that is named, or else the manager's own; None at headquarters.

    Raises StoreNotFound for a store that is not the manager's: it looks as if it were not there.
    """
    if store_id is None and manager.role is not Role.HEADQUARTERS:
        store_id = manager.store_id
    if not manager.manages(store_id):
        raise StoreNotFound(path=path)
    return store_id
