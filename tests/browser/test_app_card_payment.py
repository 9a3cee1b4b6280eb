"""Paying by card, in development by the sandbox's: accepted, refused, lost and confirmed."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenApp
from tests.browser.losing import LosingNetwork
from tests.browser.member_app import MemberApp
from tests.browser.test_app_order import fill_basket, orders_of, press_order
from tests.integration.shop import Shop
from tests.process.servers import Server

pytestmark = pytest.mark.process


@pytest.fixture
def server(development_server: Server) -> Server:
    """Where there are cards to pay with."""
    return development_server


@pytest.fixture
async def app(open_app: OpenApp, shop: Shop) -> MemberApp:
    """Her phone, with a basket."""
    app = await open_app()
    await fill_basket(app, shop)
    return app


async def pay_by(app: MemberApp, card: str) -> None:
    await app.visit("order/checkout")
    await app.view.get_by_role("radio", name="カード").check()
    await app.view.get_by_role("combobox", name="テスト用カード").select_option(card)
    await press_order(app)


async def is_placed(app: MemberApp, shop: Shop) -> None:
    await expect(app.view.locator(".pickup .number")).to_be_visible()
    await expect(app.view).to_contain_text("カードでお支払い")
    assert len(await orders_of(app, shop)) == 1


async def test_the_bank_asks_and_the_order_is_placed_once_she_has_confirmed(
    app: MemberApp, shop: Shop
) -> None:
    await pay_by(app, "tok_confirm")
    await expect(app.view).to_contain_text("カード会社が本人確認を求めています")
    assert await orders_of(app, shop) == []
    await app.page.reload()
    await expect(app.view).to_contain_text("注文はまだ確定していません")
    await app.view.get_by_role("button", name="確認が済みました").click()
    await expect(app.view).to_contain_text("カード会社が本人確認を求めています")
    await app.view.get_by_role("link", name="カード会社の画面で確認する").click()
    await expect(app.page.locator(".question")).to_contain_text("1,000円")
    await app.page.get_by_role("button", name="承認する").click()
    await is_placed(app, shop)
    await app.page.reload()
    await is_placed(app, shop)


async def test_what_she_declines_at_the_bank_is_not_ordered_and_that_is_said(
    app: MemberApp, shop: Shop
) -> None:
    await pay_by(app, "tok_confirm")
    await app.view.get_by_role("link", name="カード会社の画面で確認する").click()
    await app.page.get_by_role("button", name="承認しない").click()
    await expect(app.view.get_by_role("heading", name="注文できませんでした")).to_be_visible()
    await expect(app.view.get_by_role("status")).to_contain_text("承認されませんでした")
    assert await orders_of(app, shop) == []
    assert await shop.available(0) == 20
    await app.view.get_by_role("button", name="買い物かごに戻る").click()
    await expect(app.view.locator(".place button")).to_have_text("¥1,000で注文する")


async def test_a_question_of_the_bank_is_answered_once(app: MemberApp, shop: Shop) -> None:
    await pay_by(app, "tok_confirm")
    link = app.view.get_by_role("link", name="カード会社の画面で確認する")
    bank = await link.evaluate("(link) => link.href")
    await link.click()
    await app.page.get_by_role("button", name="承認する").click()
    await is_placed(app, shop)
    await app.page.goto(bank)
    await expect(app.page.locator(".question")).to_have_text("この確認は終わっています。")
    await app.page.get_by_role("link", name="お店のアプリに戻る").click()
    await app.is_ready()


async def test_a_refused_card_says_so_where_she_chose_it(app: MemberApp, shop: Shop) -> None:
    await pay_by(app, "tok_declined")
    await expect(app.view.locator(".place [role=alert]")).to_contain_text("承認されませんでした")
    assert await orders_of(app, shop) == []
    await app.view.get_by_role("combobox", name="テスト用カード").select_option("tok_ok")
    await press_order(app)
    await is_placed(app, shop)


@pytest.mark.parametrize("card", ["tok_ok", "tok_late"])
async def test_an_order_by_card_whose_answer_got_lost_is_one(
    app: MemberApp, shop: Shop, server: Server, card: str
) -> None:
    network = await LosingNetwork(app.page, server, "place_order").begin()
    await pay_by(app, card)
    await network.has_lost(1)
    await network.mend_while_away()
    await is_placed(app, shop)


def test_the_bank_leads_nowhere_but_to_the_app(server: Server) -> None:
    for back in ("", "https://evil.test/app", "//evil.test/app", "/app/../counter", "/application", "/app\n"):
        for method in ("GET", "POST"):
            answer = server.client.request(
                method, f"{server.address}/dev/bank", params={"secret": "x", "back": back}
            )
            assert answer.status_code == 400
    led = server.client.post(
        f"{server.address}/dev/bank", params={"secret": "x", "back": "/app?as=mio#/order"}
    )
    assert (led.status_code, led.headers["Location"]) == (303, "/app?as=mio#/order")
    escaped = server.get('/dev/bank?secret="><script>&back=/app')
    assert "<script>" not in escaped.text
