"""Points that coupons bring at tills: with the purchase, once, in whatever order, and back again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import permutations

import pytest

from app.catalog.repository import ProductRepository
from app.coupons.baskets import BasketItem
from app.coupons.errors import NothingApplies, NoUseHere, ReceiptInvalid
from app.coupons.model import Coupon
from app.coupons.till import Receipt, Redeemed
from app.members.model import Member
from app.offers.model import Benefit, BenefitKind, OfferScope
from app.points.audit import audit
from app.purchases.model import Receipt as PurchaseReceipt
from app.services import Services
from app.shared.channels import Channel
from app.shared.errors import Refusal
from app.shared.ids import new_id
from app.stores.model import Store
from tests.arrangements import A_NETWORK, add_stores
from tests.catalog_examples import a_product, a_sku
from tests.examples import a_store
from tests.integration.claims import TILL, claim
from tests.integration.till import Till
from tests.offer_examples import a_published_offer
from tests.purchase_examples import a_line, a_name, a_receipt, a_return
from tests.webhook_arrangements import machinery

THRICE = Benefit(BenefitKind.POINTS_MULTIPLIER, 3)
FIFTY = Benefit(BenefitKind.BONUS_POINTS, 50)


@pytest.fixture(autouse=True)
async def goods(services: Services) -> None:
    """What an offer names has to exist."""
    products = [a_product(skus=(a_sku(id=each),)) for each in ("towel", "pen")]
    await ProductRepository(services.database).add_many(products, session=None)


class Sale:
    """One receipt over two lines, with a coupon."""

    def __init__(self, services: Services, store: Store, customer: Member, coupon: Coupon) -> None:
        self.services = services
        self.store = store
        self.till = Till(services, store)
        self.coupon = coupon
        self.customer = customer
        self.number = new_id()
        self.redeemed: Redeemed | None = None

    @classmethod
    async def begin(cls, services: Services, store: Store, benefit: Benefit, **terms: object) -> "Sale":
        customer = await Till(services, store).customer()
        offer = await a_published_offer(services, benefit=benefit, **terms)
        return cls(services, store, customer, await claim(services, customer.id, offer.id))

    @property
    def receipt(self) -> PurchaseReceipt:
        """A towel for 1,100 yen and a pen for 550: they earn 10 and 5 points."""
        lines = (a_line(1_100, sku_id="towel"), a_line(550, sku_id="pen"))
        name = a_name(self.store.id, self.number)
        now = self.services.clock.now()
        return a_receipt(self.store.id, now, *lines, name=name, member_number=self.customer.number)

    async def use(self) -> None:
        items = (BasketItem("towel", 1, 1_100), BasketItem("pen", 1, 550))
        receipt = Receipt("till-1", self.number, items)
        self.redeemed = await self.services.coupons.till.redeem(
            TILL, self.coupon.code, self.store.id, receipt, f"use-{self.number}"
        )

    async def sell(self) -> None:
        await self.till.sell(self.receipt)

    async def take_back(self, line: int) -> None:
        await self.till.take_back(a_return(self.receipt, self.services.clock.now(), {line: 1}))

    async def roll_back(self) -> None:
        assert self.redeemed is not None
        await self.services.coupons.till.rollback(TILL, self.redeemed.redemption.id, None, f"back-{new_id()}")

    async def follow(self) -> None:
        """As the worker does."""
        while await machinery(self.services).dispatch.dispatch():
            pass
        await self.services.coupon_points.follow()

    async def points(self) -> int:
        await self.follow()
        assert all([account.faults == () async for account in audit(self.services.database)])
        return (await self.services.points.account(self.customer.id)).balance


@pytest.mark.parametrize(
    ("benefit", "scope", "points"),
    [
        (THRICE, OfferScope(), 45),
        (THRICE, OfferScope(sku_ids=frozenset({"pen"})), 25),
        (FIFTY, OfferScope(), 65),
        (FIFTY, OfferScope(sku_ids=frozenset({"pen"})), 65),
    ],
)
async def test_a_coupon_brings_its_points_whatever_comes_first(
    services: Services, store: Store, benefit: Benefit, scope: OfferScope, points: int
) -> None:
    for is_used_first in (True, False):
        sale = await Sale.begin(services, store, benefit, scope=scope)
        first, second = (sale.use, sale.sell) if is_used_first else (sale.sell, sale.use)
        await first()
        await sale.follow()
        await second()
        assert await sale.points() == points
        await asyncio.gather(sale.use(), sale.sell())  # again
        assert await sale.points() == points
        account = await services.points.account(sale.customer.id)
        assert (account.available, account.pending) == (0, points)


async def test_points_go_with_the_use_that_is_rolled_back_and_come_with_the_next(
    services: Services, store: Store
) -> None:
    sale = await Sale.begin(services, store, THRICE)
    await sale.use()
    await sale.sell()
    assert await sale.points() == 45
    await sale.roll_back()
    await sale.roll_back()
    assert await sale.points() == 15
    sale.number = new_id()
    await sale.use()
    await sale.sell()
    assert await sale.points() == 15 + 45


async def test_a_return_takes_its_share_of_what_the_coupon_brought(services: Services, store: Store) -> None:
    sale = await Sale.begin(services, store, FIFTY)
    await sale.use()
    await sale.sell()
    assert await sale.points() == 65
    await sale.take_back(2)
    assert await sale.points() == 10 + 33
    await sale.take_back(1)
    assert await sale.points() == 0
    await sale.roll_back()
    assert await sale.points() == 0


async def test_use_sale_return_and_rollback_come_to_the_same_in_any_order(
    services: Services, store: Store
) -> None:
    """What has to come before is before: a return after its sale, a rollback after its use."""
    for order in permutations(range(4)):
        if order.index(1) > order.index(2) or order.index(0) > order.index(3):
            continue
        sale = await Sale.begin(services, store, THRICE)
        acts: list[Callable[[], Awaitable[None]]] = [
            sale.use,
            sale.sell,
            lambda sale=sale: sale.take_back(1),  # type: ignore[misc]
            sale.roll_back,
        ]
        for number in order:
            await acts[number]()
            await sale.follow()
        assert await sale.points() == 5


async def test_an_anonymous_receipt_brings_points_to_who_claims_it_with_her_own_coupon(
    services: Services, store: Store
) -> None:
    sale = await Sale.begin(services, store, THRICE)
    await sale.use()
    await sale.till.sell(replace(sale.receipt, member_number=None))
    assert await sale.points() == 0
    await services.purchase_history.claim(sale.customer.id, sale.number, 1_650, None, A_NETWORK)
    assert await sale.points() == 45


async def test_the_coupon_of_another_member_brings_nothing(services: Services, store: Store) -> None:
    sale = await Sale.begin(services, store, THRICE)
    await sale.use()
    sale.customer = await sale.till.customer()
    await sale.sell()
    assert await sale.points() == 15


async def test_free_shipping_takes_off_what_an_online_shop_sends_for(
    services: Services, store: Store
) -> None:
    online = a_store(id="online", channel=Channel.ONLINE)
    await add_stores(services.database, online)
    free = Benefit(BenefitKind.FREE_SHIPPING, 0, 700)
    customer = await Till(services, store).customer()
    offer = await a_published_offer(services, benefit=free)
    coupon = await claim(services, customer.id, offer.id)

    async def use(at: Store, shipping: int) -> Redeemed:
        receipt = Receipt("web", "R1", (BasketItem("towel", 1, 1_100),), shipping)
        return await services.coupons.till.redeem(TILL, coupon.code, at.id, receipt, f"key-{new_id()}")

    refused: list[tuple[Store, int, type[Refusal]]] = [
        (store, 0, NoUseHere),
        (store, 500, ReceiptInvalid),
        (online, -1, ReceiptInvalid),
        (online, 0, NothingApplies),
    ]
    for at, shipping, refusal in refused:
        with pytest.raises(refusal):
            await use(at, shipping)
    for at, codes in ((store, ["COUPON_NO_USE_HERE"]), (online, [])):
        usability = await services.coupons.wallet.usability(coupon, at.id, [BasketItem("towel", 1, 1_100)])
        assert [each.code for each in usability.obstacles] == codes
    used = await use(online, 900)
    assert (used.redemption.discount, used.effect.shipping_discount) == (700, 700)
    assert used.effect.line_discounts == {}
