"""One order, asked for twice at once by one request: wherever the two meet, both get the one order."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from app.coupons.model import Coupon, CouponState
from app.offers.model import Offer
from app.orders.checkout import PaymentToConfirm
from app.orders.drafting import OrderDrafting
from app.orders.grounds import Grounds
from app.orders.model import Order
from app.orders.placing import OrderPlacing
from app.orders.quoting import OrderQuoting
from app.orders.wishes import OrderWish
from app.payments.model import PaymentMethod
from app.services import Services
from tests.conftest import MovableClock
from tests.integration.claims import claim
from tests.integration.coupons.test_coupon_redemptions import spent
from tests.integration.order_audit import require_sound
from tests.integration.shop import Shop, outcome
from tests.offer_examples import a_published_offer
from tests.patience import PATIENCE_SECONDS

KEY = "one-order-key"


@pytest.fixture
async def shop(services: Services, clock: MovableClock) -> Shop:
    """Of what is ordered, there is one piece."""
    return await Shop.open(services, clock, pieces=1)


@pytest.fixture
async def offer(shop: Shop) -> Offer:
    return await a_published_offer(shop.services)


@pytest.fixture
async def coupon(shop: Shop, offer: Offer) -> Coupon:
    return await claim(shop.services, await shop.customer(), offer.id)


class SlowCard:
    """Whose payment is asked for first waits for the answer until it may come."""

    def __init__(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self._authorize = shop.services.payments.authorize
        monkeypatch.setattr(shop.services.payments, "authorize", self._authorize_late)

    async def _authorize_late(self, request: Any) -> Any:
        if not self.is_asked.is_set():
            self.is_asked.set()
            await self.may_answer.wait()
        return await self._authorize(request)


def with_coupon(shop: Shop, coupon: Coupon) -> OrderWish:
    return replace(shop.wish((0, 1)), coupon_ids=(coupon.id,))


def with_best_coupons(shop: Shop, coupon: Coupon) -> OrderWish:
    return replace(shop.wish((0, 1)), uses_best_coupons=True)


def the_first_time(
    monkeypatch: pytest.MonkeyPatch, owner: type, name: str, act: Callable[..., Awaitable[Any]]
) -> None:
    """Does this, once, in place of the method, which it may call."""
    plain = getattr(owner, name)

    async def first(*arguments: Any) -> Any:
        monkeypatch.setattr(owner, name, plain)
        return await act(plain, *arguments)

    monkeypatch.setattr(owner, name, first)


async def require_one_order(shop: Shop, offer: Offer, coupon: Coupon, *orders: object) -> None:
    """All are the same order, which has the piece and the coupon."""
    assert [order.id for order in orders if isinstance(order, Order)] == [orders[0].id] * len(orders)  # type: ignore[attr-defined]
    order = orders[0]
    assert isinstance(order, Order)
    assert order.totals.total == 900
    assert await shop.available(0) == 0
    found = await shop.services.coupons.wallet.get(coupon.id)
    assert found is not None
    assert found.state_at(shop.clock.now()) is CouponState.HELD
    assert await spent(shop.services, offer) == (1, 100)
    await require_sound(shop.services.database, shop.clock.now())


@pytest.mark.parametrize("wish_of", [with_coupon, with_best_coupons])
async def test_a_coupon_that_is_held_for_it_is_the_orders_own(
    shop: Shop,
    offer: Offer,
    coupon: Coupon,
    monkeypatch: pytest.MonkeyPatch,
    wish_of: Callable[[Shop, Coupon], OrderWish],
) -> None:
    """One looks for coupons when the other holds them, and has not placed yet."""
    wish = wish_of(shop, coupon)
    holds, may_place = asyncio.Event(), asyncio.Event()
    others: list[asyncio.Task[Order]] = []

    async def place_late(place: Any, *arguments: Any) -> Order:
        holds.set()
        await may_place.wait()
        return await place(*arguments)  # type: ignore[no-any-return]

    async def quote_late(quote: Any, *arguments: Any) -> Any:
        the_first_time(monkeypatch, OrderPlacing, "place", place_late)
        others.append(asyncio.create_task(shop.place(coupon.member_id, wish, KEY)))
        await holds.wait()
        return await quote(*arguments)

    the_first_time(monkeypatch, OrderQuoting, "quote", quote_late)
    async with asyncio.timeout(PATIENCE_SECONDS):
        try:
            one = await shop.place(coupon.member_id, wish, KEY)
        finally:
            may_place.set()
        await require_one_order(shop, offer, coupon, one, *await asyncio.gather(*others))


async def test_who_finds_nothing_left_is_told_of_the_order_that_has_it(
    shop: Shop, offer: Offer, coupon: Coupon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One looked for its answer before the other placed, and for the piece after it."""
    wish = with_coupon(shop, coupon)
    orders: list[Order] = []

    async def look_late(grounds: Any, *arguments: Any) -> Grounds:
        orders.append(await shop.place(coupon.member_id, wish, KEY))
        return replace(await grounds(*arguments), answer=None)

    the_first_time(monkeypatch, OrderDrafting, "grounds", look_late)
    orders.append(await shop.place(coupon.member_id, wish, KEY))
    assert len(orders) == 2
    await require_one_order(shop, offer, coupon, *orders)


async def test_who_finds_all_held_while_a_card_is_asked_goes_on_with_it(
    shop: Shop, offer: Offer, coupon: Coupon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One had begun nothing when it looked; then the other holds the piece, and asks the card."""
    wish = with_coupon(shop, coupon)
    card = SlowCard(shop, monkeypatch)
    others: list[asyncio.Task[Any]] = []

    async def look_late(grounds: Any, *arguments: Any) -> Grounds:
        others.append(asyncio.create_task(shop.place_by_card(coupon.member_id, wish, key=KEY)))
        await card.is_asked.wait()
        return await grounds(*arguments)  # type: ignore[no-any-return]

    the_first_time(monkeypatch, OrderDrafting, "grounds", look_late)
    async with asyncio.timeout(PATIENCE_SECONDS):
        try:
            one = await shop.place_by_card(coupon.member_id, wish, key=KEY)
        finally:
            card.may_answer.set()
        await require_one_order(shop, offer, coupon, one, *await asyncio.gather(*others))


async def test_whose_twins_card_is_declined_is_told_so(
    shop: Shop, offer: Offer, coupon: Coupon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One looks while the other holds the piece, and has nothing to go on with when that is over."""
    wish = with_coupon(shop, coupon)
    card = SlowCard(shop, monkeypatch)
    told: list[list[str]] = []

    def placing() -> Awaitable[Order | PaymentToConfirm]:
        return shop.place_by_card(coupon.member_id, wish, "tok_declined", KEY)

    async def look_between(grounds: Any, *arguments: Any) -> Grounds:
        other = asyncio.create_task(outcome(placing()))
        await card.is_asked.wait()
        found = await grounds(*arguments)
        card.may_answer.set()
        told.append(await other)
        return found  # type: ignore[no-any-return]

    the_first_time(monkeypatch, OrderDrafting, "grounds", look_between)
    async with asyncio.timeout(PATIENCE_SECONDS):
        told.append(await outcome(placing()))
    assert told == [["PAYMENT_DECLINED"]] * 2
    assert await shop.available(0) == 1
    found = await shop.services.coupons.wallet.get(coupon.id)
    assert found is not None
    assert found.state_at(shop.clock.now()) is CouponState.ISSUED


async def test_who_takes_anothers_key_does_not_let_go_of_what_the_other_paid(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two wishes with one key, under way at once: the later one is refused, the order keeps its money."""
    member = await shop.customer()
    orders: list[Order | PaymentToConfirm] = []
    authorize = shop.services.payments.authorize

    def placing(note: str) -> Awaitable[Order | PaymentToConfirm]:
        wish = shop.wish((0, 1))
        return shop.services.orders.place(member, wish, PaymentMethod.CARD, note, None, KEY, "tok_ok")

    async def authorize_late(request: Any) -> Any:
        monkeypatch.setattr(shop.services.payments, "authorize", authorize)
        orders.append(await placing("one"))
        return await authorize(request)

    monkeypatch.setattr(shop.services.payments, "authorize", authorize_late)
    assert await outcome(placing("other")) == ["IDEMPOTENCY_KEY_REUSED"]
    (order,) = orders
    assert isinstance(order, Order)
    payment = await shop.services.payments.get(order.payment_id or "")
    assert payment is not None
    assert payment.holds_money_at(shop.clock.now())
    await require_sound(shop.services.database, shop.clock.now())
