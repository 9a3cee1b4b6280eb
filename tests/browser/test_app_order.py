"""Orders in the member app: from the basket to the counter, over a bad network, and live."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from app.orders.model import Order
from app.orders.states import OrderState
from graphql_schema.node import encode_id, key_of
from tests.browser.conftest import OpenApp, OpenTablet
from tests.browser.member_app import MemberApp
from tests.browser.pages import place
from tests.browser.test_counter_people import axe, grave_findings  # noqa: F401  axe is a fixture
from tests.integration.shop import Shop
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.process

READY = (OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY)


def here(shop: Shop) -> dict[str, object]:
    """A phone that stands in the store and says so."""
    place = shop.store.location
    point = {"latitude": place.latitude, "longitude": place.longitude, "accuracy": 12}
    return {"geolocation": point, "permissions": ["geolocation"]}


async def fill_basket(app: MemberApp, shop: Shop, pieces: int = 1) -> None:
    await app.run(
        "set_cart_line", {"input": {"skuId": encode_id("Sku", shop.skus[0].id), "quantity": pieces}}
    )
    await app.run("choose_cart_store", {"input": {"storeId": encode_id("Store", shop.store.id)}})


async def orders_of(app: MemberApp, shop: Shop) -> list[Order]:
    found = (await app.run("my_orders"))["orders"]["nodes"]
    orders = [await shop.services.orders.get(key_of(each["id"], "Order", [])) for each in found]
    return [order for order in orders if order is not None]


async def press_order(app: MemberApp) -> None:
    button = app.view.locator(".place button")
    await expect(button).to_have_attribute("aria-disabled", "false")
    await button.click()


async def order(app: MemberApp, shop: Shop, pieces: int = 1) -> Order:
    """What is ordered by the page, which then shows it."""
    await fill_basket(app, shop, pieces)
    await app.visit("order/checkout")
    await press_order(app)
    await expect(app.view.locator(".pickup .number")).to_be_visible()
    (placed,) = await orders_of(app, shop)
    return placed


def losing_answers(about: str, times: int) -> Callable[[Route], Awaitable[None]]:
    """Calls of the API whose text has this arrive, but their first answers do not."""
    left = iter(range(times))

    async def handle(route: Route) -> None:
        if about in (route.request.post_data or "") and next(left, None) is not None:
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    return handle


async def test_from_basket_to_collected_side_by_side_with_the_counter(
    open_app: OpenApp, open_tablet: OpenTablet, shop: Shop
) -> None:
    tablet = await open_tablet()
    app = await open_app("#/order", **here(shop))
    placed = await order(app, shop)
    await expect(app.view.locator(".pickup .number")).to_contain_text(placed.pickup_number)
    await tablet.sees(placed, "New")
    for state, step in (("受付済み", "Preparing"), ("準備中", "Preparing"), ("受け取れます", "Ready")):
        await tablet.step(placed).click()
        await expect(app.view.locator(".pickup .tag").first).to_have_text(state)
        await tablet.sees(placed, step)
    await app.view.get_by_role("button", name="お店に着きました").click()
    await tablet.sees(placed, "Arrived")
    await expect(app.view).to_contain_text("到着を連絡済み")
    shown = await app.view.locator(".code b").inner_text()
    await tablet.scan(shown.replace(" ", ""))
    await expect(app.view.locator(".pickup .tag").first).to_have_text("受け取り済み")
    async with app.page.context.expect_page() as opened:
        await app.view.get_by_role("button", name="レシートを見る").click()
    receipt = await opened.value
    await expect(receipt.locator("body")).to_contain_text("¥1,000")
    await app.visit("order")
    await expect(app.view.get_by_role("heading", name="これまでの注文")).to_be_visible()
    await expect(app.view).to_contain_text("買い物かごは空です")


# Whoever orders in New York half an hour into the day on which the clocks go back there.
DAYS_TO_CHOOSE = """async () => {
  const { client } = await import("/assets/app/client.js");
  const { SlotChoice } = await import("/assets/app/order_slots.js");
  const asked = [];
  client.now = () => Date.parse("2026-11-01T04:30Z");
  client.run = async (_, { date }) => { asked.push(date); return { pickupSlots: [] }; };
  const choice = new SlotChoice({ id: "store", timeZone: "America/New_York" }, () => {});
  await choice.start();
  delete client.now;
  delete client.run;
  return [asked, [...choice.days.children].map((each) => each.textContent)];
}"""


async def test_a_day_of_25_hours_is_one_day_to_choose(open_app: OpenApp) -> None:
    asked, days = await (await open_app()).page.evaluate(DAYS_TO_CHOOSE)
    assert asked == ["2026-11-01", "2026-11-02"]
    assert days == ["今日", "明日", "11/3(火)", "11/4(水)", "11/5(木)", "11/6(金)", "11/7(土)"]


async def test_points_are_used_and_the_button_says_what_is_left_to_pay(open_app: OpenApp, shop: Shop) -> None:
    app = await open_app()
    await shop.earn(await app.member_id(), 300)
    await fill_basket(app, shop)
    await app.visit("order/checkout")
    await app.view.get_by_role("button", name="全部使う").click()
    await expect(app.view.locator(".place button")).to_have_text("¥700で注文する")
    await press_order(app)
    await expect(app.view.locator(".pickup .number")).to_be_visible()
    await expect(app.view.locator(".sums")).to_contain_text("−300")
    (placed,) = await orders_of(app, shop)
    shown = await app.run("order", {"id": encode_id("Order", placed.id)})
    assert (shown["totals"]["pointsUsed"], shown["totals"]["toPay"]["amount"]) == (300, 700)


@pytest.mark.parametrize("lost", [1, 5], ids=["once", "for-long"])
async def test_a_lost_answer_makes_one_order(open_app: OpenApp, shop: Shop, lost: int) -> None:
    app = await open_app(handle_calls=losing_answers("expectedTotal", lost))
    await fill_basket(app, shop)
    await app.visit("order/checkout")
    await press_order(app)
    await expect(app.view.locator(".pickup .number")).to_be_visible()
    assert len(await orders_of(app, shop)) == 1


async def test_a_lost_answer_is_asked_for_again_after_a_reload(open_app: OpenApp, shop: Shop) -> None:
    app = await open_app()
    await fill_basket(app, shop)
    await app.visit("order/checkout")
    sent = asyncio.Event()

    async def swallow(route: Route) -> None:
        if "expectedTotal" not in (route.request.post_data or ""):
            await route.continue_()
            return
        await route.fetch()
        sent.set()  # and no answer, ever

    await app.page.route("**/graphql", swallow)
    await press_order(app)
    await asyncio.wait_for(sent.wait(), PATIENCE_SECONDS)
    await app.page.goto("about:blank")
    await app.page.unroute("**/graphql")  # not before: the browser sends on what is still held
    await app.page.go_back()
    await expect(app.view.locator(".pickup .number")).to_be_visible()
    assert len(await orders_of(app, shop)) == 1


async def test_a_basket_that_the_store_has_too_few_of_says_what_can_be_had(
    open_app: OpenApp, shop: Shop
) -> None:
    app = await open_app()
    await fill_basket(app, shop, 30)
    await app.visit("order")
    await expect(app.view.locator(".basket")).to_contain_text("この店舗には20点しかありません")
    await app.visit("order/checkout")
    await expect(app.view.locator(".problems")).to_contain_text("20")
    await expect(app.view.locator(".place button")).to_have_attribute("aria-disabled", "true")
    await app.visit("order")
    await app.view.get_by_role("button", name="1点減らす").click()
    await expect(app.view.locator(".steps")).to_contain_text("29")
    await app.page.reload()
    await expect(app.view.locator(".steps")).to_contain_text("29")


async def test_a_price_that_changed_meanwhile_is_shown_before_anything_is_ordered(
    open_app: OpenApp, shop: Shop
) -> None:
    app = await open_app()
    await fill_basket(app, shop)
    await app.visit("order/checkout")
    await expect(app.view.locator(".place button")).to_have_text("¥1,000で注文する")

    async def expect_less(route: Route) -> None:
        text = (route.request.post_data or "").replace('"expectedTotal":1000', '"expectedTotal":900')
        await route.continue_(post_data=text)

    await app.page.route("**/graphql", expect_less)
    await press_order(app)
    await expect(app.view.locator(".place [role=alert]")).not_to_be_empty()
    assert await orders_of(app, shop) == []


async def test_a_substitute_is_answered_on_the_phone(open_app: OpenApp, shop: Shop) -> None:
    app = await open_app()
    placed = await order(app, shop)
    placed = await shop.move(placed, OrderState.ACCEPTED, OrderState.PREPARING)
    await shop.services.counter.offer_substitute(shop.clerk, placed.id, "1", shop.skus[1].id, 1, None)
    await app.view.get_by_role("button", name="これにする").click()
    await expect(app.view.locator(".question")).to_have_count(0)
    await expect(app.view.locator(".pay")).to_contain_text("¥300")


async def test_an_order_is_cancelled_once_she_has_said_so_twice(open_app: OpenApp, shop: Shop) -> None:
    app = await open_app()
    placed = await order(app, shop)
    await app.view.get_by_role("button", name="キャンセルする").click()
    await app.page.locator("dialog").get_by_role("button", name="キャンセルしない").click()
    assert (await shop.now(placed)).state is OrderState.PLACED
    await app.view.get_by_role("button", name="キャンセルする").click()
    await app.page.locator("dialog").get_by_role("button", name="キャンセルする").click()
    await expect(app.view.locator(".pickup .tag").first).to_have_text("キャンセル")


async def test_without_a_network_the_pickup_code_is_there_still(open_app: OpenApp, shop: Shop) -> None:
    app = await open_app()
    placed = await order(app, shop)
    await shop.move(placed, *READY)
    await expect(app.view.locator(".pickup .tag").first).to_have_text("受け取れます")
    code = await app.view.locator(".code b").inner_text()
    await app.visit("order")
    await app.page.context.set_offline(True)
    await app.page.evaluate(
        "(address) => { location.hash = address; }", f"#/order/{encode_id('Order', placed.id)}"
    )
    await expect(app.view.locator(".code b")).to_have_text(code)
    await expect(app.page.locator("#failures")).to_contain_text("インターネットにつながっていません")


async def test_nothing_of_her_orders_is_left_for_who_holds_the_phone_next(
    open_app: OpenApp, shop: Shop
) -> None:
    app = await open_app()
    await order(app, shop)
    assert await app.page.evaluate("localStorage.getItem('app-orders')") is not None
    await app.page.evaluate("localStorage.removeItem('app-session')")
    await app.visit("home")
    await expect(app.view.locator(".card")).to_be_visible()
    assert await app.page.evaluate("localStorage.getItem('app-orders')") is None


async def test_another_members_order_is_not_there(open_app: OpenApp, shop: Shop) -> None:
    placed = await place(shop)
    app = await open_app(f"#/order/{encode_id('Order', placed.id)}")
    await expect(app.view).to_contain_text("この注文は見つかりません")


@pytest.mark.parametrize("colour_scheme", ["light", "dark"])
async def test_axe_has_no_grave_finding_in_any_view(
    open_app: OpenApp,
    shop: Shop,
    axe: str,  # noqa: F811
    colour_scheme: str,
) -> None:
    app = await open_app(color_scheme=colour_scheme)
    await shop.earn(await app.member_id(), 300)
    findings: dict[str, list[Any]] = {}

    async def look(page: Page, name: str) -> None:
        findings[name] = await grave_findings(page, axe)

    await fill_basket(app, shop)
    for address in ("find", "find/scan", "order", "order/store", "order/checkout"):
        await app.visit(address)
        await look(app.page, address)
    await press_order(app)
    await expect(app.view.locator(".pickup .number")).to_be_visible()
    await look(app.page, "order page")
    await app.view.get_by_role("button", name="キャンセルする").click()
    await look(app.page, "dialog")
    assert {name: found for name, found in findings.items() if found} == {}
