"""Check-ins on a real MongoDB: awarded once, refused with evidence, true under races."""

import asyncio
from datetime import timedelta

import pytest

from app.check_ins import errors
from app.check_ins.model import CheckIn
from app.check_ins.repository import CHECK_INS, IS_ACCEPTED, IS_REFUSED, check_in_id_of
from app.composition import build_services
from app.coupons.repository import COUPONS
from app.decisions.repository import OFFER_DECISIONS
from app.offers.model import Distribution, OfferLimits
from app.points.audit import audit
from app.points.repository import POINT_ENTRIES
from app.services import Services
from app.shared.database import Database, Document
from app.shared.errors import Refusal
from app.shared.events import EVENTS
from app.shared.geo import GeoPoint
from app.shared.idempotency import IdempotencyKeyReused, IdempotentRequest
from app.shared.paging import PageRequest
from app.shared.reading import read_together
from app.shared.settings import Settings
from app.stores.errors import StoreNotFound
from app.stores.model import Store
from tests.arrangements import a_guest, add_stores
from tests.conftest import COMMANDS, MovableClock
from tests.examples import UMEDA, a_request, a_store, daily, north_of
from tests.offer_examples import a_published_offer
from tests.webhook_arrangements import machinery


@pytest.fixture
async def store(database: Database) -> Store:
    store = a_store()
    await add_stores(database, store)
    return store


@pytest.fixture
async def member_id(services: Services) -> str:
    return await a_guest(services)


async def try_check_in(services: Services, member_id: str, request: object) -> CheckIn | str:
    """The check-in, or the code of its refusal."""
    try:
        return (await services.check_ins.check_in(member_id, request)).check_in  # type: ignore[arg-type]
    except Refusal as refusal:
        return refusal.code


async def told(services: Services, type: str) -> list[Document]:
    """The events of this type, once all have their numbers."""
    await machinery(services).dispatch.dispatch()
    return await services.database.collection(EVENTS).find({"type": type}, sort=[("seq", 1)])


async def balance(services: Services, member_id: str) -> int:
    return (await services.points.account(member_id)).balance


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


async def test_32_wishes_at_one_store_give_one_check_in(
    services: Services, database: Database, store: Store, member_id: str, clock: MovableClock
) -> None:
    outcomes = await asyncio.gather(
        *(try_check_in(services, member_id, a_request(store, clock.now())) for _ in range(32))
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert refused == ["ALREADY_CHECKED_IN"] * 31
    assert await database.collection(CHECK_INS).count(IS_ACCEPTED) == 1
    assert await database.collection(CHECK_INS).count(IS_REFUSED) == 31
    assert await balance(services, member_id) == 10


async def test_32_repetitions_of_one_wish_all_get_the_check_in(
    services: Services, database: Database, store: Store, member_id: str, clock: MovableClock
) -> None:
    request = a_request(store, clock.now())
    outcomes = await asyncio.gather(*(try_check_in(services, member_id, request) for _ in range(32)))
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert isinstance(outcomes[0], CheckIn)
    assert await database.collection(CHECK_INS).count(IS_ACCEPTED) == 1
    assert await database.collection(CHECK_INS).count(IS_REFUSED) == 0
    assert await balance(services, member_id) == 10


async def test_who_asks_as_the_answer_changes_gets_one_answer_from_everybody(
    services: Services,
    settings: Settings,
    database: Database,
    store: Store,
    member_id: str,
    clock: MovableClock,
) -> None:
    """To one of two processes the location is too old already. Whose answer is first is everybody's."""
    later = MovableClock(clock.now() + timedelta(minutes=3))
    both = services, build_services(settings, database, later)
    for _ in range(4):
        request = a_request(store, clock.now())
        outcomes = await asyncio.gather(
            *(try_check_in(process, member_id, request) for process in both for _ in range(16))
        )
        assert outcomes == outcomes[:1] * 32
        assert await try_check_in(services, member_id, request) == outcomes[0]
        is_accepted = isinstance(outcomes[0], CheckIn)
        assert is_accepted or outcomes[0] == "LOCATION_STALE"
        assert await database.collection(CHECK_INS).count(IS_ACCEPTED) == is_accepted
        assert await database.collection(CHECK_INS).count(IS_REFUSED) == (not is_accepted)
        assert await balance(services, member_id) == 10 * is_accepted
        await database.collection(CHECK_INS).delete_many({})
        await database.collection(POINT_ENTRIES).delete_many({})


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


async def test_32_stores_at_once_give_five_check_ins(
    services: Services, database: Database, member_id: str, clock: MovableClock
) -> None:
    stores = [a_store() for _ in range(32)]
    await add_stores(database, *stores)
    outcomes = await asyncio.gather(
        *(try_check_in(services, member_id, a_request(store, clock.now())) for store in stores)
    )
    assert outcomes.count("DAILY_LIMIT_REACHED") == 27
    check_ins = [outcome for outcome in outcomes if isinstance(outcome, CheckIn)]
    assert sorted(check_in.seq for check_in in check_ins) == [1, 2, 3, 4, 5]
    assert sorted(check_in.point_balance for check_in in check_ins) == [10, 20, 30, 40, 50]
    assert await balance(services, member_id) == 50
    assert [account.faults async for account in audit(database)] == [()]


async def test_two_towns_at_once_give_one_check_in(
    services: Services, database: Database, store: Store, member_id: str, clock: MovableClock
) -> None:
    """Even where the two have different calendar days, so that no index but the chain can tell."""
    new_york = a_store(location=GeoPoint(40.7233, -74.003), time_zone="America/New_York")
    await add_stores(database, new_york)
    clock.advance(timedelta(hours=13))
    wishes = [a_request(each, clock.now()) for each in (store, new_york) for _ in range(16)]
    outcomes = await asyncio.gather(*(try_check_in(services, member_id, wish) for wish in wishes))
    assert sum(isinstance(outcome, CheckIn) for outcome in outcomes) == 1
    assert outcomes.count("IMPOSSIBLE_SPEED") == 16
    assert outcomes.count("ALREADY_CHECKED_IN") == 15


async def test_32_members_at_one_store_do_not_hinder_each_other(
    services: Services, database: Database, store: Store, clock: MovableClock
) -> None:
    members = [await a_guest(services) for _ in range(32)]
    outcomes = await asyncio.gather(
        *(try_check_in(services, member, a_request(store, clock.now())) for member in members)
    )
    assert all(isinstance(outcome, CheckIn) for outcome in outcomes)
    assert [account.faults async for account in audit(database)] == [()] * 32


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


async def test_who_checks_in_at_once_shares_the_transaction_and_nothing_else(
    services: Services, database: Database, store: Store, clock: MovableClock
) -> None:
    members = [await a_guest(services) for _ in range(24)]
    COMMANDS.clear()
    first = await asyncio.gather(
        *(try_check_in(services, member, a_request(store, clock.now())) for member in members[:16])
    )
    assert COMMANDS.count("commitTransaction") < 16
    then = await asyncio.gather(
        *(try_check_in(services, member, a_request(store, clock.now())) for member in members[8:] * 2)
    )
    accepted = [outcome.member_id for outcome in (*first, *then) if isinstance(outcome, CheckIn)]
    assert sorted(accepted) == sorted(members)
    assert [outcome for outcome in then if isinstance(outcome, str)] == ["ALREADY_CHECKED_IN"] * 24
    assert [await balance(services, member) for member in members] == [10] * 24
    assert len(await told(services, "CheckedIn")) == 24
    assert all([account.faults == () async for account in audit(database)])


async def test_what_comes_with_check_ins_keeps_its_limit_however_often_and_wherever_they_are_sent(
    services: Services, settings: Settings, database: Database, store: Store, clock: MovableClock
) -> None:
    """24 members, each of whom sends hers twice, to two processes."""
    offer = await a_published_offer(
        services, distribution=Distribution.CHECK_IN, limits=OfferLimits(issued=7)
    )
    both = services, build_services(settings, database, clock)
    wishes = [(await a_guest(services), a_request(store, clock.now())) for _ in range(24)]
    outcomes = await asyncio.gather(
        *(try_check_in(process, member, request) for member, request in wishes for process in both)
    )
    assert outcomes[::2] == outcomes[1::2]
    assert await database.collection(CHECK_INS).count(IS_ACCEPTED) == 24
    assert await database.collection(OFFER_DECISIONS).count({}) == 24
    assert await database.collection(COUPONS).count({"offer_id": offer.id}) == 7
    assert len(await told(services, "CouponIssued")) == 7
    assert [account.faults async for account in audit(database)] == [()] * 24


async def test_who_dies_while_the_coupon_is_written_leaves_nothing_and_the_same_request_does_all(
    services: Services,
    database: Database,
    store: Store,
    member_id: str,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await a_published_offer(services, distribution=Distribution.CHECK_IN)
    request = a_request(store, clock.now())

    async def die(*arguments: object) -> None:
        raise RuntimeError("dead")

    with monkeypatch.context() as patch:
        patch.setattr(services.coupons.issuing, "write", die)
        with pytest.raises(RuntimeError, match="dead"):
            await services.check_ins.check_in(member_id, request)
    assert await balance(services, member_id) == 0
    assert await database.collection(OFFER_DECISIONS).count({}) == 0
    visit = await services.check_ins.check_in(member_id, request)
    assert visit.coupons is not None
    again = await services.check_ins.check_in(member_id, request)
    assert (again.check_in, again.coupons) == (visit.check_in, None)
    given = await services.coupons.wallet.given_for(member_id, f"check-in:{visit.check_in.id}")
    assert tuple(each.coupon for each in given) == visit.coupons
    assert await balance(services, member_id) == 10


async def test_members_who_check_in_at_once_and_are_given_coupons_share_the_commands(
    services: Services, store: Store, clock: MovableClock
) -> None:
    """Reading included, four each at the most, whatever groups they come to be written in."""
    await a_published_offer(services, distribution=Distribution.CHECK_IN)
    members = [await a_guest(services) for _ in range(32)]
    await services.catalog.categories()
    COMMANDS.clear()
    visits = await asyncio.gather(
        *(services.check_ins.check_in(member, a_request(store, clock.now())) for member in members)
    )
    assert [len(visit.coupons or ()) for visit in visits] == [1] * 32
    assert len(COMMANDS) <= 4 * 32
