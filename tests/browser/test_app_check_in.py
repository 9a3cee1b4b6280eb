"""Checking in from the phone: by its place, on a map that is drawn, with a wish that survives the network."""

import pytest
from playwright.async_api import Route, expect

from app.services import Services
from app.shared.paging import PageRequest
from tests.browser.conftest import OpenApp
from tests.browser.member_app import MemberApp
from tests.browser.pages import intercept
from tests.integration.shop import Shop

pytestmark = pytest.mark.process

UNTIL_KNOWN = 20  # a server learns of new stores within 10 s


def standing_at(latitude: float, longitude: float) -> dict[str, object]:
    place = {"latitude": latitude, "longitude": longitude, "accuracy": 12}
    return {"geolocation": place, "permissions": ["geolocation"]}


@pytest.fixture
async def app(open_app: OpenApp, shop: Shop) -> MemberApp:
    """Her phone, in the store, with the stores around on it."""
    here = shop.store.location
    app = await open_app("#/checkin", **standing_at(here.latitude, here.longitude))
    await sees_the_store(app)
    return app


async def sees_the_store(app: MemberApp) -> None:
    row = app.view.get_by_role("heading", name="こはる 梅田店")
    for _ in range(UNTIL_KNOWN):
        await expect(app.view.locator(".around")).not_to_have_attribute("aria-busy", "true")
        if await row.count():
            return
        await app.view.get_by_role("button", name="現在地").click()
        await app.page.wait_for_timeout(1_000)
    raise AssertionError("the store never came into sight")


async def check_in(app: MemberApp) -> None:
    await app.view.get_by_role("button", name="こはる 梅田店にチェックイン").click()


async def test_a_visit_earns_points_once_a_day(app: MemberApp, services: Services) -> None:
    await expect(app.view.get_by_role("img", name="1. こはる 梅田店 0 m")).to_be_visible()
    await check_in(app)
    result = app.view.locator(".result")
    await expect(result).to_contain_text("+10")
    await expect(result).to_be_focused()
    await expect(result).to_contain_text("合計 10ポイント")
    await expect(app.view.locator(".stores")).to_contain_text("チェックイン済み")
    await app.page.reload()
    await check_in(app)
    await expect(result).to_contain_text("すでにチェックイン済み")
    found = await services.check_ins.of_member(await app.member_id(), PageRequest(5, None))
    assert len(found.items) == 1
    await app.visit("home")
    await expect(app.view.locator(".points .balance")).to_contain_text("10")


async def test_a_store_that_is_too_far_refuses_in_words(open_app: OpenApp, shop: Shop) -> None:
    here = shop.store.location
    app = await open_app("#/checkin", **standing_at(here.latitude + 0.01, here.longitude))
    await sees_the_store(app)
    await expect(app.view.locator(".stores")).to_contain_text("1.1 km")
    await check_in(app)
    await expect(app.view.locator(".refused")).to_contain_text("離れています")


async def test_nobody_is_asked_for_a_place_before_it_is_wanted(open_app: OpenApp) -> None:
    app = await open_app("#/checkin", permissions=[])
    await expect(app.view).to_contain_text("現在地を使うと")
    await app.view.get_by_role("button", name="現在地を使う").click()
    await expect(app.view).to_contain_text("許可されていません")


async def test_a_wish_whose_answers_got_lost_happens_once_even_after_a_reload(
    app: MemberApp, services: Services
) -> None:
    """The key is made before the first try, and kept: what a page wished for that died is asked again."""
    lost: list[str] = []

    async def lose(route: Route) -> None:
        if "idempotencyKey" in (route.request.post_data or ""):
            lost.append(route.request.post_data or "")
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await app.page.route("**/graphql", lose)
    await check_in(app)
    await expect(app.view.locator(".refused")).to_contain_text("サーバーから応答がありません")
    assert len(lost) == 4
    assert len(set(lost)) == 1
    await app.page.unroute("**/graphql")
    await app.page.reload()
    await expect(app.view.locator(".done")).to_contain_text("+10")
    found = await services.check_ins.of_member(await app.member_id(), PageRequest(5, None))
    assert len(found.items) == 1


async def test_one_lost_answer_is_not_noticed(app: MemberApp) -> None:
    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await intercept(app.page, "idempotencyKey", lose)
    await check_in(app)
    await expect(app.view.locator(".done")).to_contain_text("+10")
