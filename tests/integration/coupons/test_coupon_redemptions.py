"""Using coupons at tills, on a real MongoDB: once, within the budget, and back again."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.auth.actor import PartnerActor
from app.auth.partners import Scope
from app.coupons.baskets import BasketItem
from app.coupons.errors import (
    BasketTooSmall,
    CouponCodeInvalid,
    CouponExpired,
    CouponUsed,
    RedemptionNotFound,
    WrongStore,
    WrongTime,
)
from app.coupons.model import CouponState, RedemptionState
from app.coupons.taking import Take
from app.coupons.till import Receipt
from app.offers.model import Benefit, BenefitKind, OfferLimits, OfferMove, OfferScope, UsableWhen
from app.services import Services
from app.shared.errors import Refusal
from app.shared.i18n import Language
from app.shared.ids import new_id, opaque_id
from app.shared.paging import PageRequest
from app.shared.rate_limits import RATE_COUNTS
from app.stores.model import Store
from tests.arrangements import add_stores
from tests.conftest import MovableClock
from tests.examples import a_store
from tests.integration.claims import TILL, outcomes
from tests.integration.redemptions import a_coupon, coupons_of, redeem, spent, state_of
from tests.offer_examples import a_published_offer
from tests.webhook_arrangements import machinery

LIMITED_TILL = PartnerActor("limited", frozenset({Scope.COUPONS_REDEEM}), store_ids=frozenset({"other"}))


async def test_a_hold_is_its_owners_and_ends_at_its_moment(
    services: Services, store: Store, clock: MovableClock
) -> None:
    offer = await a_published_offer(services, limits=OfferLimits(redeemed=1))
    coupon = await a_coupon(services, offer)
    until = clock.now() + timedelta(minutes=15)
    hold = Take(coupon.id, "order:1", store, 100, held_until=until)
    held = await asyncio.gather(*(services.coupons.takes.take(offer.id, [hold]) for _ in range(8)))
    assert len({each.id for (each,) in held if not isinstance(each, Refusal)}) == 1
    with pytest.raises(Refusal, match="COUPON_HELD"):
        await redeem(services, coupon, store)
    clock.advance(timedelta(minutes=15) - timedelta(milliseconds=1))
    assert await state_of(services, coupon) is CouponState.HELD
    clock.advance(timedelta(milliseconds=1))
    assert await state_of(services, coupon) is CouponState.ISSUED
    assert (await redeem(services, coupon, store)).redemption.owner.startswith("receipt")
    await services.coupons.takes.give_back()
    assert await spent(services, offer) == (1, 100)


async def test_a_hold_that_nobody_ended_is_given_back_by_the_sweep(
    services: Services, store: Store, clock: MovableClock
) -> None:
    offer = await a_published_offer(services)
    coupon = await a_coupon(services, offer)
    hold = Take(coupon.id, "order:1", store, 100, held_until=clock.now() + timedelta(minutes=15))
    await services.coupons.takes.take(offer.id, [hold])
    assert await services.coupons.takes.give_back() == 0
    clock.advance(timedelta(minutes=15))
    sweeps = await asyncio.gather(*(services.coupons.takes.give_back() for _ in range(8)))
    assert sum(sweeps) >= 1
    assert await spent(services, offer) == (0, 0)
    assert await services.coupons.takes.give_back() == 0


async def test_why_it_cannot_be_used_is_told(services: Services, clock: MovableClock) -> None:
    names = {Language.JA: "京都店", Language.EN: "Kyoto"}
    umeda, kyoto = a_store(id="umeda"), a_store(id="kyoto", names=names)
    await add_stores(services.database, umeda, kyoto)
    only_umeda = UsableWhen(store_ids=frozenset({"umeda"}))
    afternoon = UsableWhen(from_minute=900, until_minute=1_080)
    cases: list[tuple[type[Refusal], dict[str, Any], str]] = [
        (
            WrongStore,
            {"usable_when": only_umeda},
            "It cannot be used at this store. Choose a store that takes it.",
        ),
        (WrongTime, {"usable_when": afternoon}, "It can be used at 15:00–18:00."),
        (
            BasketTooSmall,
            {"scope": OfferScope(minimum_basket=2_200)},
            "Buy ¥1,200 more of anything to use it.",
        ),
    ]
    for refusal, terms, message in cases:
        offer = await a_published_offer(services, **terms)
        coupon = await a_coupon(services, offer)
        with pytest.raises(refusal) as raised:
            await redeem(services, coupon, kyoto)
        assert raised.value.message(Language.EN) == message
        items = [BasketItem("sku", 1, 1_000)]
        usability = await services.coupons.wallet.usability(coupon, "kyoto", items)
        assert [each.message(Language.EN) for each in usability.obstacles] == [message]
        await services.offers.move(offer.id, OfferMove.PAUSE)
        usability = await services.coupons.wallet.usability(coupon, "kyoto", items)
        assert "OFFER_PAUSED" in [each.code for each in usability.obstacles]
    offer = await a_published_offer(services, valid_days=1)
    used, unused = await coupons_of(services, offer, 2)
    await redeem(services, used, kyoto)
    seen = await services.coupons.wallet.get(used.id)
    assert seen is not None
    usability = await services.coupons.wallet.usability(seen, "umeda", [])
    assert usability.obstacles[0].message(Language.EN) == "Used at Kyoto on 21 November."
    assert usability.obstacles[0].message(Language.JA) == "京都店で11月21日にご利用済みです。"
    with pytest.raises(CouponUsed):
        await redeem(services, used, umeda)
    clock.advance(timedelta(days=1))
    with pytest.raises(CouponExpired):
        await redeem(services, unused, kyoto)


async def test_a_till_touches_its_own_stores_alone(services: Services, store: Store) -> None:
    other = a_store(id="other")
    await add_stores(services.database, other)
    offer = await a_published_offer(services)
    coupon = await a_coupon(services, offer)
    with pytest.raises(Refusal, match="STORE_NOT_ALLOWED"):
        await redeem(services, coupon, store, actor=LIMITED_TILL)
    redeemed = await redeem(services, coupon, store)
    with pytest.raises(RedemptionNotFound):
        await services.coupons.till.rollback(LIMITED_TILL, redeemed.redemption.id, None, "key-00000001")
    with pytest.raises(RedemptionNotFound):
        await services.coupons.till.rollback(TILL, "none", None, "key-00000002")


async def test_wrong_codes_at_a_till_are_limited(
    services: Services, store: Store, clock: MovableClock
) -> None:
    offer = await a_published_offer(services)
    coupon = await a_coupon(services, offer)
    receipt = Receipt("1", "1", (BasketItem("sku", 1, 1_000),))

    async def guess(number: int) -> None:
        await services.coupons.till.redeem(TILL, f"wrong-{number}", store.id, receipt, f"key-{new_id()}")

    assert await outcomes(*(guess(number) for number in range(304))) == Counter(
        {CouponCodeInvalid.code: 300, "TOO_MANY_CODE_TRIES": 4}
    )
    with pytest.raises(Refusal, match="TOO_MANY_CODE_TRIES"):
        await redeem(services, coupon, store)
    clock.advance(timedelta(minutes=1))
    assert (await redeem(services, coupon, store)).redemption.state is RedemptionState.REDEEMED


async def test_right_codes_are_not_counted(services: Services, store: Store) -> None:
    offer = await a_published_offer(services)
    (coupon,) = await coupons_of(services, offer, 1)
    await redeem(services, coupon, store)
    assert await services.database.collection(RATE_COUNTS).find({"_id": {"$regex": "^coupon-code"}}) == []


async def test_a_coupon_goes_by_the_version_of_its_issue(services: Services, store: Store) -> None:
    offer = await a_published_offer(services)
    coupon = await a_coupon(services, offer)
    terms = await services.offers.terms_of([coupon.version])
    changed = replace(terms[coupon.version], benefit=Benefit(BenefitKind.PERCENT, 50))
    await services.offers.update(offer.id, 1, changed)
    await services.offers.move(offer.id, OfferMove.END)
    assert (await redeem(services, coupon, store)).redemption.discount == 100


async def test_partners_are_told_of_offers_and_coupons(services: Services, store: Store) -> None:
    offer = await a_published_offer(services)
    coupon = await a_coupon(services, offer)
    redeemed = await redeem(services, coupon, store)
    await services.coupons.till.rollback(TILL, redeemed.redemption.id, None, "rollback-key-1")
    await services.offers.move(offer.id, OfferMove.END)
    while await machinery(services).dispatch.dispatch():
        pass
    scopes = frozenset({Scope.EVENTS_READ, Scope.COUPONS_READ})
    shown = await services.events.page(PartnerActor("crm", scopes), PageRequest(100))
    assert [event.type for event, _ in shown.items] == [
        "OfferPublished",
        "CouponIssued",
        "CouponRedeemed",
        "RedemptionRolledBack",
        "OfferEnded",
    ]
    use = {
        "couponId": opaque_id("Coupon", coupon.id),
        "offerId": opaque_id("Offer", offer.id),
        "memberId": opaque_id("Member", coupon.member_id),
        "redemptionId": opaque_id("Redemption", redeemed.redemption.id),
        "storeId": opaque_id("Store", store.id),
        "discount": 100,
    }
    assert [event.data for event, _ in shown.items[2:4]] == [use, use]
    of_store = PartnerActor("pos", scopes, store_ids=frozenset({store.id}))
    shown = await services.events.page(of_store, PageRequest(100))
    assert [event.type for event, _ in shown.items] == ["CouponRedeemed", "RedemptionRolledBack"]
    of_other = PartnerActor("other", scopes, store_ids=frozenset({"other"}))
    assert (await services.events.page(of_other, PageRequest(100))).items == ()
