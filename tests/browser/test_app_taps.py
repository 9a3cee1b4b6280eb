"""The member app under fast fingers: each tap counts, and by what she saw when she tapped."""

import asyncio

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import OpenApp
from tests.browser.pages import intercept
from tests.browser.test_app_order import fill_basket, order
from tests.integration.shop import Shop
from tests.process.servers import Server

pytestmark = pytest.mark.process


async def test_two_taps_are_two_pieces_more_and_more_than_there_are_take_all_out(
    open_app: OpenApp, shop: Shop
) -> None:
    app = await open_app()
    await fill_basket(app, shop)
    await app.visit("order")
    number = app.view.locator(".steps span")
    await expect(number).to_have_text("1")
    await app.view.get_by_role("button", name="1点増やす").evaluate(
        "(each) => { each.click(); each.click(); }"
    )
    await expect(number).to_have_text("3")
    less = app.view.get_by_role("button", name="1点減らす")
    await less.evaluate("(each) => [1, 2, 3, 4].forEach(() => each.click())")
    await expect(app.view).to_contain_text("買い物かごは空です")
    assert await app.page.locator("#failures").inner_text() == ""


USE_ALL_POINTS = """(button) => {
  button.click();
  return document.querySelector(".place button").getAttribute("aria-disabled");
}"""


async def test_nothing_is_ordered_by_the_quote_of_another_choice(open_app: OpenApp, shop: Shop) -> None:
    app = await open_app()
    await shop.earn(await app.member_id(), 300)
    await fill_basket(app, shop)
    await app.visit("order/checkout")
    await expect(app.view.locator(".place button")).to_have_attribute("aria-disabled", "false")
    assert await app.view.get_by_role("button", name="全部使う").evaluate(USE_ALL_POINTS) == "true"
    await expect(app.view.locator(".place button")).to_have_text("¥700で注文する")


async def test_what_is_told_again_takes_no_button_from_under_her_finger(
    open_app: OpenApp, shop: Shop, server: Server
) -> None:
    app = await open_app()
    await order(app, shop)
    is_held = asyncio.Event()

    async def answer_late(route: Route) -> None:
        await is_held.wait()
        await route.continue_()

    await intercept(app.page, server.get("/operations.json").json()["order"], answer_late)
    await app.page.reload()
    await app.view.get_by_role("button", name="キャンセルする").hover()
    await app.page.mouse.down()
    is_held.set()
    await app.is_ready()
    await app.page.mouse.up()
    await expect(app.page.locator("dialog[open]")).to_be_visible()
