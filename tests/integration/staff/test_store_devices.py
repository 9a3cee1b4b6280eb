"""The stores' devices: enrolled once by a code, listed, revoked."""

import asyncio
from datetime import timedelta

import pytest

from app.auth.actor import OPERATOR
from app.auth.errors import RefreshTokenInvalid
from app.auth.roles import Role
from app.services import Services
from app.shared.events import EVENTS
from app.shared.lockouts import Lockout
from app.shared.mongodb.database import Database
from app.shared.names import NameInvalid
from app.shared.paging import PageRequest
from app.shared.rate_limits import RateLimit
from app.staff import device_service, pin_tries
from app.staff.device_repository import ENROLMENT_CODES, STORE_DEVICES
from app.staff.errors import (
    DeviceNotEnrolled,
    EnrolmentCodeInvalid,
    StoreDeviceNotFound,
    TooManyEnrolmentTries,
)
from app.staff.model import StaffMember
from app.stores.errors import StoreNotFound
from app.stores.model import Store
from tests.arrangements import a_device, a_shift, a_staff_member, add_stores, on_shift
from tests.conftest import MovableClock
from tests.examples import a_store

ADDRESS = "192.0.2.1"


async def test_a_device_is_enrolled_by_a_code(
    services: Services, database: Database, store: Store, clock: MovableClock
) -> None:
    manager = await a_shift(services, Role.STORE_MANAGER, store.id)
    made = await services.store_devices.create_enrolment_code(manager.actor, None, " Counter 2 ")
    assert (made.store_id, made.expires_at) == (store.id, clock.now() + timedelta(minutes=15))
    device, token = await services.store_devices.enrol(made.code.lower().replace("-", " "), ADDRESS)
    assert (device.store_id, device.name, device.enrolled_by) == (store.id, "Counter 2", manager.member.id)
    assert await services.store_devices.get(device.id) == device
    kept = str(await database.collection(STORE_DEVICES).find({}))
    assert token not in kept
    event = await database.collection(EVENTS).find_one({"subject": f"device:{device.id}"})
    assert event is not None
    assert event["type"] == "DeviceEnrolled"
    assert event["data"] == {"store_id": store.id, "name": "Counter 2", "by": manager.member.id}


async def test_a_code_is_kept_as_a_hash_and_works_once(services: Services, database: Database) -> None:
    made = await services.store_devices.create_enrolment_code(OPERATOR, None, "Office")
    kept = str(await database.collection(ENROLMENT_CODES).find({}))
    assert made.code not in kept
    assert made.code.replace("-", "") not in kept
    await services.store_devices.enrol(made.code, ADDRESS)
    with pytest.raises(EnrolmentCodeInvalid):
        await services.store_devices.enrol(made.code, ADDRESS)


async def test_64_uses_of_one_code_at_once_enrol_one_device(services: Services, database: Database) -> None:
    made = await services.store_devices.create_enrolment_code(OPERATOR, None, "Office")

    async def enrol(number: int) -> str:
        try:
            await services.store_devices.enrol(made.code, f"192.0.2.{number}")
        except EnrolmentCodeInvalid:
            return "refused"
        return "enrolled"

    outcomes = await asyncio.gather(*(enrol(number) for number in range(64)))
    assert (outcomes.count("enrolled"), outcomes.count("refused")) == (1, 63)
    assert await database.collection(STORE_DEVICES).count({}) == 1


async def test_a_code_expires_after_15_minutes(services: Services, clock: MovableClock) -> None:
    made = await services.store_devices.create_enrolment_code(OPERATOR, None, "Office")
    clock.advance(timedelta(minutes=15))
    with pytest.raises(EnrolmentCodeInvalid):
        await services.store_devices.enrol(made.code, ADDRESS)


async def test_who_guesses_codes_must_wait(
    services: Services, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_service, "ENROLMENT_TRIES", RateLimit("enrolment", 3, timedelta(minutes=10)))
    made = await services.store_devices.create_enrolment_code(OPERATOR, None, "Office")
    for wrong in ("7KQ2-M9XA-H3TF", "", "x" * 60_000):
        with pytest.raises(EnrolmentCodeInvalid):
            await services.store_devices.enrol(wrong, ADDRESS)
    with pytest.raises(TooManyEnrolmentTries) as refused:
        await services.store_devices.enrol(made.code, ADDRESS)
    assert refused.value.numbers == {"wait_seconds": 600}
    clock.advance(timedelta(minutes=10))
    await services.store_devices.enrol(made.code, ADDRESS)


async def test_wrong_codes_keep_no_store_from_enrolling(services: Services) -> None:
    made = await services.store_devices.create_enrolment_code(OPERATOR, None, "Office")
    for _ in range(99):
        with pytest.raises(EnrolmentCodeInvalid):
            await services.store_devices.enrol("7KQ2-M9XA-H3TF", ADDRESS)
    await services.store_devices.enrol(made.code, ADDRESS)


async def test_a_manager_makes_codes_for_her_own_store_only(services: Services, database: Database) -> None:
    store, other = a_store(), a_store()
    await add_stores(database, store, other)
    manager = (await a_shift(services, Role.STORE_MANAGER, store.id)).actor
    for place in (other.id, "nowhere"):
        with pytest.raises(StoreNotFound):
            await services.store_devices.create_enrolment_code(manager, place, "Counter")
    for role in (Role.COUNTER, Role.FLOOR):
        clerk = (await a_shift(services, role, store.id)).actor
        with pytest.raises(StoreNotFound):
            await services.store_devices.create_enrolment_code(clerk, store.id, "Counter")
    headquarters = (await a_shift(services, Role.HEADQUARTERS)).actor
    for place in (store.id, other.id, None):
        made = await services.store_devices.create_enrolment_code(headquarters, place, "Counter")
        assert made.store_id == place
    with pytest.raises(StoreNotFound):
        await services.store_devices.create_enrolment_code(headquarters, "nowhere", "Counter")
    with pytest.raises(NameInvalid):
        await services.store_devices.create_enrolment_code(manager, None, "x" * 41)


async def test_devices_are_listed_for_their_managers(services: Services, database: Database) -> None:
    store, other = a_store(), a_store()
    await add_stores(database, store, other)
    for number in range(3):
        await a_device(services, store.id, f"Counter {number}")
    await a_device(services, other.id, "Elsewhere")
    manager = await a_shift(services, Role.STORE_MANAGER, store.id)

    async def names(place: str | None, first: int = 100, after: str | None = None) -> list[str]:
        page = await services.store_devices.page(manager.actor, place, PageRequest(first, after))
        return [device.name for device, _ in page.items]

    assert await names(None) == await names(store.id) == ["Counter 0", "Counter 1", "Counter 2", "Counter 1"]
    first = await services.store_devices.page(manager.actor, None, PageRequest(1))
    assert first.has_next
    assert await names(None, 1, first.items[0][1]) == ["Counter 1"]
    with pytest.raises(StoreNotFound):
        await names(other.id)
    headquarters = (await a_shift(services, Role.HEADQUARTERS)).actor
    everywhere = await services.store_devices.page(headquarters, None, PageRequest(100))
    assert len(everywhere.items) == 6
    assert [device.id for device, _ in everywhere.items] == [
        device.id for device in await services.store_devices.all()
    ]


async def test_a_device_that_is_revoked_lets_nobody_in(
    services: Services, database: Database, store: Store
) -> None:
    shift = await a_shift(services, Role.COUNTER, store.id)
    manager = await a_shift(services, Role.STORE_MANAGER, store.id)
    await services.store_devices.revoke(manager.actor, shift.actor.device_id)
    assert not await services.sessions.is_live(shift.actor.session_id)
    assert await services.sessions.is_live(manager.actor.session_id)
    with pytest.raises(DeviceNotEnrolled):
        await on_shift(services, shift.member, shift.device_token)
    with pytest.raises(StoreDeviceNotFound):
        await services.store_devices.revoke(manager.actor, shift.actor.device_id)
    event = await database.collection(EVENTS).find_one({"type": "DeviceRevoked"})
    assert event is not None
    assert event["data"]["by"] == manager.member.id


async def test_a_manager_revokes_devices_of_her_own_store_only(
    services: Services, database: Database
) -> None:
    store, other = a_store(), a_store()
    await add_stores(database, store, other)
    victim = await a_shift(services, Role.COUNTER, other.id)
    office = await a_shift(services, Role.HEADQUARTERS)
    manager = (await a_shift(services, Role.STORE_MANAGER, store.id)).actor
    for device_id in (victim.actor.device_id, office.actor.device_id, "none"):
        with pytest.raises(StoreDeviceNotFound):
            await services.store_devices.revoke(manager, device_id)
    assert await services.sessions.is_live(victim.actor.session_id)
    await services.store_devices.revoke(office.actor, victim.actor.device_id)
    assert not await services.sessions.is_live(victim.actor.session_id)


@pytest.mark.parametrize("head_start", [0.0, 0.005, 0.01, 0.02])
async def test_a_device_that_is_revoked_while_staff_sign_in_keeps_no_session(
    services: Services, store: Store, head_start: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pin_tries, "DEVICE_TRIES", Lockout("device", 100))
    token = await a_device(services, store.id)
    (device,) = await services.store_devices.all()
    members = [await a_staff_member(services, Role.COUNTER, store.id) for _ in range(32)]

    async def sign_in(member: StaffMember) -> str:
        try:
            return (await on_shift(services, member, token)).refresh_token
        except DeviceNotEnrolled:
            return ""

    async def revoke() -> None:
        await asyncio.sleep(head_start)
        await services.store_devices.revoke(OPERATOR, device.id)

    *refresh_tokens, _ = await asyncio.gather(*map(sign_in, members), revoke())
    for refresh_token in filter(None, refresh_tokens):
        with pytest.raises(RefreshTokenInvalid):
            await services.sessions.refresh(refresh_token)
