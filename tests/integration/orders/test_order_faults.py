"""Wherever the process dies or the connection is lost: an order is changed wholly or not at all, and once."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from itertools import count

import pytest
from pymongo.errors import PyMongoError

from app.composition import build_services
from app.inventory.hold_repository import STOCK_HOLDS
from app.offers.model import Benefit, BenefitKind, Offer
from app.orders.model import Order
from app.orders.repository import ORDERS
from app.orders.states import OrderState
from app.orders.wishes import OrderWish
from app.payments.errors import PaymentPending
from app.services import Services
from app.shared.ids import new_id
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from app.shared.settings.model import Settings
from tests.conftest import MovableClock
from tests.integration.claims import claim
from tests.integration.faults import Accident, Death, FaultyDatabase, Line, Moment
from tests.integration.order_audit import require_sound
from tests.integration.shop import Shop, outcome
from tests.offer_examples import a_published_offer

ACCEPTED, PREPARING, READY, COLLECTED = list(OrderState)[1:5]
PIECES = 1_000
TRIES = 10
# To die after a command is to die before the next one, or with everything done.
ACCIDENTS = [
    (Moment.BEFORE, Accident.DEATH),
    (Moment.BEFORE, Accident.CONNECTION_LOST),
    (Moment.AFTER, Accident.CONNECTION_LOST),
]
# What an act says when it is done already and has no key to be known by.
DONE_ALREADY = ["done"], ["ORDER_LINE_NOT_FOUND"], ["SUBSTITUTION_NOT_OFFERED"]

Act = Callable[[], Awaitable[object]]


class Coupons(StrEnum):
    """How a member names the coupons that she uses."""

    NONE = "none"
    NAMED = "named"
    BEST = "best"


async def offers_of(shop: Shop) -> list[Offer]:
    """Two offers that go together, made once."""
    page = await shop.services.offers.page(PageRequest(10))
    if page.items:
        return [offer for offer, _ in page.items]
    return [
        await a_published_offer(shop.services, stacking_group="percent"),
        await a_published_offer(
            shop.services, benefit=Benefit(BenefitKind.AMOUNT, 100), stacking_group="amount"
        ),
    ]


class Scene:
    """A member of a shop who is about to order, and what has become of everything since."""

    def __init__(self, shop: Shop, member: str, wish: OrderWish, by_card: bool) -> None:
        self.shop = shop
        self.member = member
        self._by_card = by_card
        self._key = f"key-{new_id()}"
        self._wish = wish

    @classmethod
    async def set(cls, shop: Shop, by_card: bool = True, coupons: Coupons = Coupons.NONE) -> "Scene":
        """A member who has two coupons, if any, of offers that have more than enough for everybody."""
        member = await shop.customer(points=500)
        wish = shop.wish((0, 1), (1, 2), use_points=300, slot=shop.slot + timedelta(hours=2))
        if coupons is not Coupons.NONE:
            mine = [await claim(shop.services, member, offer.id) for offer in await offers_of(shop)]
            named = tuple(coupon.id for coupon in mine) if coupons is Coupons.NAMED else ()
            wish = replace(wish, coupon_ids=named, uses_best_coupons=coupons is Coupons.BEST)
        return cls(shop, member, wish, by_card)

    async def place(self) -> Order:
        if not self._by_card:
            return await self.shop.place(self.member, self._wish, self._key)
        placed = await self.shop.place_by_card(self.member, self._wish, key=self._key)
        assert isinstance(placed, Order)
        return placed

    async def placed(self, *steps: OrderState) -> Order:
        return await self.shop.move(await self.place(), *steps)

    async def state(self) -> tuple[int, ...]:
        """All that an order changes: pieces on the shelf, pieces and room for others, points, coupons."""
        usable = await self.shop.services.coupons.wallet.usable_at(
            self.member, self.shop.store.id, None, PageRequest(10)
        )
        levels = [await self.shop.stockroom.level(self.shop.key(number)) for number in (0, 1)]
        pieces = [await self.shop.available(number) for number in (0, 1)]
        room = await self.shop.room(self._wish.slot_starts_at)
        points = await self.shop.balance(self.member)
        return (*(level.on_hand for level in levels), *pieces, room, points, len(usable.items))


async def placing_at_the_store(shop: Shop) -> tuple[Scene, Act]:
    scene = await Scene.set(shop, by_card=False)
    return scene, scene.place


async def placing(shop: Shop) -> tuple[Scene, Act]:
    scene = await Scene.set(shop, coupons=Coupons.NAMED)
    return scene, scene.place


async def placing_with_the_best_coupons(shop: Shop) -> tuple[Scene, Act]:
    scene = await Scene.set(shop, by_card=False, coupons=Coupons.BEST)
    return scene, scene.place


async def accepting(shop: Shop) -> tuple[Scene, Act]:
    scene = await Scene.set(shop)
    order = await scene.placed()
    return scene, lambda: shop.move(order, ACCEPTED)


async def cancelling(shop: Shop) -> tuple[Scene, Act]:
    scene = await Scene.set(shop, coupons=Coupons.NAMED)
    order = await scene.placed()
    return scene, lambda: shop.services.orders.cancel(scene.member, order.id, None)


async def rejecting_a_line(shop: Shop) -> tuple[Scene, Act]:
    scene = await Scene.set(shop)
    order = await scene.placed(ACCEPTED)
    return scene, lambda: shop.services.counter.reject_line(shop.clerk, order.id, "2", None)


async def taking_a_substitute(shop: Shop) -> tuple[Scene, Act]:
    scene = await Scene.set(shop)
    order = await scene.placed(ACCEPTED)
    await shop.services.counter.offer_substitute(shop.clerk, order.id, "2", shop.skus[0].id, 1, None)
    return scene, lambda: shop.services.orders.answer_substitution(scene.member, order.id, "2", is_taken=True)


async def collecting(shop: Shop) -> tuple[Scene, Act]:
    scene = await Scene.set(shop, coupons=Coupons.NAMED)
    order = await scene.placed(ACCEPTED, PREPARING, READY)
    return scene, lambda: shop.move(order, COLLECTED)


async def refunding(shop: Shop) -> tuple[Scene, Act]:
    scene = await Scene.set(shop, coupons=Coupons.NAMED)
    order = await scene.placed(ACCEPTED, PREPARING, READY, COLLECTED)
    key = f"key-{new_id()}"
    return scene, lambda: shop.services.order_refunding.refund(
        shop.clerk, order.id, {"2": 1}, None, goes_on_shelf=True, idempotency_key=key
    )


ACTS = [
    *(
        placing_at_the_store,
        placing,
        placing_with_the_best_coupons,
        accepting,
        cancelling,
        rejecting_a_line,
        taking_a_substitute,
    ),
    *(collecting, refunding),
]


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def services(settings: Settings, database: Database, clock: MovableClock, line: Line) -> Services:
    return build_services(settings, FaultyDatabase(database, line), clock)


@pytest.fixture
async def shop(services: Services, clock: MovableClock) -> Shop:
    shop = await Shop.open(services, clock, PIECES)
    await shop.change_policy(capacity=10_000)
    return shop


def difference(now: tuple[int, ...], then: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(one - other for one, other in zip(now, then, strict=True))


async def again(act: Act, clock: MovableClock) -> object:
    """The same until it has an answer."""
    for _ in range(TRIES):
        told = await outcome(act())
        if told != [PaymentPending.code]:
            assert told in DONE_ALREADY, told
            return told
        clock.advance(timedelta(seconds=20))
    raise AssertionError("no answer")


def numbers_until_done(line: Line, driver: str) -> Iterator[int]:
    """The numbers of the commands of an act, until it sends no more: under Motor, every fourth.

    What is proved is in which order we do things; that a driver tells us of what it lost takes fewer.
    """
    for number in count() if driver == "pymongo" else count(1, 4):
        yield number
        if not line.has_broken:
            return


@pytest.mark.parametrize(("moment", "accident"), ACCIDENTS)
@pytest.mark.parametrize("ready", ACTS)
async def test_whoever_asks_again_has_it_once(
    shop: Shop,
    database: Database,
    clock: MovableClock,
    line: Line,
    driver: str,
    ready: Callable[[Shop], Awaitable[tuple[Scene, Act]]],
    moment: Moment,
    accident: Accident,
) -> None:
    scene, act = await ready(shop)
    before = await scene.state()
    await act()
    expected = difference(await scene.state(), before)
    for number in numbers_until_done(line, driver):
        scene, act = await ready(shop)
        before = await scene.state()
        line.break_after(number, moment, accident)
        with suppress(Death, PyMongoError, PaymentPending):
            await act()
        line.mend()
        await again(act, clock)
        assert difference(await scene.state(), before) == expected, number
    await require_sound(database, clock.now())


async def test_goods_are_back_on_the_shelf_if_and_only_if_they_are_refunded(
    shop: Shop, line: Line, driver: str
) -> None:
    for number in numbers_until_done(line, driver):
        scene, act = await refunding(shop)
        before = await shop.stockroom.level(shop.key(1))
        line.break_after(number, Moment.BEFORE, Accident.DEATH)
        with suppress(Death):
            await act()
        line.mend()
        level = await shop.stockroom.level(shop.key(1))
        order = await shop.now(await scene.place())
        assert level.on_hand - before.on_hand == len(order.refunds), number


@pytest.mark.parametrize("ready", ACTS)
async def test_what_nobody_asks_for_again_leaves_nothing(
    shop: Shop,
    services: Services,
    database: Database,
    clock: MovableClock,
    line: Line,
    driver: str,
    ready: Callable[[Shop], Awaitable[tuple[Scene, Act]]],
) -> None:
    for number in numbers_until_done(line, driver):
        _, act = await ready(shop)
        line.break_after(number, Moment.BEFORE, Accident.DEATH)
        with suppress(Death):
            await act()
        line.mend()
    await require_sound(database, clock.now())
    clock.advance(timedelta(days=2))
    for _ in range(TRIES):
        await services.payments.sweep()
        if not (await services.order_timekeeping.sweep() + await services.order_settling.sweep()):
            break
        clock.advance(timedelta(minutes=5))
    living = {"settled": None, "until": {"$gt": clock.now()}}
    assert await database.collection(STOCK_HOLDS).count(living) == 0
    for order in await database.collection(ORDERS).find({}):
        assert order["due_payments"] == []
    await require_sound(database, clock.now())
