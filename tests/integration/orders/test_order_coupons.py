"""Coupons in orders: priced, held, used at collection, back on cancelling; of order and till, one wins."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.catalog.repository import ProductRepository
from app.coupons.model import Coupon, CouponState
from app.offers.model import Benefit, BenefitKind, Offer, OfferLimits, OfferScope
from app.orders.model import Order
from app.orders.states import OrderState
from app.orders.wishes import OrderWish
from app.payments.model import PaymentMethod
from app.shared.errors import Refusal, SeveralRefusals
from app.shared.money import yen
from tests.catalog_examples import a_product, a_sku
from tests.integration.claims import claim
from tests.integration.coupons.test_coupon_redemptions import redeem, spent
from tests.integration.order_audit import require_sound
from tests.integration.shop import Shop, outcome
from tests.offer_examples import a_published_offer

COLLECTED = (OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY, OrderState.COLLECTED)


async def a_coupon(shop: Shop, **terms: object) -> tuple[Offer, Coupon]:
    """A coupon of a new member."""
    offer = await a_published_offer(shop.services, **terms)
    return offer, await claim(shop.services, await shop.customer(), offer.id)


def with_coupons(wish: OrderWish, *coupons: Coupon) -> OrderWish:
    return replace(wish, coupon_ids=tuple(coupon.id for coupon in coupons))


async def state_of(shop: Shop, coupon: Coupon) -> CouponState:
    found = await shop.services.coupons.wallet.get(coupon.id)
    assert found is not None
    return found.state_at(shop.clock.now())


async def order_with(shop: Shop, coupon: Coupon, key: str | None = None) -> Order:
    """An order of a piece for 1,000 yen and two for 300 yen."""
    return await shop.place(coupon.member_id, with_coupons(shop.wish((0, 1), (1, 2)), coupon), key)


async def test_an_order_holds_its_coupon_and_uses_it_when_it_is_collected(shop: Shop) -> None:
    offer, coupon = await a_coupon(shop)
    order = await order_with(shop, coupon)
    assert [line.discount for line in order.lines] == [100, 60]
    assert (order.totals.total, order.totals.taxes[0].tax) == (1_440, 130)
    assert await state_of(shop, coupon) is CouponState.HELD
    await shop.move(order, *COLLECTED)
    assert await state_of(shop, coupon) is CouponState.REDEEMED
    assert await spent(shop.services, offer) == (1, 160)
    assert await shop.balance(coupon.member_id) == 13


@pytest.mark.parametrize("end", [OrderState.REJECTED, OrderState.CANCELLED])
async def test_an_order_that_comes_to_nothing_gives_its_coupon_back(shop: Shop, end: OrderState) -> None:
    offer, coupon = await a_coupon(shop, limits=OfferLimits(redeemed=1))
    order = await order_with(shop, coupon)
    if end is OrderState.CANCELLED:
        await shop.services.orders.cancel(coupon.member_id, order.id, None)
    else:
        await shop.move(order, end)
    assert await state_of(shop, coupon) is CouponState.ISSUED
    again = await order_with(shop, coupon)
    assert again.totals.total == 1_440
    await shop.services.coupons.takes.give_back()
    assert await spent(shop.services, offer) == (1, 160)


async def test_an_order_that_nobody_accepts_gives_its_coupon_back(shop: Shop) -> None:
    _, coupon = await a_coupon(shop)
    order = await order_with(shop, coupon)
    shop.clock.advance(order.accept_by - shop.clock.now())
    await shop.services.order_timekeeping.sweep()
    assert await state_of(shop, coupon) is CouponState.ISSUED


async def test_of_an_order_and_a_till_at_once_one_wins(shop: Shop) -> None:
    for _ in range(4):
        offer, coupon = await a_coupon(shop)
        done = await asyncio.gather(
            outcome(order_with(shop, coupon)),
            *(outcome(redeem(shop.services, coupon, shop.store)) for _ in range(2)),
            outcome(order_with(shop, coupon)),
        )
        assert [each[0] for each in done].count("done") == 1
        assert (await spent(shop.services, offer))[0] == 1


async def test_the_same_order_again_holds_nothing_more(shop: Shop) -> None:
    offer, coupon = await a_coupon(shop)
    orders = await asyncio.gather(*(order_with(shop, coupon, "one-order-key") for _ in range(8)))
    assert len({order.id for order in orders}) == 1
    await shop.services.orders.cancel(coupon.member_id, orders[0].id, None)
    assert (await order_with(shop, coupon, "one-order-key")).state is OrderState.CANCELLED
    assert await state_of(shop, coupon) is CouponState.ISSUED
    await shop.services.coupons.takes.give_back()
    assert await spent(shop.services, offer) == (0, 0)


async def test_a_refused_order_lets_its_coupon_go(shop: Shop) -> None:
    offer, coupon = await a_coupon(shop)
    wish = with_coupons(shop.wish((0, 1)), coupon)
    with pytest.raises((Refusal, SeveralRefusals)):
        await shop.services.orders.place(
            coupon.member_id, wish, PaymentMethod.PAY_AT_STORE, None, 1, "refused-key-1"
        )
    assert await state_of(shop, coupon) is CouponState.ISSUED
    await shop.services.coupons.takes.give_back()
    assert await spent(shop.services, offer) == (0, 0)


async def test_the_coupons_of_others_and_what_cannot_be_combined_are_refused(shop: Shop) -> None:
    _, coupon = await a_coupon(shop)
    stranger = await shop.customer()
    wish = with_coupons(shop.wish((0, 1)), coupon)
    assert await outcome(shop.place(stranger, wish)) == ["COUPON_NOT_FOUND"]
    other = await claim(shop.services, coupon.member_id, (await a_published_offer(shop.services)).id)
    both = with_coupons(shop.wish((0, 1)), coupon, other)
    assert await outcome(shop.place(coupon.member_id, both)) == ["COUPONS_NOT_COMBINABLE"]


async def test_the_best_coupons_are_found_and_held(shop: Shop) -> None:
    _, coupon = await a_coupon(shop)
    better = await a_published_offer(shop.services, benefit=Benefit(BenefitKind.AMOUNT, 200))
    best = await claim(shop.services, coupon.member_id, better.id)
    order = await shop.place(coupon.member_id, replace(shop.wish((0, 1)), uses_best_coupons=True))
    assert ([each.coupon_id for each in order.coupons], order.totals.total) == ([best.id], 800)
    assert await state_of(shop, coupon) is CouponState.ISSUED


async def test_a_line_that_the_store_rejects_takes_its_discount_away(shop: Shop) -> None:
    offer, coupon = await a_coupon(shop)
    order = await order_with(shop, coupon)
    order = await shop.services.counter.reject_line(shop.clerk, order.id, "1", None)
    assert (order.totals.total, order.lines[0].amount) == (540, 0)
    await shop.move(order, *COLLECTED)
    await shop.services.coupons.takes.give_back()
    assert await spent(shop.services, offer) == (1, 60)


@pytest.mark.parametrize("is_rejected", [True, False])
async def test_a_coupon_that_does_nothing_any_more_is_hers_again(shop: Shop, is_rejected: bool) -> None:
    """What it was for is rejected, or replaced: the order goes on without it."""
    scope = OfferScope(sku_ids=frozenset({shop.skus[0].id}))
    offer, coupon = await a_coupon(shop, scope=scope, limits=OfferLimits(redeemed=1))
    order = await order_with(shop, coupon)
    assert [line.discount for line in order.lines] == [100, 0]
    if is_rejected:
        order = await shop.services.counter.reject_line(shop.clerk, order.id, "1", None)
    else:
        await shop.services.counter.offer_substitute(shop.clerk, order.id, "1", shop.skus[1].id, 1, None)
        order = await shop.services.orders.answer_substitution(coupon.member_id, order.id, "1", is_taken=True)
    assert (order.coupons, await state_of(shop, coupon)) == ((), CouponState.ISSUED)
    again = await order_with(shop, coupon)
    await shop.move(again, *COLLECTED)
    await shop.move(order, *COLLECTED)
    await shop.services.coupons.takes.give_back()
    assert await spent(shop.services, offer) == (1, 100)
    await require_sound(shop.services.database, shop.clock.now())


async def test_pieces_that_are_free_come_back_for_nothing_one_by_one(shop: Shop) -> None:
    """However the discounts of several coupons are rounded, nobody pays for bringing a piece back."""
    cheap = a_product(skus=(a_sku(price=yen(1)),))
    await ProductRepository(shop.services.database).add_many([cheap], session=None)
    shop.skus.append(cheap.skus[0])
    await shop.stockroom.stock(shop.key(2), 20)
    member = await shop.customer()
    coupons = [
        await claim(shop.services, member, (await a_published_offer(shop.services, **terms)).id)
        for terms in (
            {"benefit": Benefit(BenefitKind.PERCENT, 50), "stacking_group": "half"},
            {"benefit": Benefit(BenefitKind.AMOUNT, 10), "stacking_group": "amount"},
        )
    ]
    order = await shop.move(await shop.place(member, with_coupons(shop.wish((2, 2)), *coupons)), *COLLECTED)
    assert order.totals.total == 0
    for number in range(2):
        refunded = await shop.services.order_refunding.refund(
            shop.clerk, order.id, {"1": 1}, None, True, f"refund-key-{number}"
        )
        order = refunded.order
    assert [each.money for each in order.refunds] == [0, 0]
    await require_sound(shop.services.database, shop.clock.now())


async def test_a_refund_gives_back_what_was_paid_and_no_more(shop: Shop) -> None:
    _, coupon = await a_coupon(shop)
    order = await shop.move(await order_with(shop, coupon), *COLLECTED)
    refund = shop.services.order_refunding.refund
    for number in range(2):
        await refund(shop.clerk, order.id, {"2": 1}, None, False, f"refund-key-{number}")
    await refund(shop.clerk, order.id, {"1": 1}, None, False, "refund-key-9")
    order = await shop.now(order)
    assert [each.money for each in order.refunds] == [270, 270, 900]
    assert await shop.balance(coupon.member_id) == 0


async def test_bonus_points_and_multipliers_count_when_it_is_collected(shop: Shop) -> None:
    _, coupon = await a_coupon(shop, benefit=Benefit(BenefitKind.BONUS_POINTS, 50), stacking_group="one")
    thrice = await a_published_offer(
        shop.services, benefit=Benefit(BenefitKind.POINTS_MULTIPLIER, 3), stacking_group="two"
    )
    other = await claim(shop.services, coupon.member_id, thrice.id)
    order = await shop.place(coupon.member_id, with_coupons(shop.wish((0, 1)), coupon, other))
    order = await shop.move(order, *COLLECTED)
    assert order.totals.points_to_earn == await shop.balance(coupon.member_id) == 3 * 9 + 50
    await shop.services.order_refunding.refund(shop.clerk, order.id, {"1": 1}, None, False, "refund-key-1")
    assert await shop.balance(coupon.member_id) == 0


async def test_points_are_multiplied_for_what_the_coupon_is_for(shop: Shop) -> None:
    scope = OfferScope(sku_ids=frozenset({shop.skus[1].id}))
    _, coupon = await a_coupon(shop, benefit=Benefit(BenefitKind.POINTS_MULTIPLIER, 10), scope=scope)
    order = await order_with(shop, coupon)
    assert order.totals.points_to_earn == 9 + 5 * 10  # 909 and 545 yen without tax
    order = await shop.services.counter.reject_line(shop.clerk, order.id, "2", None)
    assert order.totals.points_to_earn == 9
    await shop.move(order, *COLLECTED)
    assert await shop.balance(coupon.member_id) == 9


async def test_a_card_order_holds_its_coupon_until_the_card_has_answered(shop: Shop) -> None:
    offer, coupon = await a_coupon(shop)
    wish = with_coupons(shop.wish((0, 1)), coupon)
    declined = shop.place_by_card(coupon.member_id, wish, "tok_declined")
    assert await outcome(declined) == ["PAYMENT_DECLINED"]
    assert await state_of(shop, coupon) is CouponState.ISSUED
    order = await shop.place_by_card(coupon.member_id, wish)
    assert isinstance(order, Order)
    assert order.totals.total == 900
    shop.clock.advance(timedelta(minutes=20))
    assert await state_of(shop, coupon) is CouponState.HELD
    await shop.services.coupons.takes.give_back()
    assert await spent(shop.services, offer) == (1, 100)
