"""The card over the whole screen: large, white, awake, rotating, and closed in every way that phones know."""

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import OpenApp
from tests.browser.member_app import PHONE, MemberApp
from tests.browser.test_app_card import UNTIL_KEPT, read

pytestmark = pytest.mark.process

# Counts what is asked of the screen; a headless browser has none to keep on.
STUB_OF_WAKE_LOCK = """window.locks = { taken: 0, released: 0 };
Object.defineProperty(navigator, "wakeLock", { value: { async request(kind) {
  window.locks.taken += kind === "screen";
  return { async release() { window.locks.released += 1; } };
} } });"""
SHOWN = """(picture) => {
  const copy = picture.cloneNode(true);
  copy.setAttribute("width", 145);
  copy.setAttribute("height", 145);
  return new XMLSerializer().serializeToString(copy);
}"""


@pytest.fixture
async def app(open_app: OpenApp) -> MemberApp:
    app = await open_app(init_script=STUB_OF_WAKE_LOCK)
    await expect(app.view.locator(".card .qr")).to_be_visible()
    return app


def large(app: MemberApp) -> Locator:
    return app.page.get_by_role("dialog", name="会員証")


async def code_of(app: MemberApp) -> str:
    text, _ = await read(app.page, await large(app).locator(".qr").evaluate(SHOWN))
    return text


async def test_a_tap_shows_it_over_the_whole_screen(app: MemberApp) -> None:
    number = (await app.run("my_card"))["number"]
    await app.view.locator(".card .qr").tap()
    assert await large(app).bounding_box() == {"x": 0, "y": 0, **PHONE}
    await expect(large(app).locator(".barcode")).to_be_visible()
    await expect(large(app).locator(".number")).to_have_text(
        " ".join(number[at : at + 4] for at in range(0, 16, 4))
    )
    assert (await code_of(app)).startswith(number)
    assert not await large(app).evaluate("(card) => card.scrollHeight > card.clientHeight")


@pytest.mark.parametrize("colour_scheme", ["light", "dark"])
async def test_it_is_white_by_day_and_by_night(open_app: OpenApp, colour_scheme: str) -> None:
    app = await open_app(color_scheme=colour_scheme)
    await app.view.locator(".card .qr").tap()
    assert (
        await large(app).evaluate("(card) => getComputedStyle(card).backgroundColor") == "rgb(255, 255, 255)"
    )


async def test_the_keyboard_opens_it_and_escape_closes_it(app: MemberApp) -> None:
    button = app.view.get_by_role("button", name="大きく表示")
    await button.focus()
    await app.page.keyboard.press("Enter")
    await expect(large(app).get_by_role("button", name="閉じる")).to_be_focused()
    await app.page.keyboard.press("Escape")
    await expect(large(app)).to_have_count(0)
    await expect(button).to_be_focused()


async def test_the_way_back_leads_to_home_and_no_further(app: MemberApp) -> None:
    await app.visit("me")
    await app.visit("home")
    for _ in range(2):
        await app.view.locator(".card .qr").tap()
        await expect(large(app)).to_be_visible()
        await app.page.go_back()
        await expect(large(app)).to_have_count(0)
        await expect(app.view.locator(".card")).to_be_visible()
    await app.view.locator(".card .qr").tap()
    await large(app).get_by_role("button", name="閉じる").click()
    await expect(large(app)).to_have_count(0)
    await app.until("!history.state?.isCardLarge")  # by then the browser has gone back from it
    await app.page.go_back()
    await expect(app.page.locator("#title")).to_have_text("マイページ")


async def test_the_screen_stays_on_for_as_long(app: MemberApp) -> None:
    await app.view.locator(".card .qr").tap()
    await app.until("locks.taken === 1")
    await app.page.keyboard.press("Escape")
    await app.until("locks.released === 1")


async def test_without_a_network_it_opens_and_goes_on_rotating(app: MemberApp) -> None:
    await app.page.evaluate(UNTIL_KEPT)
    await app.page.context.set_offline(True)
    await app.page.clock.install()
    await app.page.reload()
    await app.view.locator(".card .qr").tap()
    first = await code_of(app)
    path = large(app).locator(".qr path")
    drawn = await path.get_attribute("d")
    await app.page.clock.run_for(31_000)
    await expect(path).not_to_have_attribute("d", drawn or "")
    assert await code_of(app) != first
