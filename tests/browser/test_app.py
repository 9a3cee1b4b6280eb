"""The member app as a whole: the first visit, its views, its languages, and what stays after a reload."""

import pytest
from playwright.async_api import Route, expect

from app.services import Services
from tests.browser.conftest import OpenApp

pytestmark = pytest.mark.process

AGE_TOKENS = """() => {
  const tokens = JSON.parse(localStorage.getItem("app-session"));
  localStorage.setItem("app-session", JSON.stringify({ ...tokens, expiresAt: "2020-01-01T00:00:00Z" }));
}"""


async def test_the_first_visit_gives_a_card_and_asks_nothing(open_app: OpenApp) -> None:
    app = await open_app()
    me = await app.run("my_card")
    assert me["isGuest"]
    grouped = " ".join(me["number"][at : at + 4] for at in range(0, 16, 4))
    await expect(app.view.locator(".card")).to_contain_text(grouped)
    await app.page.reload()
    await expect(app.view.locator(".card")).to_contain_text(grouped)


async def test_a_lost_answer_to_the_first_call_makes_no_second_guest(open_app: OpenApp) -> None:
    numbers: list[str] = []

    async def lose_the_first(route: Route) -> None:
        if "deviceId" in (route.request.post_data or ""):
            answer = await (await route.fetch()).json()
            numbers.append(answer["data"]["registerGuest"]["member"]["number"])
            if len(numbers) == 1:
                await route.abort()
                return
        await route.continue_()

    app = await open_app(handle_calls=lose_the_first)
    assert len(numbers) == 2
    assert {(await app.run("my_card"))["number"]} == set(numbers)


async def test_without_a_network_the_first_visit_says_so_and_can_be_tried_again(open_app: OpenApp) -> None:
    app = await open_app(is_ready=False)
    await expect(app.view.locator(".card")).to_be_visible()
    await app.page.evaluate("localStorage.clear()")
    await app.page.route("**/graphql", lambda route: route.abort())
    await app.page.reload()
    await expect(app.view).to_contain_text("サーバーから応答がありません")
    await app.page.unroute("**/graphql")
    await app.view.get_by_role("button", name="もう一度試す").click()
    await expect(app.view.locator(".card")).to_be_visible()


async def test_a_session_that_was_ended_elsewhere_leaves_a_guest(
    open_app: OpenApp, services: Services
) -> None:
    app = await open_app()
    number, member_id = (await app.run("my_card"))["number"], await app.member_id()
    await app.page.evaluate(AGE_TOKENS)
    address = app.page.url
    await app.page.goto("about:blank")  # an open page would soon notice by itself
    await services.sessions.end_all(member_id)
    await app.page.goto(address)
    await app.is_told("サインアウトされました")
    await expect(app.view.locator(".card")).to_be_visible()
    assert (await app.run("my_card"))["number"] == number  # the device id is the guest's, and still there


@pytest.mark.parametrize("at", ["#/nowhere", "#/constructor", "#/%E0%A4%A", "#me", "#"])
async def test_an_address_that_names_no_view_is_home(open_app: OpenApp, at: str) -> None:
    app = await open_app(at)
    await expect(app.view.locator(".card")).to_be_visible()
