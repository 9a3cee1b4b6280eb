"""Check-ins at the same moment: one a store and day, five a day, and the coupons that come with them."""

import asyncio
from datetime import timedelta

import pytest

from app.check_ins.model import CheckIn
from app.check_ins.repository import CHECK_INS, IS_ACCEPTED, IS_REFUSED
from app.composition import build_services
from app.coupons.repository import COUPONS
from app.decisions.repository import OFFER_DECISIONS
from app.offers.model import Distribution, OfferLimits
from app.points.audit import audit
from app.points.repository import POINT_ENTRIES
from app.services import Services
from app.shared.geo import GeoPoint
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from app.stores.model import Store
from tests.arrangements import a_guest, add_stores
from tests.conftest import COMMANDS, MovableClock
from tests.examples import a_request, a_store
from tests.integration.visits import balance, told, try_check_in
from tests.offer_examples import a_published_offer


@pytest.fixture
async def member_id(services: Services) -> str:
    return await a_guest(services)


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
