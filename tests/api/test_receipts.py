"""Receipts as data and as a page, for the member and the staff of the store, and nobody else."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.auth.roles import Role
from app.catalog.model import TaxRate
from app.catalog.repository import PRODUCTS
from app.composition import build_services
from app.offers.model import Benefit, BenefitKind, OfferScope
from app.orders.states import OrderState
from app.services import Services
from app.shared.i18n import Language
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id, key_of
from tests.api.callers import Caller
from tests.arrangements import a_shift
from tests.conftest import MovableClock
from tests.integration.claims import claim
from tests.integration.shop import Shop
from tests.offer_examples import a_published_offer

RECEIPT = TEXTS["receipt"]
STEPS = (OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY, OrderState.COLLECTED)


@pytest.fixture
def services(settings: Settings, database: Database, clock: MovableClock) -> Services:
    named = {"retailer_name": "こはる & <商店>", "invoice_registration_number": "T7010705000725"}
    return build_services(settings.model_copy(update=named), database, clock)


@pytest.fixture
async def shop(services: Services, database: Database, clock: MovableClock) -> Shop:
    """The second of its goods is sold at the reduced rate."""
    shop = await Shop.open(services, clock)
    await database.collection(PRODUCTS).find_one_and_update(
        {"skus.id": shop.skus[1].id},
        {"$set": {"tax_rate": TaxRate.REDUCED.value, "names.en": "<script>alert(1)</script>"}},
    )
    return shop


async def order_of(shop: Shop, member: Caller) -> str:
    """The id of a collected order of 1,000 yen at 10 % and 600 at 8 %, of which 300 came back."""
    member_id = key_of(member.member_id, "Member", [])
    await shop.earn(member_id, 100)
    order = await shop.move(await shop.place(member_id, shop.wish((0, 1), (1, 2), use_points=100)), *STEPS)
    await shop.services.order_refunding.refund(shop.clerk, order.id, {"2": 1}, None, True, "refund-0001")
    return encode_id("Order", order.id)


async def receipt_of(caller: Caller, order_id: str, language: str = "en") -> Any:
    data = await caller.send(RECEIPT, {"orderId": order_id}, Accept_Language=language)
    return data["order"] and data["order"]["receipt"]


async def test_a_receipt_is_data_for_the_member_and_the_staff(
    client: httpx.AsyncClient, member: Caller, other_member: Caller, anonymous: Caller, shop: Shop
) -> None:
    order_id = await order_of(shop, member)
    counter = Caller(client, (await a_shift(shop.services, Role.COUNTER, shop.store.id)).access_token)
    receipt = await receipt_of(member, order_id)
    assert receipt["registrationNumber"] == "T7010705000725"
    assert [(each["percent"], each["amount"], each["tax"]) for each in receipt["taxes"]] == [
        (10, {"amount": 1_000}, {"amount": 90}),
        (8, {"amount": 600}, {"amount": 44}),
    ]
    assert [line["isReduced"] for line in receipt["lines"]] == [False, True]
    assert (receipt["pointsUsed"], receipt["paid"], receipt["paymentMethod"]) == (
        100,
        {"amount": 1_500},
        "PAY_AT_STORE",
    )
    (refund,) = receipt["refunds"]
    assert (refund["points"], refund["money"]) == (100, {"amount": 200})
    assert [(each["percent"], each["amount"]) for each in refund["taxes"]] == [(8, {"amount": 300})]
    assert (await receipt_of(counter, order_id))["number"] == receipt["number"]
    for stranger in (other_member, anonymous):
        assert await receipt_of(stranger, order_id) is None


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "ja",
            ["領収書", "適格簡易請求書", "登録番号 T7010705000725", "内消費税 ¥44", "適格返還請求書"],
        ),
        ("en", ["Receipt", "Simplified qualified invoice", "tax included ¥44", "Qualified return invoice"]),
    ],
)
async def test_its_page_opens_without_signing_in_and_shows_it_all(
    member: Caller, shop: Shop, language: str, told: list[str]
) -> None:
    receipt = await receipt_of(member, await order_of(shop, member), language)
    page = await member.client.get(receipt["page"])
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert f'<html lang="{language}">' in page.text
    for text in (*told, receipt["number"], "2026-11-21 12:00", "¥1,600", "こはる &amp; &lt;商店&gt;"):
        assert text in page.text, text
    assert "<script>alert" not in page.text
    assert "{{" not in page.text


async def test_a_link_that_has_ended_says_so(member: Caller, shop: Shop) -> None:
    receipt = await receipt_of(member, await order_of(shop, member))
    for path in (receipt["page"][:-3], receipt["page"].partition("?")[0], "/receipts/x?lang=en&key=<b>"):
        page = await member.client.get(path, headers={"Accept-Language": "en"})
        assert page.status_code == 404
        assert "This link has ended" in page.text
        assert "<b>" not in page.text


async def discounted(shop: Shop, member: Caller) -> str:
    """The id of an order of 1,000 yen at 10 % and 600 at 8 %, less coupons, of which a piece came back."""
    member_id = key_of(member.member_id, "Member", [])
    names = {Language.JA: "秋の<10%>引き", Language.EN: "Autumn <10 %> off"}
    tenth = await a_published_offer(shop.services, names=names, stacking_group="tenth", priority=1)
    reduced = await a_published_offer(
        shop.services,
        benefit=Benefit(BenefitKind.AMOUNT, 41),
        scope=OfferScope(sku_ids=frozenset({shop.skus[1].id})),
        stacking_group="amount",
    )
    coupons = [await claim(shop.services, member_id, offer.id) for offer in (tenth, reduced)]
    wish = replace(shop.wish((0, 1), (1, 2)), coupon_ids=tuple(coupon.id for coupon in coupons))
    order = await shop.move(await shop.place(member_id, wish), *STEPS)
    await shop.services.order_refunding.refund(shop.clerk, order.id, {"2": 1}, None, True, "refund-0001")
    return encode_id("Order", order.id)


async def test_coupons_are_named_with_what_they_took_off_each_rate(member: Caller, shop: Shop) -> None:
    receipt = await receipt_of(member, await discounted(shop, member))
    assert [(each["name"], each["percent"], each["amount"]["amount"]) for each in receipt["discounts"]] == [
        ("Autumn <10 %> off", 10, 100),
        ("Autumn <10 %> off", 8, 60),
        ("Autumn 10 % off", 8, 41),
    ]
    assert [
        (each["percent"], each["amount"]["amount"], each["tax"]["amount"]) for each in receipt["taxes"]
    ] == [
        (10, 900, 81),
        (8, 499, 36),
    ]
    gross = sum(line["amount"]["amount"] for line in receipt["lines"])
    discounts = sum(each["amount"]["amount"] for each in receipt["discounts"])
    assert gross - discounts == receipt["total"]["amount"] == 1_399
    (refund,) = receipt["refunds"]
    assert (refund["discount"], refund["total"], refund["money"]) == (
        {"amount": 51},
        {"amount": 249},
        {"amount": 249},
    )
    assert [(each["percent"], each["amount"]["amount"]) for each in refund["taxes"]] == [(8, 249)]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "ja",
            [
                "クーポン 秋の&lt;10%&gt;引き(10%対象)",
                "−¥100",
                "秋の10%引き(8%対象)",
                "−¥41",
                "クーポン値引き分",
                "−¥51",
                "¥249",
            ],
        ),
        (
            "en",
            [
                "Coupon: Autumn &lt;10 %&gt; off (8 % rate)",
                "−¥60",
                "Less what coupons took off",
                "−¥51",
                "¥1,399",
            ],
        ),
    ],
)
async def test_the_page_shows_the_discounts_of_coupons(
    member: Caller, shop: Shop, language: str, told: list[str]
) -> None:
    receipt = await receipt_of(member, await discounted(shop, member), language)
    page = (await member.client.get(receipt["page"])).text
    for text in told:
        assert text in page, text
