"""What an offer has brought, added up on MongoDB: by variant, against those who were held out."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.coupons.model import Coupon
from app.offer_reports.errors import AttributionDaysInvalid
from app.offer_reports.model import CouponCounts, Group
from app.offers.errors import OfferNotFound
from app.offers.experiments import is_held_out, variant_for
from app.offers.model import Benefit, BenefitKind, Offer, OfferMoment, OfferVariant
from app.services import Services
from app.stores.model import Store
from tests.arrangements import allow
from tests.conftest import COMMANDS, MovableClock
from tests.integration.coupons.test_decisions import a_moment, an_offer, wallet
from tests.integration.till import Till
from tests.purchase_examples import a_line, a_receipt, a_return

TWICE = OfferVariant("twice", 50, Benefit(BenefitKind.PERCENT, 20))
DAY = timedelta(days=1)


@pytest.fixture
async def offer(services: Services) -> Offer:
    return await an_offer(services, OfferMoment.SIGN_UP, holdout_percent=40, variants=(TWICE,))


class Street:
    """Members who come to the moment of an offer, in groups by what their hash says."""

    def __init__(self, services: Services, till: Till, offer: Offer) -> None:
        self.services = services
        self.till = till
        self.offer = offer

    async def member(self, group: str | None) -> str:
        """A new member who is `held out`, or gets this variant; decided on, and her number."""
        while True:
            member = await self.till.customer()
            held_out = is_held_out(self.offer.id, self.offer.terms, member.id)
            variant = variant_for(self.offer.id, self.offer.terms, member.id)
            if group == "held out" if held_out else (group != "held out" and variant == group):
                break
        await allow(self.services, member.id)
        await self.services.decisions.decide(a_moment(member.id))
        self.last = member.id
        return member.number

    async def buys(self, number: str, yen: int) -> None:
        now = self.services.clock.now()
        await self.till.sell(a_receipt(self.till.store.id, now, a_line(yen), member_number=number))


@pytest.fixture
def street(services: Services, store: Store, offer: Offer) -> Street:
    return Street(services, Till(services, store), offer)


async def test_revenue_counts_by_group_from_the_first_decision_on_for_so_many_days(
    services: Services, street: Street, offer: Offer, clock: MovableClock
) -> None:
    before = await street.till.customer()
    await street.buys(before.number, 99_000)
    plain, twice = await street.member(None), await street.member("twice")
    lone = await street.member("held out")
    await street.member("held out")
    clock.advance(DAY)
    for number, yen in ((plain, 1_000), (plain, 500), (twice, 4_000), (lone, 700)):
        await street.buys(number, yen)
    clock.advance(13 * DAY)
    await street.buys(plain, 77_000)  # on the fifteenth day
    report = await services.offer_reports.report(offer.id, 14)
    assert report.given == Group(2, 2, 5_500, 1_500**2 + 4_000**2)
    assert report.held_out == Group(2, 1, 700, 700**2)
    assert [(each.name, each.given.revenue) for each in report.variants] == [(None, 1_500), ("twice", 4_000)]
    assert (report.coupons, report.is_exact) == (CouponCounts(issued=2), True)
    effect = report.lift.revenue_per_member
    assert effect is not None
    assert effect.difference == 2_750 - 350
    assert effect.low < 2_400 < effect.high
    assert (await services.offer_reports.report(offer.id, 1)).given.revenue == 0


async def test_what_was_brought_back_is_no_revenue(
    services: Services, street: Street, offer: Offer, clock: MovableClock
) -> None:
    number = await street.member(None)
    receipt = a_receipt(street.till.store.id, clock.now(), a_line(2_000, quantity=2), member_number=number)
    await street.till.sell(receipt)
    await street.till.take_back(a_return(receipt, clock.now(), {1: 1}))
    assert (await services.offer_reports.report(offer.id, 14)).given.revenue == 1_000


async def test_a_member_counts_once_and_who_withdraws_in_no_group(
    services: Services, street: Street, offer: Offer
) -> None:
    await street.member(None)
    await services.decisions.decide(a_moment(street.last))
    await street.member("held out")
    assert (await services.offer_reports.report(offer.id, 14)).given.members == 1
    await allow(services, street.last, is_given=False)
    report = await services.offer_reports.report(offer.id, 14)
    assert (report.given.members, report.held_out.members) == (1, 0)
    assert report.lift.buying_rate is None


async def test_seen_and_redeemed_are_counted_by_variant(
    services: Services, street: Street, offer: Offer, clock: MovableClock
) -> None:
    await street.member("twice")
    (seen,) = await wallet(services, street.last)
    for _ in range(2):
        await services.coupons.wallet.mark_seen([seen.id])
        clock.advance(DAY)
    marked = await services.coupons.wallet.get(seen.id)
    assert marked == replace(seen, seen_at=clock.now() - 2 * DAY)
    await street.member(None)
    report = await services.offer_reports.report(offer.id, 14)
    assert report.coupons == CouponCounts(issued=2, seen=1, redeemed=0)
    assert {each.name: each.coupons.seen for each in report.variants} == {None: 0, "twice": 1}


async def test_what_many_see_at_once_is_marked_together(
    services: Services, street: Street, offer: Offer, clock: MovableClock
) -> None:
    seen: list[Coupon] = []
    for _ in range(2):
        await street.member("twice")
        seen += await wallet(services, street.last)
    COMMANDS.clear()
    await asyncio.gather(*(services.coupons.wallet.mark_seen([each.id]) for each in seen * 16))
    assert COMMANDS.count("update") <= 2
    for each in seen:
        assert await services.coupons.wallet.get(each.id) == replace(each, seen_at=clock.now())


async def test_what_cannot_be_asked_is_refused(services: Services, offer: Offer) -> None:
    for days in (0, 61):
        with pytest.raises(AttributionDaysInvalid):
            await services.offer_reports.report(offer.id, days)
    with pytest.raises(OfferNotFound):
        await services.offer_reports.report("none", 14)
