"""An order's way over the counter, seen from both of its sides."""

import asyncio

import pytest
from playwright.async_api import Route, expect

from app.catalog.repository import ProductRepository
from app.catalog.search_repository import SearchRepository
from app.inventory.model import StockKey
from app.orders.states import OrderState
from app.shared.i18n import Language
from app.shared.money import yen
from graphql_schema.node import encode_id
from tests.browser.conftest import OpenTablet
from tests.browser.pages import Phone, Tablet, intercept, place
from tests.catalog_examples import a_product, a_sku
from tests.integration.shop import Shop
from tests.process.servers import Server

pytestmark = pytest.mark.process

ASK_SOMETHING = """async () => {
  const { client } = await import("/assets/counter/client.js");
  await client.run("viewer");
}"""


async def test_from_new_to_collected(tablet: Tablet, phone: Phone, shop: Shop) -> None:
    order = await phone.order((0, 1), (1, 2))
    await tablet.sees(order, "New")
    await expect(tablet.page).to_have_title("(1) 受け取りカウンター")
    await expect(tablet.page.locator("#spoken")).to_contain_text(order.pickup_number)
    await expect(tablet.card(order)).to_contain_text("¥1,600")
    for column, state in (("Preparing", "ACCEPTED"), ("Preparing", "PREPARING"), ("Ready", "READY")):
        await tablet.step(order).click()
        await tablet.sees(order, column)
        await phone.sees(state)
    await expect(tablet.page).to_have_title("受け取りカウンター")
    await phone.arrive(order)
    await tablet.sees(order, "Arrived")
    await tablet.scan(order.pickup_code)
    await tablet.sees_no_more(order)
    await tablet.is_told(f"{order.pickup_number} をお渡し済みにしました")
    await phone.sees("COLLECTED")
    assert (await shop.now(order)).state is OrderState.COLLECTED


async def test_a_substitute_that_the_member_takes(tablet: Tablet, phone: Phone, shop: Shop) -> None:
    names = {Language.JA: "行灯 あさがお", Language.EN: "Morning Glory Lamp"}
    lamp = a_product(names=names, kana="あんどん あさがお", skus=(a_sku(price=yen(2_000)),))
    await ProductRepository(shop.services.database).add_many([lamp], session=None)
    await SearchRepository(shop.services.database).add_many([lamp], session=None)
    await shop.stockroom.stock(StockKey(lamp.skus[0].id, shop.store.id), 5)
    order = await phone.order((0, 1))
    await tablet.sees(order, "New")
    await tablet.step(order).click()
    await tablet.step(order).get_by_text("準備を始める").click()
    await expect(tablet.step(order)).to_have_text("準備完了にする")
    dialog = await tablet.details(order)
    await dialog.get_by_role("button", name="代替品を提案").click()
    await dialog.get_by_label("商品を探す").fill("あさがお")
    await dialog.get_by_role("button", name="探す", exact=True).click()
    await dialog.get_by_role("radio", name="行灯 あさがお").check()
    await dialog.get_by_role("button", name="この商品を提案する").click()
    await expect(tablet.card(order)).to_contain_text("代替品の回答待ち: 行灯 あさがお")
    await expect(tablet.step(order)).to_have_attribute("aria-disabled", "true")
    answer = {"orderId": encode_id("Order", order.id), "lineId": "1", "isTaken": True}
    await phone.run("answer_substitution", {"input": answer})
    await expect(tablet.card(order).locator(".goods")).to_contain_text("行灯 あさがお")
    await expect(tablet.card(order)).to_contain_text("¥1,000")  # no more than what was ordered
    await tablet.step(order).click()
    await phone.sees("READY")


async def test_an_order_is_rejected_with_a_reason(tablet: Tablet, phone: Phone, shop: Shop) -> None:
    order = await phone.order((0, 1))
    dialog = await tablet.details(order)
    await dialog.get_by_role("button", name="注文を断る").click()
    await dialog.get_by_label("ほかの理由").fill("棚が壊れました")
    await dialog.get_by_role("button", name="断る", exact=True).click()
    await tablet.sees_no_more(order)
    await phone.sees("REJECTED")
    assert (await shop.now(order)).moves[-1].reason == "棚が壊れました"


async def test_a_line_is_left_out(tablet: Tablet, shop: Shop) -> None:
    order = await place(shop, (0, 1), (1, 1))
    dialog = await tablet.details(order)
    await dialog.get_by_role("button", name="なしにする").first.click()
    await dialog.get_by_role("button", name="なしにする").click()
    await expect(tablet.card(order)).to_contain_text("¥300")
    assert [line.quantity for line in (await shop.now(order)).lines] == [0, 1]


async def test_by_its_number_an_order_is_found_and_handed_over(tablet: Tablet, shop: Shop) -> None:
    order = await place(shop)
    await shop.move(order, OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY)
    await tablet.sees(order, "Ready")
    await tablet.scan(order.pickup_number)
    await expect(tablet.dialog).to_contain_text(f"{order.pickup_number} をお渡ししますか")
    await tablet.dialog.get_by_role("button", name="確認して、お渡しする").click()
    await tablet.sees_no_more(order)
    assert (await shop.now(order)).state is OrderState.COLLECTED


async def test_the_card_collects_too_and_its_code_once(tablet: Tablet, phone: Phone, shop: Shop) -> None:
    order = await phone.order((0, 1))
    await shop.move(order, OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY)
    code = (await phone.run("my_card_code", {}))["card"]["code"]["currentCode"]
    await tablet.scan(code)
    await tablet.is_told(f"{order.pickup_number} をお渡し済みにしました")
    await tablet.scan(code)
    await tablet.is_told("使用済み")


async def test_what_is_no_code_of_an_order_here_is_refused(tablet: Tablet) -> None:
    await tablet.scan("12345")
    await tablet.is_told("受取コードは20桁")
    await tablet.scan("1" * 20)
    await tablet.is_told("受取コードを確認できません")
    await tablet.scan("0001")
    await tablet.is_told("受取番号 0001 の注文はありません")


async def test_a_customer_who_did_not_come(open_tablet: OpenTablet, shop: Shop) -> None:
    order = await place(shop)
    await shop.move(order, OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY)
    await shop.end_slot(order)
    tablet = await open_tablet()  # not before: what it shows first is the order as it is now
    dialog = await tablet.details(order)
    await dialog.get_by_role("button", name="受け取りなしにする").click()
    await dialog.get_by_role("button", name="受け取りなしにする").click()
    await tablet.sees_no_more(order)
    assert (await shop.now(order)).state is OrderState.NO_SHOW


async def test_orders_are_paused_and_taken_again(tablet: Tablet, phone: Phone, shop: Shop) -> None:
    store = {"storeId": encode_id("Store", shop.store.id)}
    await tablet.page.get_by_role("button", name="受付を止める").click()
    await tablet.dialog.get_by_role("button", name="20分").click()
    await expect(tablet.page.locator("#paused")).to_contain_text("注文の受付を停止中")
    assert await phone.run("orders_paused_until", store) is not None
    await tablet.page.reload()
    await tablet.page.get_by_role("button", name="受付を再開").click()
    await expect(tablet.page.locator("#paused")).to_be_hidden()
    assert await phone.run("orders_paused_until", store) is None


async def test_an_answer_from_before_the_pause_does_not_hide_it(tablet: Tablet, server: Server) -> None:
    is_paused = asyncio.Event()

    async def answer_late(route: Route) -> None:
        answer = await route.fetch()
        await is_paused.wait()
        await route.fulfill(response=answer)

    asked = server.get("/operations.json").json()["orders_paused_until"]
    await intercept(tablet.page, asked, answer_late)
    await tablet.page.reload()
    await tablet.page.get_by_role("button", name="受付を止める").click()
    await tablet.dialog.get_by_role("button", name="20分").click()
    paused = tablet.page.locator("#paused")
    await expect(paused).to_contain_text("注文の受付を停止中")
    async with tablet.page.expect_response(lambda answer: asked in (answer.request.post_data or "")):
        is_paused.set()
    await tablet.page.evaluate(ASK_SOMETHING)  # its answer comes after the late one
    await expect(paused).to_be_visible()


async def test_a_member_who_changes_her_mind(tablet: Tablet, phone: Phone) -> None:
    order = await phone.order((0, 1))
    await tablet.sees(order, "New")
    await phone.run("cancel_order", {"input": {"orderId": encode_id("Order", order.id)}})
    await tablet.sees_no_more(order)
    await tablet.is_told(f"{order.pickup_number}: お客様がキャンセルしました")


async def test_who_arrives_early_waits_in_sight(tablet: Tablet, phone: Phone, shop: Shop) -> None:
    """Whatever her order's state: its next step is there."""
    order = await phone.order((0, 1))
    await phone.arrive(order)
    await tablet.sees(order, "Arrived")
    await tablet.step(order).click()
    await expect(tablet.card(order, "Arrived").locator("[data-act=step]")).to_have_text("準備を始める")
