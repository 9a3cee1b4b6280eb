"""Moments that the worker notices: each once, whoever notices how often, and only those that are fresh."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from app.auth.roles import Role
from app.beacons.model import Beacon, BeaconKey, BeaconSighting
from app.catalog.search_query import ProductRequest
from app.consents.model import ConsentKind
from app.decisions.model import Outcome
from app.decisions.repository import OFFER_DECISIONS
from app.events.repository import EVENT_SEQUENCES
from app.inbox.model import MessageClass
from app.learning.progress import LEARNING_PROGRESS
from app.members.model import ProfileUpdate
from app.moments.birthdays import birthdays_on
from app.moments.following import READER
from app.offers import conditions as c
from app.offers.model import OfferMoment
from app.services import Services
from app.shared.paging import PageRequest
from app.stores.model import Store
from tests.arrangements import a_guest, a_member, a_shift, allow
from tests.conftest import MovableClock
from tests.examples import UMEDA, a_request
from tests.integration.coupons.test_decisions import an_offer, wallet
from tests.integration.till import Till
from tests.profiler import Profiled, fit_for_much_data
from tests.purchase_examples import a_receipt
from tests.push_arrangements import PushDesk
from tests.webhook_arrangements import machinery

KEY = BeaconKey("f7826da6-4fa2-4e98-8024-bc5b71e0893e", 1, 2)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def follow(services: Services) -> None:
    """Has the events numbered and followed."""
    while await machinery(services).dispatch.dispatch():
        pass
    await services.moments.following.follow()


async def follow_again(services: Services) -> None:
    """As if the worker had died before it wrote down how far it had come, and several went on."""
    await services.database.collection(EVENT_SEQUENCES).delete_many({"_id": READER})
    await asyncio.gather(*(follow(services) for _ in range(8)))


async def moments_of(services: Services, member_id: str) -> list[OfferMoment | None]:
    return [coupon.moment for coupon in await wallet(services, member_id)]


async def test_who_signs_up_is_given_a_coupon_once(services: Services) -> None:
    await an_offer(services, OfferMoment.SIGN_UP)
    hana = await a_member(services, "hana@example.com")
    await a_guest(services)
    await follow(services)
    await follow_again(services)
    assert await moments_of(services, hana) == [OfferMoment.SIGN_UP]
    assert await services.database.collection(OFFER_DECISIONS).count({}) == 1


async def test_a_check_in_comes_with_its_coupon_and_the_worker_gives_no_other(
    services: Services, store: Store, clock: MovableClock
) -> None:
    await an_offer(services, OfferMoment.CHECK_IN)
    member_id = await a_guest(services)
    visit = await services.check_ins.check_in(member_id, a_request(store, clock.now()))
    (coupon,) = await wallet(services, member_id)
    assert (coupon.moment, coupon.moment_store_id) == (OfferMoment.CHECK_IN, store.id)
    await follow(services)
    await follow_again(services)
    assert await wallet(services, member_id) == [coupon]
    assert visit.coupons == (coupon,)


async def test_a_visit_that_was_long_ago_gives_nothing(
    services: Services, store: Store, clock: MovableClock
) -> None:
    member_id = await a_guest(services)
    await services.check_ins.check_in(member_id, a_request(store, clock.now()))
    await an_offer(services, OfferMoment.CHECK_IN)
    clock.advance(HOUR)
    await follow(services)
    assert await wallet(services, member_id) == []


async def test_who_comes_near_a_beacon_is_answered_with_a_coupon_and_given_no_other(
    services: Services, store: Store, clock: MovableClock
) -> None:
    manager = (await a_shift(services, Role.STORE_MANAGER, store.id)).actor
    await services.beacons.place(manager, Beacon(KEY, store.id, ("bath",)))
    await an_offer(services, OfferMoment.BEACON, issued_if=c.NearStore(store.id, 100, UMEDA))
    member_id, silent = await a_guest(services), await a_guest(services)
    await allow(services, member_id, ConsentKind.LOCATION)
    sighting = BeaconSighting(KEY, -60, clock.now())
    sighted = await asyncio.gather(
        *(services.beacon_recommendations.sighted(member_id, sighting) for _ in range(32))
    )
    await services.beacon_recommendations.sighted(silent, sighting)
    await follow(services)
    await follow_again(services)
    (coupon,) = await wallet(services, member_id)
    assert [each.id for answer in sighted for each in answer.coupons] == [coupon.id]
    assert await wallet(services, silent) == []


async def test_a_purchase_of_today_gives_a_coupon_and_one_that_comes_late_does_not(
    services: Services, store: Store, clock: MovableClock
) -> None:
    await an_offer(services, OfferMoment.PURCHASE)
    till = Till(services, store)
    today, late = await till.customer(), await till.customer()
    await till.sell(a_receipt(store.id, clock.now(), member_number=today.number))
    await till.sell(a_receipt(store.id, clock.now() - DAY, member_number=late.number))
    await till.sell(a_receipt(store.id, clock.now()))
    await follow(services)
    await follow_again(services)
    assert await moments_of(services, today.id) == [OfferMoment.PURCHASE]
    assert await wallet(services, late.id) == []


async def born(services: Services, day: date) -> str:
    member_id = await a_guest(services)
    await services.members.update_profile(member_id, ProfileUpdate(birthday=day))
    return member_id


async def test_a_birthday_gives_once_a_year_by_the_retailers_calendar(
    services: Services, clock: MovableClock
) -> None:
    await an_offer(services, OfferMoment.BIRTHDAY, ends_at=clock.now() + 400 * DAY)
    clock.moment = datetime(2026, 11, 21, 15, 30, tzinfo=UTC)  # half past midnight in Tokyo
    old, young, other = [
        await born(services, day) for day in (date(1931, 11, 22), date(2010, 11, 22), date(1980, 11, 23))
    ]
    await asyncio.gather(*(services.moments.birthdays.notice() for _ in range(8)))
    await services.database.collection(LEARNING_PROGRESS).delete_many({})
    await services.moments.birthdays.notice()
    assert await services.moments.birthdays.notice() == 0
    for member_id in (old, young):
        assert await moments_of(services, member_id) == [OfferMoment.BIRTHDAY]
    assert await wallet(services, other) == []
    clock.moment = datetime(2027, 11, 22, 16, 0, tzinfo=UTC)  # nobody worked for a year, and yesterday
    await services.moments.birthdays.notice()
    assert [len(await wallet(services, each)) for each in (old, young, other)] == [2, 2, 1]


def test_who_was_born_on_a_leap_day_has_a_birthday_each_year() -> None:
    assert birthdays_on(date(2027, 2, 28)) == [(2, 28), (2, 29)]
    assert birthdays_on(date(2028, 2, 28)) == [(2, 28)]
    assert birthdays_on(date(2028, 2, 29)) == [(2, 29)]


async def test_an_absence_is_noticed_once_by_day_and_hour(
    services: Services, store: Store, clock: MovableClock
) -> None:
    offer = await an_offer(services, OfferMoment.ABSENCE, issued_if=c.AbsentFor(7))
    gone, back, silent = [await a_guest(services) for _ in range(3)]
    for member_id in (gone, back):
        await allow(services, member_id)
    for member_id in (gone, back, silent):
        await services.check_ins.check_in(member_id, a_request(store, clock.now()))
    clock.advance(6 * DAY)
    await services.check_ins.check_in(back, a_request(store, clock.now()))
    await services.moments.absences.notice()
    assert await wallet(services, gone) == []
    clock.advance(DAY + HOUR)
    await asyncio.gather(*(services.moments.absences.notice() for _ in range(8)))
    await services.database.collection(LEARNING_PROGRESS).delete_many({})
    await services.moments.absences.notice()
    assert await moments_of(services, gone) == [OfferMoment.ABSENCE]
    assert await wallet(services, back) == await wallet(services, silent) == []
    told = await services.database.collection(OFFER_DECISIONS).find({})
    assert {each["verdicts"][0]["outcome"] for each in told} == {
        Outcome.GIVEN,
        Outcome.NOT_ELIGIBLE,
        Outcome.NO_CONSENT,
    }
    clock.advance(7 * DAY)
    await services.moments.absences.notice()
    assert len(await wallet(services, gone)) == 1
    assert len(await wallet(services, back)) == 1
    assert offer.id == (await wallet(services, back))[0].offer_id


async def test_who_searched_and_did_not_buy_is_given_a_coupon_a_day_later(
    services: Services, store: Store, clock: MovableClock
) -> None:
    await an_offer(services, OfferMoment.SEARCH)
    till = Till(services, store)
    looker, buyer, silent = await till.customer(), await till.customer(), await till.customer()
    for each in (looker, buyer):
        await allow(services, each.id)
    pen = ProductRequest("pen")
    for each in (looker, buyer, silent):
        await services.search_history.remember(each.id, pen)
    clock.advance(HOUR)
    await till.sell(a_receipt(store.id, clock.now(), member_number=buyer.number))
    clock.advance(22 * HOUR)
    await services.moments.searches.notice()
    assert await wallet(services, looker.id) == []
    clock.advance(2 * HOUR)
    await asyncio.gather(*(services.moments.searches.notice() for _ in range(8)))
    await services.database.collection(LEARNING_PROGRESS).delete_many({})
    await services.moments.searches.notice()
    assert await moments_of(services, looker.id) == [OfferMoment.SEARCH]
    assert await wallet(services, buyer.id) == await wallet(services, silent.id) == []


async def test_who_searches_before_and_after_nine_in_japan_searched_on_one_day(
    services: Services, clock: MovableClock
) -> None:
    """At nine, the day of UTC ends."""
    await an_offer(services, OfferMoment.SEARCH)
    member_id = await a_guest(services)
    await allow(services, member_id)
    for hours in (20, 1):
        clock.advance(hours * HOUR)  # from noon to eight, and to half past nine
        await services.search_history.remember(member_id, ProductRequest(f"pen of {hours}"))
        clock.advance(timedelta(minutes=30))
    clock.advance(25 * HOUR)
    await services.moments.searches.notice()
    assert await moments_of(services, member_id) == [OfferMoment.SEARCH]


async def test_a_coupon_that_comes_unasked_is_told_once_and_pushed_to_who_allows_it(
    services: Services, clock: MovableClock
) -> None:
    desk = PushDesk(services)
    await an_offer(services, OfferMoment.BIRTHDAY)
    willing, silent = await desk.member(ConsentKind.MARKETING_PUSH), await desk.member()
    for each in (willing, silent):
        birthday = ProfileUpdate(birthday=date(1990, 11, 21))
        await services.members.update_profile(each.member_id, birthday)
    await services.moments.birthdays.notice()
    await machinery(services).dispatch.dispatch()
    await asyncio.gather(*(desk.coupons.tell() for _ in range(8)))
    await desk.deliver()
    ((_, note),) = desk.fcm.sent
    (coupon,) = await wallet(services, willing.member_id)
    assert (note.title, note.is_urgent) == ("クーポンが届きました", False)
    assert note.text == "秋の10%引き。10%引き。お誕生日おめでとうございます"
    assert note.collapse_key == f"offer-{coupon.offer_id}"
    assert "couponId" in note.data
    for each in (willing, silent):
        page = await services.inbox.page(each.member_id, False, PageRequest())
        ((message, _),) = page.items
        assert message.message_class is MessageClass.MARKETING
        assert await services.inbox.unread(each.member_id) == 1
        assert await services.inbox.read(each.member_id, [message.id]) == 0


async def test_a_push_of_a_coupon_waits_for_the_quiet_hours_to_end(
    services: Services, clock: MovableClock
) -> None:
    desk = PushDesk(services)
    await an_offer(services, OfferMoment.BIRTHDAY)
    clock.moment = datetime(2026, 11, 21, 15, 30, tzinfo=UTC)
    member = await desk.member(ConsentKind.MARKETING_PUSH)
    await services.members.update_profile(member.member_id, ProfileUpdate(birthday=date(1990, 11, 22)))
    await services.moments.birthdays.notice()
    await machinery(services).dispatch.dispatch()
    await desk.coupons.tell()
    await desk.deliver()
    assert desk.fcm.sent == []
    assert len(await wallet(services, member.member_id)) == 1
    clock.advance(8.5 * HOUR)
    await desk.deliver()
    assert len(desk.fcm.sent) == 1


async def test_what_the_answer_showed_is_not_told_again(
    services: Services, store: Store, clock: MovableClock
) -> None:
    desk = PushDesk(services)
    await an_offer(services, OfferMoment.CHECK_IN)
    member = await desk.member(ConsentKind.MARKETING_PUSH)
    await services.check_ins.check_in(member.member_id, a_request(store, clock.now()))
    await machinery(services).dispatch.dispatch()
    await desk.coupons.tell()
    assert await services.inbox.unread(member.member_id) == 0


@pytest.mark.parametrize("driver", ["pymongo"])
async def test_whoever_is_looked_for_is_found_by_index(
    services: Services, store: Store, clock: MovableClock, profiled: Profiled
) -> None:
    moments = (OfferMoment.BIRTHDAY, OfferMoment.SEARCH, OfferMoment.SIGN_UP)
    offer = await an_offer(services, *moments)
    await an_offer(services, OfferMoment.ABSENCE, issued_if=c.AbsentFor(1))
    member_id = await born(services, date(1990, 11, 22))
    await allow(services, member_id)
    await services.search_history.remember(member_id, ProductRequest("pen"))
    await services.check_ins.check_in(member_id, a_request(store, clock.now()))
    clock.advance(DAY + HOUR)
    with fit_for_much_data(profiled):
        await services.moments.absences.notice()
        await services.moments.birthdays.notice()
        await services.moments.searches.notice()
        await services.offer_reports.report(offer.id, 14)
    assert len(await wallet(services, member_id)) == 3
