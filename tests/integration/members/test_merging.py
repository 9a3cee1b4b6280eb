"""Merging a guest into the member that she turns out to be: once, whole, and without profit."""

import asyncio
from datetime import timedelta

import pytest

from app.auth.actor import MemberActor
from app.auth.sessions import SESSIONS
from app.check_ins.model import CheckIn
from app.check_ins.repository import CHECK_INS, IS_ACCEPTED
from app.members.model import ProfileUpdate
from app.members.repository import MEMBERS
from app.points.audit import audit
from app.points.errors import PointAccountClosed
from app.points.model import PointEntryKind, PointReason
from app.points.repository import POINT_ENTRIES
from app.services import Services
from app.shared.errors import Refusal, Unauthenticated
from app.shared.events import EVENTS
from app.shared.i18n import Language
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from app.sign_in.model import CodeGiven, GuestMerge
from app.sign_in.repository import GUEST_MERGES
from app.stores.model import Store
from tests.arrangements import A_NETWORK, a_code, a_member, add_stores
from tests.conftest import MovableClock
from tests.examples import a_request, a_store, north_of
from tests.webhook_arrangements import machinery

HANA = "hana@example.com"
PHONE = "the-phone-of-a-guest-0001"


@pytest.fixture
async def stores(database: Database) -> list[Store]:
    """Ten stores in one street, 50 m from each other."""
    stores = [a_store() for _ in range(10)]
    stores = [
        a_store(id=each.id, code=each.code, location=north_of(each.location, 50.0 * number))
        for number, each in enumerate(stores)
    ]
    await add_stores(database, *stores)
    return stores


@pytest.fixture
async def hana(services: Services) -> str:
    return await a_member(services, HANA)


async def a_guest_on(services: Services, device_id: str = PHONE) -> MemberActor:
    registered = await services.members.register_guest(device_id, None, Language.JA, A_NETWORK)
    device = (await services.sessions.of_member(registered.member.id))[0]
    return MemberActor(registered.member.id, device.id, Language.JA)


async def visit(services: Services, member_id: str, store: Store) -> CheckIn:
    return (await services.check_ins.check_in(member_id, a_request(store, services.clock.now()))).check_in


async def merge(services: Services, actor: MemberActor, destination: str = HANA) -> GuestMerge:
    signed_in = await services.sign_in.sign_in(await a_code(services, destination), None, Language.JA, actor)
    assert signed_in.merge is not None
    return signed_in.merge


async def balance(services: Services, member_id: str) -> int:
    return (await services.points.account(member_id)).balance


async def require_sound_ledger(database: Database) -> None:
    assert [account.faults async for account in audit(database) if account.faults] == []


async def test_points_visits_and_favourites_become_the_members(
    services: Services, database: Database, stores: list[Store], hana: str, clock: MovableClock
) -> None:
    actor = await a_guest_on(services)
    first = await visit(services, actor.member_id, stores[0])
    clock.advance(timedelta(minutes=10))
    second = await visit(services, hana, stores[1])
    clock.advance(timedelta(minutes=10))
    third = await visit(services, actor.member_id, stores[2])
    await services.members.update_profile(hana, ProfileUpdate(favourite_store_ids=(stores[0].id,)))
    await services.members.update_profile(
        actor.member_id,
        ProfileUpdate(
            favourite_store_ids=(stores[1].id, stores[0].id), favourite_categories=("pens",), nickname="G"
        ),
    )
    merged = await merge(services, actor)
    assert (merged.points_moved, merged.points_withdrawn) == (20, 0)
    assert (merged.check_ins_moved, merged.check_ins_declined) == (2, 0)
    member = await services.members.get(hana)
    assert member is not None
    assert member.profile.favourite_store_ids == (stores[0].id, stores[1].id)
    assert (member.profile.favourite_categories, member.profile.nickname) == (("pens",), None)
    page = await services.check_ins.of_member(hana, PageRequest())
    assert [(each.id, each.seq) for each, _ in page.items] == [(third.id, 3), (second.id, 2), (first.id, 1)]
    assert await balance(services, hana) == 30
    assert await balance(services, actor.member_id) == 0
    entries = (await services.points.entries(hana, PageRequest())).items
    assert (entries[0][0].kind, entries[0][0].amount) == (PointEntryKind.TRANSFER, 20)
    await require_sound_ledger(database)
    (event,) = await database.collection(EVENTS).find({"type": "GuestMerged"})
    assert (event["subject"], event["data"]["guest_id"]) == (f"member:{hana}", actor.member_id)
    clock.advance(timedelta(minutes=10))
    assert (await visit(services, hana, stores[3])).seq == 4


async def test_points_keep_their_expiry(
    services: Services, stores: list[Store], hana: str, clock: MovableClock
) -> None:
    actor = await a_guest_on(services)
    await visit(services, actor.member_id, stores[0])
    clock.advance(timedelta(days=40))
    await visit(services, actor.member_id, stores[0])
    lots = (await services.points.account(actor.member_id)).lots
    assert len(lots) == 2
    await merge(services, actor)
    assert (await services.points.account(hana)).lots == lots


async def test_what_a_guests_visit_tells_is_told_after_it_is_another_members(
    services: Services, database: Database, stores: list[Store], hana: str
) -> None:
    """The check-in carries its event still, and keeps it on its way."""
    actor = await a_guest_on(services)
    check_in = await visit(services, actor.member_id, stores[0])
    await merge(services, actor)
    moved = await services.check_ins.get(check_in.id)
    assert moved is not None
    assert moved.member_id == hana
    await machinery(services).dispatch.dispatch()
    types = ["CheckedIn", "GuestMerged"]
    told = await database.collection(EVENTS).find({"type": {"$in": types}}, sort=[("seq", 1)])
    assert [(each["type"], each["subject"]) for each in told] == [
        ("CheckedIn", f"member:{actor.member_id}"),
        ("GuestMerged", f"member:{hana}"),
    ]
    assert told[0]["data"]["check_in_id"] == check_in.id


async def test_being_two_does_not_pay(
    services: Services, database: Database, stores: list[Store], hana: str
) -> None:
    """Ten phones, each a guest who visits the same store today, and each merged into one member."""
    await visit(services, hana, stores[0])
    for number in range(4):
        actor = await a_guest_on(services, f"the-phone-of-a-guest-{number:04}")
        await visit(services, actor.member_id, stores[0])
        await visit(services, actor.member_id, stores[1 + number])
        merged = await merge(services, actor)
        assert (merged.points_moved, merged.points_withdrawn) == (10, 10)
        assert (merged.check_ins_moved, merged.check_ins_declined) == (1, 1)
    assert await balance(services, hana) == 50
    await services.sessions.end_all(hana)
    assert await database.collection(CHECK_INS).count({"member_id": hana}) == 5
    await require_sound_ledger(database)
    withdrawn = await database.collection(POINT_ENTRIES).find(
        {"reason": PointReason.VISIT_COUNTED_ALREADY.value}
    )
    assert [entry["amount"] for entry in withdrawn] == [-10] * 4


async def test_the_same_phone_is_another_guest_afterwards(services: Services, hana: str) -> None:
    actor = await a_guest_on(services)
    await merge(services, actor)
    another = await a_guest_on(services)
    assert another.member_id not in {actor.member_id, hana}


async def test_the_guests_tokens_die(services: Services, database: Database, hana: str) -> None:
    actor = await a_guest_on(services)
    assert await services.sessions.is_live(actor.session_id)
    await merge(services, actor)
    assert not await services.sessions.is_live(actor.session_id)
    assert await database.collection(SESSIONS).count({"member_id": actor.member_id}) == 0


async def test_a_merged_guest_gets_nothing_more(services: Services, stores: list[Store], hana: str) -> None:
    """Another process may take her token for 30 s."""
    actor = await a_guest_on(services)
    await merge(services, actor)
    with pytest.raises(PointAccountClosed):
        await visit(services, actor.member_id, stores[0])
    code = await a_code(services, "new@example.com")
    with pytest.raises(Unauthenticated):
        await services.sign_in.sign_in(code, None, Language.JA, actor)


async def test_a_merge_happens_once_whoever_tries(
    services: Services, database: Database, stores: list[Store], hana: str
) -> None:
    """Eight codes for two members given at once with one guest's token, while she checks in."""
    ken = await a_member(services, "ken@example.com")
    actor = await a_guest_on(services)
    await visit(services, actor.member_id, stores[0])
    codes = [await a_code(services, name) for name in (HANA, "ken@example.com") for _ in range(4)]

    async def give(given: CodeGiven) -> str:
        try:
            signed_in = await services.sign_in.sign_in(given, None, Language.JA, actor)
        except (Refusal, Unauthenticated):
            return "out"
        return "merged" if signed_in.merge else "signed in"

    async def use(store: Store) -> str:
        try:
            await visit(services, actor.member_id, store)
        except Refusal as refusal:
            return refusal.code
        return "visited"

    async def come_back() -> str:
        await services.members.register_guest(PHONE, None, Language.JA, A_NETWORK)
        return "back"

    results = await asyncio.gather(
        *map(give, codes), *(use(store) for store in stores[1:5] * 4), *(come_back() for _ in range(8))
    )
    assert results.count("merged") == 1
    assert results.count("signed in") == 0
    visits = 1 + results.count("visited")
    (record,) = await database.collection(GUEST_MERGES).find({})
    assert record["_id"] == actor.member_id
    assert record["check_ins_moved"] + record["check_ins_declined"] == visits
    assert record["points_moved"] + record["points_withdrawn"] == 10 * visits
    assert await balance(services, hana) + await balance(services, ken) == record["points_moved"]
    assert await database.collection(SESSIONS).count({"member_id": actor.member_id}) == 0
    (guest,) = await database.collection(MEMBERS).find({"_id": actor.member_id})
    assert guest["merged_into"] == record["member_id"]
    await require_sound_ledger(database)


async def test_a_member_who_checks_in_meanwhile_is_paid_once_a_store_day(
    services: Services, database: Database, stores: list[Store], hana: str
) -> None:
    actor = await a_guest_on(services)
    for store in stores[:3]:
        await visit(services, actor.member_id, store)

    async def use(store: Store) -> None:
        try:
            await visit(services, hana, store)
        except Refusal:
            return

    await asyncio.gather(merge(services, actor), *(use(store) for store in stores[:8] * 4))
    check_ins = await database.collection(CHECK_INS).find(
        {"member_id": hana, **IS_ACCEPTED}, sort=[("seq", 1)]
    )
    assert [each["seq"] for each in check_ins] == [1, 2, 3, 4, 5]
    assert len({each["store_id"] for each in check_ins}) == 5
    assert await balance(services, hana) == 50
    await require_sound_ledger(database)


async def test_an_abandoned_merge_leaves_both_as_they_were(
    services: Services, database: Database, stores: list[Store], hana: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash at the last step of the transaction."""
    actor = await a_guest_on(services)
    await visit(services, actor.member_id, stores[0])
    given = await a_code(services, HANA)

    async def crash(*_: object, **__: object) -> None:
        raise RuntimeError("the power fails")

    with monkeypatch.context() as patch:
        patch.setattr(services.sessions, "open", crash)
        with pytest.raises(RuntimeError):
            await services.sign_in.sign_in(given, None, Language.JA, actor)
    assert await database.collection(GUEST_MERGES).count({}) == 0
    assert await services.sessions.is_live(actor.session_id)
    assert (await balance(services, actor.member_id), await balance(services, hana)) == (10, 0)
    signed_in = await services.sign_in.sign_in(given, None, Language.JA, actor)
    assert signed_in.merge is not None
    assert (await balance(services, actor.member_id), await balance(services, hana)) == (0, 10)
