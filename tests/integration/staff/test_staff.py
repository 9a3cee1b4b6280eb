"""Staff: added, listed, looked after and let go."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.auth.actor import OPERATOR
from app.auth.errors import RefreshTokenInvalid
from app.auth.roles import Role
from app.composition import build_services
from app.services import Services
from app.shared.errors import SeveralRefusals
from app.shared.events import EVENTS
from app.shared.lockouts import Lockout
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from app.shared.settings.model import Settings
from app.staff import pin_tries
from app.staff.errors import (
    EnrolmentCodeInvalid,
    PinInvalid,
    RoleNotAllowed,
    StaffCodeTaken,
    StaffMemberNotFound,
    StaffSignInFailed,
)
from app.staff.model import NewStaffMember
from app.staff.repository import STAFF
from app.stores.errors import StoreNotFound
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

MORI = NewStaffMember("MORI", "森", Role.COUNTER, None, PIN, "ja")


async def test_ends_count_here_at_once_and_elsewhere_in_30_seconds(
    services: Services, database: Database, settings: Settings, store: Store, clock: MovableClock
) -> None:
    elsewhere = build_services(settings, database, clock)
    revoked = await a_shift(services, Role.COUNTER, store.id)
    removed = await a_shift(services, Role.COUNTER, store.id)
    stays = await a_shift(services, Role.COUNTER, store.id)
    for shift in (revoked, removed, stays):
        assert await services.sessions.is_live(shift.actor.session_id)
        assert await elsewhere.sessions.is_live(shift.actor.session_id)
    await services.store_devices.revoke(OPERATOR, revoked.actor.device_id)
    await services.staff.remove(OPERATOR, removed.member.id)
    for shift in (revoked, removed):
        assert not await services.sessions.is_live(shift.actor.session_id)
    clock.advance(timedelta(seconds=30))
    for shift in (revoked, removed):
        assert not await elsewhere.sessions.is_live(shift.actor.session_id)
    assert await elsewhere.sessions.is_live(stays.actor.session_id)


@pytest.mark.parametrize("head_start", [0.0, 0.005, 0.01, 0.02])
async def test_who_is_removed_while_she_signs_in_keeps_no_session(
    services: Services, store: Store, head_start: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pin_tries, "CODE_TRIES", Lockout("staff-code", 100))
    member = await a_staff_member(services, Role.COUNTER, store.id)
    tokens = [await a_device(services, store.id) for _ in range(32)]

    async def sign_in(token: str) -> str:
        try:
            return (await on_shift(services, member, token)).refresh_token
        except StaffSignInFailed:
            return ""

    async def remove() -> None:
        await asyncio.sleep(head_start)
        await services.staff.remove(OPERATOR, member.id)

    *refresh_tokens, _ = await asyncio.gather(*map(sign_in, tokens), remove())
    for refresh_token in filter(None, refresh_tokens):
        with pytest.raises(RefreshTokenInvalid):
            await services.sessions.refresh(refresh_token)


async def test_who_is_let_go_is_gone_with_the_codes_she_made(
    services: Services, database: Database, store: Store
) -> None:
    manager = await a_shift(services, Role.STORE_MANAGER, store.id)
    made = await services.store_devices.create_enrolment_code(manager.actor, None, "Counter")
    await services.staff.remove(OPERATOR, manager.member.id)
    with pytest.raises(EnrolmentCodeInvalid):
        await services.store_devices.enrol(made.code, "192.0.2.1")
    assert (
        await signing_in(services, manager.device_token, manager.member.code, PIN) == "STAFF_SIGN_IN_FAILED"
    )
    with pytest.raises(StaffMemberNotFound):
        await services.staff.remove(OPERATOR, manager.member.id)
    event = await database.collection(EVENTS).find_one({"type": "StaffMemberRemoved"})
    assert event is not None
    assert event["data"]["by"] is None


async def test_all_that_is_wrong_is_said_at_once(services: Services) -> None:
    wrong = NewStaffMember("x", " ", Role.COUNTER, None, "123456", "fr")
    with pytest.raises(SeveralRefusals) as refused:
        await services.staff.add(OPERATOR, wrong)
    assert [each.code for each in refused.value.refusals] == [
        "STAFF_CODE_INVALID",
        "NAME_INVALID",
        "LOCALE_UNKNOWN",
        "PIN_INVALID",
        "ROLE_STORE_MISMATCH",
    ]


async def test_32_who_want_one_code_get_one(services: Services, store: Store, database: Database) -> None:
    new = replace(MORI, store_id=store.id)

    async def add() -> str:
        try:
            await services.staff.add(OPERATOR, new)
        except StaffCodeTaken:
            return "taken"
        return "added"

    outcomes = await asyncio.gather(*(add() for _ in range(32)))
    assert (outcomes.count("added"), outcomes.count("taken")) == (1, 31)
    assert await database.collection(STAFF).count({}) == 1


async def test_a_manager_adds_counter_and_floor_at_her_own_store(
    services: Services, database: Database
) -> None:
    store, other = a_store(), a_store()
    await add_stores(database, store, other)
    manager = (await a_shift(services, Role.STORE_MANAGER, store.id)).actor
    added = [
        await services.staff.add(manager, replace(MORI, code=f"MORI{role.value[0]}", role=role))
        for role in (Role.COUNTER, Role.FLOOR)
    ]
    assert [member.store_id for member in added] == [store.id] * 2
    for new, code in (
        (replace(MORI, role=Role.STORE_MANAGER), "ROLE_NOT_ALLOWED"),
        (replace(MORI, role=Role.HEADQUARTERS), "ROLE_NOT_ALLOWED"),
        (replace(MORI, store_id=other.id), "STORE_NOT_FOUND"),
        (replace(MORI, store_id="nowhere"), "STORE_NOT_FOUND"),
    ):
        with pytest.raises(SeveralRefusals) as refused:
            await services.staff.add(manager, new)
        assert [each.code for each in refused.value.refusals] == [code]
    clerk = (await a_shift(services, Role.COUNTER, store.id)).actor
    with pytest.raises(SeveralRefusals):
        await services.staff.add(clerk, replace(MORI, store_id=store.id))
    headquarters = (await a_shift(services, Role.HEADQUARTERS)).actor
    for number, (role, place) in enumerate(
        [(Role.STORE_MANAGER, other.id), (Role.FLOOR, store.id), (Role.HEADQUARTERS, None)]
    ):
        await services.staff.add(headquarters, replace(MORI, code=f"HQ{number}00", role=role, store_id=place))
    with pytest.raises(StoreNotFound):
        await services.staff.add(headquarters, replace(MORI, store_id="nowhere"))


async def test_a_manager_looks_after_her_own_and_nobody_else(services: Services, database: Database) -> None:
    store, other = a_store(), a_store()
    await add_stores(database, store, other)
    manager = await a_shift(services, Role.STORE_MANAGER, store.id)
    clerk = await a_shift(services, Role.COUNTER, store.id)
    stranger = await a_shift(services, Role.COUNTER, other.id)
    director = await a_staff_member(services, Role.HEADQUARTERS)
    for staff_id, refusal in (
        (stranger.member.id, StaffMemberNotFound),
        (director.id, StaffMemberNotFound),
        ("none", StaffMemberNotFound),
        (manager.member.id, RoleNotAllowed),
    ):
        with pytest.raises(refusal):
            await services.staff.remove(manager.actor, staff_id)
        with pytest.raises(refusal):
            await services.staff.reset_pin(manager.actor, staff_id, NEW_PIN)
    with pytest.raises(StaffMemberNotFound):
        await services.staff.remove(clerk.actor, clerk.member.id)
    assert await services.sessions.is_live(stranger.actor.session_id)
    await services.staff.reset_pin(manager.actor, clerk.member.id, NEW_PIN)
    await services.staff.remove(manager.actor, clerk.member.id)


async def test_a_reset_pin_ends_her_sessions_and_her_wait(services: Services, store: Store) -> None:
    shift = await a_shift(services, Role.COUNTER, store.id)
    tokens = [shift.device_token, *[await a_device(services, store.id) for _ in range(4)]]
    for token in tokens:
        for _ in range(6):
            await signing_in(services, token, shift.member.code, WRONG_PIN)
    with pytest.raises(PinInvalid):
        await services.staff.reset_pin(OPERATOR, shift.member.id, "111111")
    await services.staff.reset_pin(OPERATOR, shift.member.id, NEW_PIN)
    assert not await services.sessions.is_live(shift.actor.session_id)
    assert await signing_in(services, shift.device_token, shift.member.code, PIN) == "STAFF_SIGN_IN_FAILED"
    assert await signing_in(services, shift.device_token, shift.member.code, NEW_PIN) == "signed in"
    for token in tokens:
        assert await signing_in(services, token, shift.member.code, NEW_PIN) == "signed in"


async def test_staff_are_listed_for_their_managers(services: Services, database: Database) -> None:
    store, other = a_store(), a_store()
    await add_stores(database, store, other)
    for code, place in (("CCCC", store.id), ("AAAA", store.id), ("BBBB", other.id)):
        await services.staff.add(OPERATOR, replace(MORI, code=code, store_id=place))
    manager = (await a_shift(services, Role.STORE_MANAGER, store.id)).actor
    page = await services.staff.page(manager, None, PageRequest(100))
    codes = [member.code for member, _ in page.items]
    assert codes == sorted(codes)
    assert {"AAAA", "CCCC"} < set(codes)
    assert all(member.store_id == store.id for member, _ in page.items)
    first = await services.staff.page(OPERATOR, None, PageRequest(2))
    second = await services.staff.page(OPERATOR, None, PageRequest(2, first.items[-1][1]))
    assert [member for member, _ in (*first.items, *second.items)] == (await services.staff.all())[:4]
    with pytest.raises(StoreNotFound):
        await services.staff.page(manager, other.id, PageRequest())


async def test_a_pin_is_kept_as_a_hash_and_told_to_nobody(services: Services, database: Database) -> None:
    member = await a_staff_member(services, Role.HEADQUARTERS)
    (kept,) = await database.collection(STAFF).find({})
    assert kept["pin_hash"].startswith("$argon2id$")
    assert PIN not in str(kept)
    assert "argon2" not in repr(member)
    assert "argon2" not in str(await database.collection(EVENTS).find({}))
