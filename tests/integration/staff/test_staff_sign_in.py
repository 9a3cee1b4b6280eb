"""Staff sign in by code and PIN, are locked out, and change their PIN."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from app.auth.errors import RefreshTokenInvalid
from app.auth.roles import Role
from app.services import Services
from app.shared.events import EVENTS
from app.shared.i18n import Language
from app.shared.mongodb.database import Database
from app.shared.mongodb.reading import read_together
from app.staff.errors import (
    DeviceNotEnrolled,
    PinInvalid,
    PinWrong,
)
from app.staff.repository import STAFF
from app.stores.model import Store
from tests.arrangements import (
    NEW_PIN,
    PIN,
    WRONG_PIN,
    a_device,
    a_shift,
    a_staff_member,
    add_stores,
    on_shift,
    signing_in,
)
from tests.conftest import MovableClock
from tests.examples import a_store


async def test_staff_sign_in_on_a_device_of_their_store(
    services: Services, database: Database, store: Store, clock: MovableClock
) -> None:
    member = await a_staff_member(services, Role.FLOOR, store.id)
    token = await a_device(services, store.id)
    signed_in = await services.staff_sign_in.sign_in(token, f" {member.code.lower()} ", PIN)
    assert signed_in.member == replace(member, last_signed_in_at=clock.now())
    actor = services.access_tokens.verify(signed_in.signed_in.access_token, clock.now())
    (device,) = await services.store_devices.all()
    assert actor == await services.door.actor(f"Bearer {signed_in.signed_in.access_token}")
    assert (actor.staff_id, actor.role, actor.store_id) == (member.id, Role.FLOOR, store.id)
    assert (actor.device_id, actor.language) == (device.id, Language.EN)
    assert device.last_used_at == clock.now()
    event = await database.collection(EVENTS).find_one({"type": "StaffSignedIn"})
    assert event is not None
    assert event["data"] == {"device_id": device.id, "store_id": store.id}


async def test_a_stores_staff_sign_in_nowhere_else_and_headquarters_anywhere(
    services: Services, database: Database, store: Store
) -> None:
    other = a_store()
    await add_stores(database, other)
    tokens = [await a_device(services, place) for place in (store.id, other.id, None)]
    for role in (Role.COUNTER, Role.STORE_MANAGER):
        member = await a_staff_member(services, role, store.id)
        assert [await signing_in(services, token, member.code, PIN) for token in tokens] == [
            "signed in",
            "STAFF_SIGN_IN_FAILED",
            "STAFF_SIGN_IN_FAILED",
        ]
    director = await a_staff_member(services, Role.HEADQUARTERS)
    shifts = [await on_shift(services, director, token) for token in tokens]
    assert [shift.actor.store_id for shift in shifts] == [store.id, other.id, None]


async def test_a_shift_that_made_room_is_dead_in_its_own_process_at_once(
    services: Services, store: Store, clock: MovableClock
) -> None:
    first = await a_shift(services, Role.COUNTER, store.id)
    clock.advance(timedelta(seconds=11))
    assert await services.sessions.is_live(first.actor.session_id)
    await on_shift(services, first.member, first.device_token)
    assert not await services.sessions.is_live(first.actor.session_id)


@pytest.mark.parametrize("pin", ["", "62047", "x" * 60_000, "６２０４７１", "620471\n", "\ud800"])
async def test_a_pin_that_is_none_is_wrong(services: Services, store: Store, pin: str) -> None:
    member = await a_staff_member(services, Role.COUNTER, store.id)
    token = await a_device(services, store.id)
    assert await signing_in(services, token, member.code, pin) == "STAFF_SIGN_IN_FAILED"


@pytest.mark.parametrize("token", ["", "x", "x" * 60_000, "あ", "\ud800"])
async def test_a_device_that_is_not_enrolled_lets_nobody_in(services: Services, token: str) -> None:
    member = await a_staff_member(services, Role.HEADQUARTERS)
    with pytest.raises(DeviceNotEnrolled):
        await on_shift(services, member, token)


async def test_a_hash_of_other_parameters_is_made_anew(
    services: Services, database: Database, store: Store
) -> None:
    member = await a_staff_member(services, Role.COUNTER, store.id)
    token = await a_device(services, store.id)
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PIN)
    staff = database.collection(STAFF)
    await staff.find_one_and_update({"_id": member.id}, {"$set": {"pin_hash": old}})
    for _ in range(2):
        await on_shift(services, member, token)
    (kept,) = await staff.find({})
    assert kept["pin_hash"] != old
    assert PasswordHasher().verify(kept["pin_hash"], PIN)


async def test_a_shift_lasts_12_hours_whatever_is_done_in_it(
    services: Services, store: Store, clock: MovableClock
) -> None:
    shift = await a_shift(services, Role.COUNTER, store.id)
    began_at, token = clock.now(), shift.refresh_token
    for _ in range(11):
        clock.advance(timedelta(hours=1))
        refreshed = await services.sessions.refresh(token)
        token = refreshed.refresh_token
        actor = await services.door.actor(f"Bearer {refreshed.access_token}")
        assert actor == shift.actor
    clock.advance(timedelta(minutes=55))
    last = await services.sessions.refresh(token)
    assert last.expires_at <= began_at + timedelta(hours=12)
    clock.advance(timedelta(minutes=5))
    with pytest.raises(RefreshTokenInvalid):
        await services.sessions.refresh(last.refresh_token)


async def test_signing_in_again_on_a_device_ends_the_session_before(
    services: Services, store: Store, clock: MovableClock
) -> None:
    first = await a_shift(services, Role.COUNTER, store.id)
    clock.advance(timedelta(seconds=11))
    elsewhere = await on_shift(services, first.member, await a_device(services, store.id))
    second = await on_shift(services, first.member, first.device_token)
    with pytest.raises(RefreshTokenInvalid):
        await services.sessions.refresh(first.refresh_token)
    for shift in (elsewhere, second):
        await services.sessions.refresh(shift.refresh_token)


async def test_whose_sign_in_is_sent_twice_at_once_is_in_by_either_answer(
    services: Services, store: Store, clock: MovableClock
) -> None:
    """The device keeps one of the two, and nobody knows which. Both end at the next sign-in."""
    token = await a_device(services, store.id)
    member = await a_staff_member(services, Role.COUNTER, store.id)
    twins = await asyncio.gather(*(on_shift(services, member, token) for _ in range(2)))
    for twin in twins:
        assert await services.sessions.is_live(twin.actor.session_id)
    clock.advance(timedelta(seconds=11))
    await on_shift(services, member, token)
    assert not any([await services.sessions.is_live(twin.actor.session_id) for twin in twins])


async def test_staff_have_no_card_and_none_of_a_members_sessions(
    services: Services, database: Database, store: Store
) -> None:
    shift = await a_shift(services, Role.COUNTER, store.id)
    session = services.sessions.reading(shift.actor.session_id)
    assert (await read_together(database, session))[session] is None
    assert await services.sessions.of_member(shift.member.id) == []


async def test_staff_change_their_pin_by_the_old_one(
    services: Services, database: Database, store: Store
) -> None:
    shift = await a_shift(services, Role.COUNTER, store.id)
    elsewhere = await on_shift(services, shift.member, await a_device(services, store.id))
    with pytest.raises(PinWrong):
        await services.staff_sign_in.change_pin(shift.actor, WRONG_PIN, NEW_PIN)
    with pytest.raises(PinInvalid):
        await services.staff_sign_in.change_pin(shift.actor, PIN, "123456")
    await services.staff_sign_in.change_pin(shift.actor, PIN, NEW_PIN)
    assert await services.sessions.is_live(shift.actor.session_id)
    assert not await services.sessions.is_live(elsewhere.actor.session_id)
    assert await signing_in(services, shift.device_token, shift.member.code, NEW_PIN) == "signed in"
    assert await database.collection(EVENTS).count({"type": "StaffPinChanged"}) == 1


async def test_of_two_changes_at_once_one_counts(services: Services, store: Store) -> None:
    shift = await a_shift(services, Role.COUNTER, store.id)

    async def change(pin: str) -> str:
        try:
            await services.staff_sign_in.change_pin(shift.actor, PIN, pin)
        except PinWrong:
            return ""
        return pin

    changed = await asyncio.gather(*(change(pin) for pin in (NEW_PIN, "305918", "471620")))
    (pin,) = filter(None, changed)
    assert await signing_in(services, shift.device_token, shift.member.code, pin) == "signed in"
