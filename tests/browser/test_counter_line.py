"""A line that drops, answers that get lost, and tokens that end: nothing is missed, nothing happens twice."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Request, Route, expect

from app.auth.actor import OPERATOR
from app.orders.states import OrderState
from tests.browser.conftest import OpenTablet
from tests.browser.pages import Tablet, intercept, place, serving_beside
from tests.integration.shop import Shop
from tests.process.servers import Server

pytestmark = pytest.mark.process

AGE_TOKENS = """() => {
  const tokens = JSON.parse(localStorage.getItem("counter-session"));
  localStorage.setItem("counter-session", JSON.stringify({ ...tokens, expiresAt: "2020-01-01T00:00:00Z" }));
}"""
NEWEST_TOKEN = "() => JSON.parse(localStorage.getItem('counter-session'))?.refreshToken ?? null"


async def test_a_dropped_line_is_said_and_nothing_is_missed(
    new_page: Callable[..., Any], shop: Shop, server_settings: dict[str, str], tmp_path: Path
) -> None:
    async with serving_beside(tmp_path, **server_settings) as first:
        tablet = Tablet(await new_page(f"{first.address}/counter"), shop)
        await tablet.enrol()
        await tablet.sign_in()
        kept, moved, ended = [await place(shop, (number % 2, 1)) for number in range(3)]
        await tablet.sees(ended, "New")
        first.end(signal.SIGKILL)
        lost = tablet.page.locator("#lost")
        await expect(lost).to_contain_text("通信が切れています")
        await tablet.sees(kept, "New")  # what was known is shown on
        await shop.move(moved, OrderState.ACCEPTED)
        await shop.move(ended, OrderState.REJECTED)
        added = await place(shop)
        await tablet.step(kept).click()
        await tablet.is_told("サーバーから応答がありません")
        port = first.address.rpartition(":")[2]
        async with serving_beside(tmp_path, "--port", port, **server_settings):
            await tablet.sees(added, "New")
            await expect(lost).to_be_hidden()
            await tablet.sees(moved, "Preparing")
            await tablet.sees_no_more(ended)
            await expect(tablet.page.locator("#spoken")).to_contain_text(added.pickup_number)
            await tablet.step(kept).click()
            await tablet.sees(kept, "Preparing")
            await tablet.page.close()


async def test_two_counters_side_by_side(open_tablet: OpenTablet, shop: Shop) -> None:
    one, other = await open_tablet(), await open_tablet(viewport={"width": 800, "height": 1280})
    order = await place(shop)
    await one.sees(order, "New")
    await one.step(order).click()
    await other.sees(order, "Preparing")
    await other.step(order).get_by_text("準備を始める").click()
    await expect(one.step(order)).to_have_text("準備完了にする")


async def test_a_change_that_somebody_else_was_first_with_is_said(
    tablet: Tablet, shop: Shop, server: Server
) -> None:
    order = await place(shop)
    await tablet.sees(order, "New")

    async def too_late(route: Route) -> None:
        await shop.move(order, OrderState.ACCEPTED)
        await route.continue_()

    await intercept(tablet.page, "version", too_late)
    await tablet.step(order).click()
    await tablet.is_told("ほかの端末またはお客様が注文を更新しました")
    await tablet.sees(order, "Preparing")


async def test_a_lost_answer_is_asked_for_again_and_it_happens_once(tablet: Tablet, shop: Shop) -> None:
    order = await place(shop)
    await tablet.sees(order, "New")
    answered: list[str] = []

    async def lose_the_answer(route: Route) -> None:
        answered.append(await (await route.fetch()).text())
        await route.abort()

    await intercept(tablet.page, "version", lose_the_answer)
    await tablet.step(order).click()
    await tablet.sees(order, "Preparing")
    await expect(tablet.step(order)).to_have_text("準備を始める")
    await expect(tablet.page.locator(".notice")).to_have_count(0)
    assert "OrderUpdated" in answered[0]
    assert [move.state for move in (await shop.now(order)).moves] == [OrderState.PLACED, OrderState.ACCEPTED]


async def test_of_two_pages_one_renews_the_session_for_both(tablet: Tablet, server: Server) -> None:
    """Were both to spend the same refresh token, the session would end sooner or later."""
    spent = await tablet.page.evaluate(NEWEST_TOKEN)
    await tablet.page.evaluate(AGE_TOKENS)
    spending: set[Page] = set()  # which may ask again where an answer takes long
    context = tablet.page.context

    def asked(request: Request) -> None:
        if spent in str(request.post_data):
            spending.add(request.frame.page)

    context.on("request", asked)
    beside = Tablet(await context.new_page(), tablet.shop)
    await beside.page.goto(f"{server.address}/counter")
    await tablet.page.reload()
    await beside.is_connected()
    await tablet.is_connected()
    assert len(spending) == 1
    assert await tablet.page.evaluate(NEWEST_TOKEN) != spent
    order = await place(tablet.shop)
    await beside.sees(order, "New")
    await tablet.sees(order, "New")


async def test_a_session_that_has_ended_asks_to_sign_in_again(tablet: Tablet, shop: Shop) -> None:
    await tablet.page.evaluate(AGE_TOKENS)
    address = tablet.page.url
    await tablet.page.goto("about:blank")  # an open page would soon notice by itself
    await shop.services.staff.remove(OPERATOR, tablet.clerk.id)
    await tablet.page.goto(address)
    await expect(tablet.page.locator("#staff .failure")).to_contain_text("有効期限が切れました")
    await expect(tablet.page.locator("#staff-code")).to_be_focused()


async def test_a_scan_whose_answer_got_lost_hands_over_once(tablet: Tablet, shop: Shop) -> None:
    order = await place(shop)
    await shop.move(order, OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY)
    await tablet.sees(order, "Ready")

    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await intercept(tablet.page, order.pickup_code, lose_the_answer)
    await tablet.scan(order.pickup_code)
    await tablet.is_told(f"{order.pickup_number} をお渡し済みにしました")
    await expect(tablet.page.locator(".notice.failed")).to_have_count(0)
