"""The demo of development: two persons side by side, time that passes, and a tour by its pages alone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import FrameLocator, Page, expect
from pymongo import MongoClient

from app.shared.ids import new_id
from tests.browser.member_app import PHONE
from tests.browser.pages import lasting_lead_minutes, serving_beside
from tests.browser.telling import is_told
from tests.process.servers import OPEN_STORE, Server

pytestmark = pytest.mark.process

WIDE = {"width": 1600, "height": 960}
CHANGE_POLICY = """mutation ($input: ChangePickupPolicyInput!) { changePickupPolicy(input: $input) {
  ... on PickupPolicyUpdated { policy { leadMinutes } } } }"""
FOUND = ".found:not([aria-busy=true]) .goods"  # by all that was typed
NewPage = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="module")
async def demo_server(
    mongodb_uri: str, observer: MongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    """Development with the demo retailer, in a database of its own: a new one, whenever it is started."""
    name = f"demo_{new_id()}"
    settings = {"MONGODB_URI": mongodb_uri, "TSUNAGU_MONGODB_DATABASE": name}
    async with serving_beside(tmp_path_factory.mktemp("demo"), **settings) as server:
        await asyncio.to_thread(let_no_orders_end, server)
        yield server
    observer.drop_database(name)


def let_no_orders_end(server: Server) -> None:
    """Has no slot of Umeda take its last orders while somebody is about to order."""
    manager = server.sign_in_staff("UMEDA9", "918273", "umeda")
    (store,) = server.send(OPEN_STORE)["stores"]["nodes"]
    lead_minutes = lasting_lead_minutes(datetime.now(UTC))
    change = {"storeId": store["id"], "version": 0, "leadMinutes": lead_minutes}
    assert server.send(CHANGE_POLICY, {"input": change}, manager)["changePickupPolicy"]


@pytest.fixture
async def demo(new_page: NewPage, demo_server: Server) -> Page:
    page = await new_page(f"{demo_server.address}/dev/demo", viewport=WIDE)
    await expect(page.frame_locator("#counter").locator("#line")).to_have_attribute("data-line", "connected")
    await expect(phone_of(page).locator(".card")).to_contain_text("さくら")
    return page


def phone_of(page: Page) -> FrameLocator:
    return page.frame_locator("#phone")


async def press(page: Page, name: str) -> None:
    """Until that is done: before it, what the frames show is what they showed before."""
    await page.get_by_role("button", name=name).click()
    await expect(page.locator("body")).to_have_attribute("aria-busy", "false")


async def test_both_are_signed_in_and_the_developers_own_storage_is_left_alone(
    demo: Page, demo_server: Server
) -> None:
    names = await demo.evaluate("Object.keys(localStorage)")
    assert names
    assert {name.split(" ")[0] for name in names} == {"demo-member", "demo-counter"}
    await demo.goto(f"{demo_server.address}/app")
    await expect(demo.locator(".card")).not_to_contain_text("さくら")


async def test_from_the_shelf_over_the_counter_with_points_and_back_in_time(demo: Page) -> None:
    phone, counter = phone_of(demo), demo.frame_locator("#counter")
    await press(demo, "梅田へ歩く")
    await phone.get_by_role("link", name="探す").click()
    await phone.get_by_role("searchbox").fill("のーと")
    await phone.locator(FOUND, has_text="ノート").first.click()
    await phone.get_by_role("button", name="現在地から探す").click()
    store = phone.locator(".store", has_text="梅田店").first
    await store.get_by_role("button", name="この店舗で受け取る").click()
    await expect(phone.locator(".messages")).to_contain_text("梅田店")
    await phone.get_by_role("button", name="買い物かごに入れる").click()
    await phone.get_by_role("link", name="かごを見る").click()
    await phone.get_by_role("link", name="受け取りの手続きへ").click()
    await phone.get_by_role("spinbutton").fill("50")
    await expect(phone.locator(".sums")).to_contain_text("−50")
    await phone.get_by_role("radio", name="カード").check()
    await phone.locator(".place button[aria-disabled=false]").click()
    number = await phone.locator(".pickup .number").inner_text()
    card = counter.locator(".card, [data-order]", has_text=number[-4:]).first
    for _ in range(3):
        await card.locator("[data-act=step]").click()
        await expect(card.locator("[data-act=step][aria-disabled=true]")).to_have_count(0)
    await expect(phone.locator(".pickup .tag").first).to_have_text("受け取れます")
    await press(demo, "コードを見せる")
    await expect(phone.locator(".pickup .tag").first).to_have_text("受け取り済み")


async def test_from_a_first_visit_to_a_collected_order_paid_with_points_and_a_coupon(
    new_page: NewPage, demo_server: Server
) -> None:
    """All that a new member does, with nothing but the page in front of her, and the clerk at the counter."""
    address = demo_server.address
    here = {"latitude": 34.7025, "longitude": 135.4959, "accuracy": 12}
    phone = await new_page(f"{address}/app", viewport=PHONE, geolocation=here, permissions=["geolocation"])
    await expect(phone.locator(".card")).to_be_visible()
    await phone.get_by_role("link", name="チェックイン").click()
    await phone.get_by_role("button", name="梅田店にチェックイン").click()
    await expect(phone.locator(".result")).to_contain_text("+10")
    await expect(phone.locator(".result")).to_contain_text("ご来店ありがとうクーポン")
    await phone.get_by_role("link", name="探す").click()
    await phone.get_by_role("searchbox").fill("のーと")
    await phone.locator(FOUND, has_text="ノート").first.click()
    await phone.locator(".store", has_text="梅田店").first.get_by_role("button").click()
    await is_told(phone, "梅田店")
    await phone.get_by_role("button", name="買い物かごに入れる").click()
    await phone.get_by_role("link", name="かごを見る").click()
    await phone.get_by_role("link", name="受け取りの手続きへ").click()
    await phone.get_by_role("button", name="全部使う").click()
    await expect(phone.locator(".sums")).to_contain_text("−10")
    await expect(phone.locator(".sums")).to_contain_text("クーポン「ご来店ありがとうクーポン」")
    await phone.locator(".place button[aria-disabled=false]").click()
    number = (await phone.locator(".pickup .number").inner_text())[-4:]

    given = demo_server.client.post(f"{address}/dev/demo", headers={"Origin": address}).json()
    counter = await new_page(f"{address}/counter")
    await counter.fill("#enrolment-code", given["enrolmentCode"])
    await counter.keyboard.press("Enter")
    await counter.fill("#staff-code", given["staffCode"])
    await counter.fill("#pin", given["pin"])
    await counter.keyboard.press("Enter")
    for state in ("受付済み", "準備中", "受け取れます"):
        await counter.locator("[data-order]", has_text=number).locator("[data-act=step]").click()
        await expect(phone.locator(".pickup .tag").first).to_have_text(state)
    await phone.get_by_role("button", name="お店に着きました").click()
    await expect(phone.locator(".pickup")).to_contain_text("到着を連絡済み")
    await counter.fill("#code", (await phone.locator(".code b").inner_text()).replace(" ", ""))
    await counter.keyboard.press("Enter")
    await expect(phone.locator(".pickup .tag").first).to_have_text("受け取り済み")
    await phone.reload()
    await expect(phone.locator(".sums")).to_contain_text("−10")


async def test_an_hour_and_a_day_pass_and_everybody_is_still_there(demo: Page) -> None:
    for name in ("1時間たつ", "1日たつ", "はじめから"):
        await press(demo, name)
        await expect(phone_of(demo).locator(".card")).to_contain_text("さくら")
        await expect(demo.frame_locator("#counter").locator("#line")).to_have_attribute(
            "data-line", "connected"
        )
        await expect(demo.locator("#failure")).to_have_text("")


async def test_buttons_pressed_fast_act_one_after_the_other(demo: Page) -> None:
    for name in ("1時間たつ", "はじめから", "1日たつ", "はじめから"):
        await demo.get_by_role("button", name=name).click()
    await expect(demo.locator("body")).to_have_attribute("aria-busy", "false")
    await expect(phone_of(demo).locator(".card")).to_contain_text("さくら")
    await expect(demo.locator("#failure")).to_have_text("")


async def test_only_our_own_pages_are_given_what_signs_in(demo_server: Server) -> None:
    refused = demo_server.client.post(
        f"{demo_server.address}/dev/demo", headers={"Origin": "http://evil.test"}
    )
    assert refused.status_code == 403
    for path in ("/app", "/counter"):
        headers = demo_server.get(path).headers
        assert headers["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]


async def test_production_has_no_demo_and_is_shown_in_no_frame(server: Server) -> None:
    assert server.get("/dev/demo").status_code == 404
    for path in ("/app", "/counter"):
        headers = server.get(path).headers
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert 'data-environment="production"' in server.get("/app").text
