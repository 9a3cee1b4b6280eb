"""Carts: the same on every device, with the prices and the stock of the moment."""

import asyncio
from dataclasses import replace

import pytest

from app.auth.actor import MemberActor
from app.carts.errors import StoreWithoutPickup
from app.carts.model import CartLineState, SeenCart
from app.carts.repository import CARTS
from app.catalog.repository import PRODUCTS
from app.orders.model import Order
from app.orders.wishes import OrderWish
from app.payments.model import PaymentMethod
from app.services import Services
from app.shared.i18n import Language
from app.shared.mongodb.database import Database
from tests.arrangements import a_code, a_member, add_skus, add_stores
from tests.examples import a_store
from tests.integration.shop import Shop, outcome


async def put(shop: Shop, member: str, number: int, quantity: int) -> SeenCart:
    return await shop.services.carts.set_line(member, shop.skus[number].id, quantity)


async def in_cart(shop: Shop, member: str) -> list[int]:
    """The pieces of the shop's two goods in the cart."""
    cart = (await shop.services.carts.of_member(member)).cart
    quantities = {line.sku_id: line.quantity for line in cart.lines}
    return [quantities.get(sku.id, 0) for sku in shop.skus]


def of_cart(wish: OrderWish) -> OrderWish:
    return replace(wish, is_of_cart=True)


async def test_pieces_go_in_and_come_out(shop: Shop) -> None:
    member = await shop.customer()
    carts = shop.services.carts
    assert (await carts.of_member(member)).cart.version == 0
    await put(shop, member, 0, 2)
    seen = await put(shop, member, 1, 1)
    assert (seen.total, seen.cart.version, await in_cart(shop, member)) == (2_300, 2, [2, 1])
    assert [line.state for line in seen.lines] == [CartLineState.FOR_SALE] * 2
    again = await put(shop, member, 1, 1)
    assert again.cart.version == 2
    await put(shop, member, 0, 0)
    assert await in_cart(shop, member) == [0, 1]
    assert (await carts.clear(member)).lines == ()
    assert (await carts.clear(member)).cart.version == 4


async def test_nobody_elses_cart_changes(shop: Shop) -> None:
    member, other = await shop.customer(), await shop.customer()
    await put(shop, member, 0, 2)
    await put(shop, other, 1, 5)
    assert (await in_cart(shop, member), await in_cart(shop, other)) == ([2, 0], [0, 5])


async def test_what_is_refused_changes_nothing(shop: Shop, database: Database) -> None:
    member = await shop.customer()
    carts = shop.services.carts
    await put(shop, member, 0, 2)
    sku = shop.skus[0].id
    assert await outcome(carts.set_line(member, sku, 100)) == ["CART_QUANTITY_INVALID"]
    assert await outcome(carts.set_line(member, sku, -1)) == ["CART_QUANTITY_INVALID"]
    assert await outcome(carts.set_line(member, "none", 1)) == ["SKU_NOT_FOR_SALE"]
    assert await outcome(carts.set_line(member, sku, 3, version=0)) == ["CART_CHANGED"]
    assert await outcome(carts.clear(member, version=2)) == ["CART_CHANGED"]
    assert await outcome(carts.choose_store(member, "none")) == ["STORE_NOT_FOUND"]
    office = a_store(services=frozenset())
    await add_stores(database, office)
    with pytest.raises(StoreWithoutPickup):
        await carts.choose_store(member, office.id)
    others = [f"other-{number}" for number in range(50)]
    await add_skus(database, *others)
    for number in range(49):
        await carts.set_line(member, others[number], 1)
    assert await outcome(carts.set_line(member, others[49], 1)) == ["CART_FULL"]
    assert await outcome(carts.set_line(member, others[49], 0)) == ["done"]
    assert await in_cart(shop, member) == [2, 0]


async def test_devices_that_change_at_once_all_succeed(shop: Shop, database: Database) -> None:
    """Sixteen lines from two devices each, the cart made by whoever is first."""
    member = await shop.customer()
    skus = [f"sku-{number}" for number in range(16)]
    await add_skus(database, *skus)
    carts = shop.services.carts
    await asyncio.gather(
        *(carts.set_line(member, sku, quantity) for quantity in (3, 5) for sku in skus),
        carts.choose_store(member, shop.store.id),
    )
    cart = (await carts.of_member(member)).cart
    assert {line.sku_id for line in cart.lines} == set(skus)
    assert {line.quantity for line in cart.lines} <= {3, 5}
    assert cart.store_id == shop.store.id


async def test_of_32_changes_of_one_version_one_is_made(shop: Shop) -> None:
    member = await shop.customer()
    sku = shop.skus[0].id
    results = await asyncio.gather(
        *(outcome(shop.services.carts.set_line(member, sku, number + 1, version=0)) for number in range(32))
    )
    assert results.count(["done"]) == 1
    assert results.count(["CART_CHANGED"]) == 31


async def test_prices_and_stock_are_those_of_the_moment(shop: Shop, database: Database) -> None:
    member = await shop.customer()
    await put(shop, member, 0, 2)
    await put(shop, member, 1, 25)
    seen = await shop.services.carts.choose_store(member, shop.store.id)
    assert [(line.state, line.available) for line in seen.lines] == [
        (CartLineState.AVAILABLE, 20),
        (CartLineState.SHORT, 20),
    ]
    await shop.place(await shop.customer(), shop.wish((0, 19)))
    await database.collection(PRODUCTS).find_one_and_update(
        {"skus.id": shop.skus[0].id}, {"$set": {"skus.0.price.amount": 1_500}}
    )
    seen = await shop.services.carts.of_member(member)
    assert [(line.state, line.available, line.amount) for line in seen.lines] == [
        (CartLineState.SHORT, 1, 3_000),
        (CartLineState.SHORT, 20, 7_500),
    ]


async def test_what_is_not_for_sale_any_more_stays_and_says_so(shop: Shop, database: Database) -> None:
    member = await shop.customer()
    seen = await put(shop, member, 0, 2)
    product = seen.lines[0].product
    assert product is not None
    await put(shop, member, 1, 1)
    now = shop.clock.now()
    await database.collection(PRODUCTS).find_one_and_update(
        {"_id": product.id}, {"$set": {"published_until": now}}
    )
    seen = await shop.services.carts.of_member(member)
    assert [line.state for line in seen.lines] == [CartLineState.NOT_FOR_SALE, CartLineState.FOR_SALE]
    assert seen.lines[0].line.names == product.names
    assert seen.total == 300
    assert await outcome(put(shop, member, 0, 3)) == ["SKU_NOT_FOR_SALE"]
    assert (await put(shop, member, 0, 0)).cart.lines[0].sku_id == shop.skus[1].id


async def test_an_order_of_the_cart_takes_out_just_what_was_ordered(shop: Shop) -> None:
    member = await shop.customer()
    await put(shop, member, 0, 3)
    await put(shop, member, 1, 1)
    await shop.place(member, shop.wish((0, 1)))
    assert await in_cart(shop, member) == [3, 1]
    await shop.place(member, of_cart(shop.wish((0, 2), (1, 1))))
    assert await in_cart(shop, member) == [1, 0]


@pytest.mark.parametrize("method", list(PaymentMethod))
async def test_the_same_order_again_takes_out_nothing_more(shop: Shop, method: PaymentMethod) -> None:
    member = await shop.customer()
    await put(shop, member, 0, 9)
    wish = of_cart(shop.wish((0, 2)))

    async def place() -> object:
        return await shop.services.orders.place(member, wish, method, None, None, "the-key-0001", "tok_ok")

    results = await asyncio.gather(*(outcome(place()) for _ in range(16)))
    assert {code for codes in results for code in codes} <= {"done", "PAYMENT_PENDING"}
    assert isinstance(await place(), Order)
    assert await in_cart(shop, member) == [7, 0]


async def test_an_order_that_is_refused_leaves_the_cart(shop: Shop) -> None:
    member = await shop.customer()
    await put(shop, member, 0, 21)
    assert "ORDER_ITEM_SHORT" in await outcome(shop.place(member, of_cart(shop.wish((0, 21)))))
    declined = shop.place_by_card(member, of_cart(shop.wish((0, 2))), "tok_declined")
    assert await outcome(declined) == ["PAYMENT_DECLINED"]
    assert await in_cart(shop, member) == [21, 0]


async def test_a_device_that_puts_in_while_another_orders_loses_nothing(shop: Shop) -> None:
    member = await shop.customer()
    await put(shop, member, 0, 2)
    await asyncio.gather(
        shop.place(member, of_cart(shop.wish((0, 2)))), *(put(shop, member, 1, 4) for _ in range(8))
    )
    assert await in_cart(shop, member) == [0, 4]


async def test_a_guests_cart_becomes_the_members(shop: Shop, services: Services, database: Database) -> None:
    hana = await a_member(services, "hana@example.com")
    guest = await shop.customer()
    await put(shop, hana, 0, 5)
    await put(shop, guest, 0, 2)
    await put(shop, guest, 1, 1)
    await services.carts.choose_store(guest, shop.store.id)
    (device,) = await services.sessions.of_member(guest)
    await services.sign_in.sign_in(
        await a_code(services, "hana@example.com"),
        None,
        Language.JA,
        MemberActor(guest, device.id, Language.JA),
    )
    assert await in_cart(shop, hana) == [5, 1]
    assert (await services.carts.of_member(hana)).cart.store_id == shop.store.id
    assert await database.collection(CARTS).count({"_id": guest}) == 0
