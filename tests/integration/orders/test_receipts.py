"""Receipts: what was so when the order was collected, and every refund since."""

from datetime import timedelta

import pytest

from app.auth.errors import TokenRefused
from app.catalog.model import TaxRate
from app.composition import build_services
from app.orders.errors import ReceiptLinkEnded
from app.orders.model import Order, TaxTotal
from app.orders.receipts import Receipt, receipt_of
from app.orders.states import OrderState
from app.payments.model import PaymentMethod
from app.services import Services
from app.shared.i18n import Language
from app.shared.ids import opaque_id
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from app.stores.repository import STORES
from tests.conftest import MovableClock
from tests.integration.shop import Shop, outcome

NUMBER = "T7010705000725"
STEPS = (OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY)


@pytest.fixture
def services(settings: Settings, database: Database, clock: MovableClock) -> Services:
    named = {"retailer_name": "こはる商店", "invoice_registration_number": NUMBER}
    return build_services(settings.model_copy(update=named), database, clock)


async def collected(shop: Shop) -> Order:
    """Two goods of 1,000 yen and one of 300, some paid with points."""
    member = await shop.customer(points=300)
    order = await shop.place(member, shop.wish((0, 2), (1, 1), use_points=300))
    return await shop.move(order, *STEPS, OrderState.COLLECTED)


def receipt_from(order: Order) -> Receipt:
    receipt = receipt_of(order)
    assert receipt is not None
    return receipt


async def open_page(shop: Shop, path: str) -> Receipt:
    """What the link leads to."""
    place, _, query = path.partition("?")
    return await shop.services.receipts.open(place.removeprefix("/receipts/"), query.partition("key=")[2])


async def test_there_is_none_before_it_is_collected(shop: Shop) -> None:
    order = await shop.move(await shop.place(await shop.customer(), shop.wish((0, 1))), *STEPS)
    assert receipt_of(order) is None
    assert await outcome(open_page(shop, shop.services.receipts.page(order.id, "ja"))) == [
        "RECEIPT_LINK_ENDED"
    ]


async def test_it_says_all_that_an_invoice_must(shop: Shop, clock: MovableClock) -> None:
    order = await collected(shop)
    receipt = receipt_from(await shop.now(order))
    assert (receipt.issuer.name, receipt.issuer.registration_number) == ("こはる商店", NUMBER)
    assert receipt.issued_at == clock.now()
    assert [(line.quantity, line.amount) for line in receipt.lines] == [(2, 2_000), (1, 300)]
    assert receipt.totals.taxes == (TaxTotal(TaxRate.STANDARD, 2_300, 209),)
    assert (receipt.totals.points_used, receipt.totals.to_pay) == (300, 2_000)
    assert receipt.payment_method is PaymentMethod.PAY_AT_STORE
    assert receipt.number == f"{shop.store.code}-20261121-{order.pickup_number}"


async def test_a_line_that_the_store_rejected_is_not_on_it(shop: Shop) -> None:
    order = await shop.place(await shop.customer(), shop.wish((0, 2), (1, 1)))
    await shop.services.counter.reject_line(shop.clerk, order.id, "1", None)
    order = await shop.move(order, *STEPS, OrderState.COLLECTED)
    assert [line.amount for line in receipt_from(order).lines] == [300]


async def test_it_stays_as_it_was_whatever_changes(
    shop: Shop, settings: Settings, database: Database, clock: MovableClock
) -> None:
    """The retailer has another name by now, no number, and the store has moved."""
    order = await collected(shop)
    before = receipt_from(order)
    await database.collection(STORES).find_one_and_update(
        {"_id": shop.store.id}, {"$set": {"names.ja": "移転した店", "code": "moved"}}
    )
    found = await build_services(settings, database, clock).orders.get(order.id)
    assert found is not None
    assert receipt_from(found) == before


async def test_a_refund_is_stated_with_its_goods_and_its_tax(shop: Shop, clock: MovableClock) -> None:
    order = await collected(shop)
    clock.advance(timedelta(days=1))
    for key, pieces in (("refund-0001", {"1": 1}), ("refund-0002", {"1": 1, "2": 1})):
        await shop.services.order_refunding.refund(shop.clerk, order.id, pieces, None, True, key)
    receipt = receipt_from(await shop.now(order))
    first, second = receipt.refunds
    assert [(line.quantity, line.amount) for line in first.lines] == [(1, 1_000)]
    assert first.taxes == (TaxTotal(TaxRate.STANDARD, 1_000, 209 - 118),)
    assert (first.points, first.money, first.refunded_at) == (300, 700, clock.now())
    assert second.taxes == (TaxTotal(TaxRate.STANDARD, 1_300, 118),)
    assert receipt.totals.total == 2_300


async def test_a_link_opens_its_order_for_ten_minutes(shop: Shop, clock: MovableClock) -> None:
    order, other = await collected(shop), await collected(shop)
    path = shop.services.receipts.page(order.id, "ja")
    assert await open_page(shop, path) == receipt_from(await shop.now(order))
    page_id, key = opaque_id("Order", order.id), path.partition("key=")[2]
    body, _, signature = key.rpartition(".")
    forged = f"{body}.{'A' * 8}{signature[8:]}"
    for place, wrong in (
        (opaque_id("Order", other.id), key),
        (order.id, key),
        (page_id, forged),
        (page_id, ""),
        (page_id, "a.b.c"),
        (page_id, "x" * 2_000),
    ):
        with pytest.raises(ReceiptLinkEnded):
            await shop.services.receipts.open(place, wrong)
    clock.advance(timedelta(minutes=10))
    assert await outcome(open_page(shop, path)) == ["RECEIPT_LINK_ENDED"]


async def test_an_access_token_opens_no_receipt_and_a_link_lets_nobody_in(shop: Shop) -> None:
    order = await collected(shop)
    now, tokens = shop.clock.now(), shop.services.access_tokens
    access = tokens.issue(order.id, "session", Language.JA, now).text
    with pytest.raises(ReceiptLinkEnded):
        await shop.services.receipts.open(opaque_id("Order", order.id), access)
    key = shop.services.receipts.page(order.id, "ja").partition("key=")[2]
    with pytest.raises(TokenRefused):
        tokens.verify(key, now)
