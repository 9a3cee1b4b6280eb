"""Check-ins on a real MongoDB: awarded once, refused with evidence, true under races."""

from datetime import timedelta

import pytest

from app.check_ins import errors
from app.check_ins.repository import CHECK_INS, IS_ACCEPTED, IS_REFUSED, check_in_id_of
from app.composition import build_services
from app.services import Services
from app.shared.geo import GeoPoint
from app.shared.idempotency import IdempotencyKeyReused, IdempotentRequest
from app.shared.mongodb.database import Database
from app.shared.mongodb.reading import read_together
from app.shared.paging import PageRequest
from app.shared.settings.model import Settings
from app.stores.errors import StoreNotFound
from app.stores.model import Store
from tests.arrangements import a_guest, add_stores
from tests.conftest import MovableClock
from tests.examples import UMEDA, a_request, a_store, daily, north_of
from tests.integration.visits import balance, told, try_check_in


@pytest.fixture
async def member_id(services: Services) -> str:
    return await a_guest(services)


async def test_a_visit_earns_points(
    services: Services, database: Database, store: Store, member_id: str, clock: MovableClock
) -> None:
    check_in = (await services.check_ins.check_in(member_id, a_request(store, clock.now()))).check_in
    assert check_in.points_awarded == 10
    assert check_in.point_balance == await balance(services, member_id) == 10
    assert await services.check_ins.get(check_in.id) == check_in
    page = await services.points.entries(member_id, PageRequest())
    ((entry, _),) = page.items
    assert (entry.kind, entry.amount, entry.source.store_id) == ("EARN", 10, store.id)
    (event,) = await told(services, "CheckedIn")
    assert event["data"] == {"check_in_id": check_in.id, "store_id": store.id, "points": 10}


async def test_the_second_visit_of_the_day_is_refused_with_evidence(
    services: Services, database: Database, store: Store, member_id: str, clock: MovableClock
) -> None:
    await services.check_ins.check_in(member_id, a_request(store, clock.now()))
    clock.advance(timedelta(hours=1))
    with pytest.raises(errors.AlreadyCheckedIn):
        await services.check_ins.check_in(member_id, a_request(store, clock.now(), accuracy_meters=12.0))
    (refusal,) = await database.collection(CHECK_INS).find({"member_id": member_id, **IS_REFUSED})
    assert refusal["refusal"]["code"] == "ALREADY_CHECKED_IN"
    assert refusal["store_id"] == store.id
    assert refusal["refused_at"] == clock.now()
    assert refusal["position"] == {
        "latitude": UMEDA.latitude,
        "longitude": UMEDA.longitude,
        "accuracy_meters": 12.0,
        "measured_at": clock.now(),
        "is_mock": False,
    }
    assert await balance(services, member_id) == 10


async def test_the_next_day_is_another_day(
    services: Services, store: Store, member_id: str, clock: MovableClock
) -> None:
    await services.check_ins.check_in(member_id, a_request(store, clock.now()))
    clock.advance(timedelta(hours=12))
    check_in = (await services.check_ins.check_in(member_id, a_request(store, clock.now()))).check_in
    assert (check_in.seq, check_in.point_balance) == (2, 20)


async def test_every_refusal_is_stored_with_its_numbers(
    services: Services, database: Database, store: Store, member_id: str, clock: MovableClock
) -> None:
    closed = a_store(hours=daily(60, 120))
    await add_stores(database, closed)
    now = clock.now()
    wishes = {
        "LOCATION_MISSING": a_request(store, now, point=GeoPoint(float("nan"), 0.0)),
        "LOCATION_STALE": a_request(store, now - timedelta(minutes=3)),
        "LOCATION_IN_FUTURE": a_request(store, now + timedelta(minutes=1)),
        "LOCATION_MOCKED": a_request(store, now, is_mock=True),
        "LOCATION_INACCURATE": a_request(store, now, accuracy_meters=200.0),
        "TOO_FAR_FROM_STORE": a_request(store, now, point=north_of(UMEDA, 2999.5)),
        "STORE_CLOSED": a_request(closed, now),
        "STORE_NOT_FOUND": a_request(a_store(), now),
    }
    for code, wish in wishes.items():
        assert await try_check_in(services, member_id, wish) == code
    stored = await database.collection(CHECK_INS).find({"member_id": member_id, **IS_REFUSED})
    assert sorted(each["refusal"]["code"] for each in stored) == sorted(wishes)
    by_code = {each["refusal"]["code"]: each["refusal"] for each in stored}
    assert by_code["TOO_FAR_FROM_STORE"]["numbers"] == {"distance_meters": 3000, "allowed_meters": 160}
    assert await database.collection(CHECK_INS).count(IS_ACCEPTED) == 0
    assert await balance(services, member_id) == 0


async def test_a_lost_answer_can_be_asked_for_again(
    services: Services, store: Store, member_id: str, clock: MovableClock
) -> None:
    request = a_request(store, clock.now())
    first = (await services.check_ins.check_in(member_id, request)).check_in
    clock.advance(timedelta(minutes=30))
    assert (await services.check_ins.check_in(member_id, request)).check_in == first
    assert await balance(services, member_id) == 10


async def test_a_lost_refusal_can_be_asked_for_again(
    services: Services, database: Database, store: Store, member_id: str, clock: MovableClock
) -> None:
    request = a_request(store, clock.now(), accuracy_meters=200.0)
    for _ in range(3):
        with pytest.raises(errors.LocationInaccurate):
            await services.check_ins.check_in(member_id, request)
        clock.advance(timedelta(minutes=30))
    assert await database.collection(CHECK_INS).count(IS_REFUSED) == 1


async def test_a_key_cannot_be_used_for_another_place(
    services: Services, store: Store, member_id: str, clock: MovableClock
) -> None:
    await services.check_ins.check_in(member_id, a_request(store, clock.now(), "key-00000001"))
    moved = a_request(store, clock.now(), "key-00000001", point=north_of(UMEDA, 10))
    with pytest.raises(IdempotencyKeyReused):
        await services.check_ins.check_in(member_id, moved)


async def test_a_key_is_the_members_own(
    services: Services, store: Store, member_id: str, clock: MovableClock
) -> None:
    other_id = await a_guest(services)
    mine = (
        await services.check_ins.check_in(member_id, a_request(store, clock.now(), "key-00000001"))
    ).check_in
    hers = (
        await services.check_ins.check_in(other_id, a_request(store, clock.now(), "key-00000001"))
    ).check_in
    assert mine.id != hers.id


async def test_what_was_refused_is_no_check_in(
    services: Services, store: Store, member_id: str, clock: MovableClock
) -> None:
    """Neither by its id, nor in her history, nor for what is decided about the next one."""
    refused = a_request(store, clock.now(), accuracy_meters=200.0)
    for request in (refused, *(a_request(store, clock.now(), accuracy_meters=200.0) for _ in range(20))):
        with pytest.raises(errors.LocationInaccurate):
            await services.check_ins.check_in(member_id, request)
    wanted = IdempotentRequest(member_id, "checkIn", refused.idempotency_key, refused.fingerprint())
    assert await services.check_ins.get(check_in_id_of(wanted)) is None
    check_in = (await services.check_ins.check_in(member_id, a_request(store, clock.now()))).check_in
    assert check_in.seq == 1
    page = await services.check_ins.of_member(member_id, PageRequest(5))
    assert ([each for each, _ in page.items], page.has_next) == ([check_in], False)
    visited = services.check_ins.reading_stores_visited(member_id, clock.now())
    assert (await read_together(services.database, visited))[visited] == {store.id}
    seen = await services.check_ins.visitors([member_id], [store.id], clock.now())
    assert seen == {member_id: {store.id}}
    assert await services.check_ins.visitors_between(clock.now(), clock.now() + timedelta(1)) == [member_id]


async def test_check_ins_come_in_pages_the_newest_first(
    services: Services, store: Store, member_id: str, clock: MovableClock
) -> None:
    for _ in range(5):
        await services.check_ins.check_in(member_id, a_request(store, clock.now()))
        clock.advance(timedelta(days=1))
    first = await services.check_ins.of_member(member_id, PageRequest(3))
    second = await services.check_ins.of_member(member_id, PageRequest(3, first.items[-1][1]))
    assert [check_in.seq for check_in, _ in first.items + second.items] == [5, 4, 3, 2, 1]


async def test_a_retailer_may_award_no_points(
    settings: Settings, database: Database, store: Store, member_id: str, clock: MovableClock
) -> None:
    frugal = build_services(settings.model_copy(update={"check_in_points": 0}), database, clock)
    check_in = (await frugal.check_ins.check_in(member_id, a_request(store, clock.now()))).check_in
    assert (check_in.points_awarded, check_in.point_balance) == (0, 0)


async def test_an_unknown_store_is_refused(services: Services, member_id: str, clock: MovableClock) -> None:
    with pytest.raises(StoreNotFound):
        await services.check_ins.check_in(member_id, a_request(a_store(), clock.now()))
