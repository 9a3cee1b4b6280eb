"""What calls for the clerk's attention: sound, the number on title and icon, and how long somebody waits."""

from copy import copy
from datetime import timedelta

import pytest
from playwright.async_api import expect

from app.composition import build_services
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from tests.browser.conftest import OpenTablet
from tests.browser.pages import Tablet, place
from tests.conftest import MovableClock
from tests.integration.shop import Shop

pytestmark = pytest.mark.process

LISTEN = """() => {
  window.notes = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) { window.notes += 1; return start.apply(this, when); };
}"""
NOTES = "() => window.notes"
KEEP_BADGE = "Navigator.prototype.setAppBadge = async (count) => { window.badge = count; };"
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
MINUTES = 7


async def test_a_new_order_is_heard_unless_the_sound_is_off(tablet: Tablet, shop: Shop) -> None:
    sound = tablet.page.locator("#sound")
    await expect(sound).to_have_text("音 オン")  # whoever has signed in has touched the page
    await tablet.page.evaluate(LISTEN)
    await tablet.sees(await place(shop), "New")
    assert await tablet.page.evaluate(NOTES) == 2
    await sound.click()
    await expect(sound).to_have_attribute("aria-pressed", "false")
    await tablet.sees(await place(shop), "New")
    assert await tablet.page.evaluate(NOTES) == 2
    await tablet.page.reload()
    await expect(sound).to_have_text("音 オフ")


async def test_the_touch_that_wakes_the_sound_presses_what_it_touches(tablet: Tablet) -> None:
    await tablet.page.reload()
    await expect(tablet.page.locator("#sound")).to_have_text("音を鳴らすには画面にタッチ")
    await tablet.page.get_by_role("button", name="受付を止める").hover()
    await tablet.page.mouse.down()
    await tablet.page.evaluate(TWO_FRAMES)
    await tablet.page.mouse.up()
    await expect(tablet.dialog).to_be_visible()
    await expect(tablet.page.locator("#sound")).to_have_text("音 オン")


async def test_the_icon_shows_how_many_orders_are_new(open_tablet: OpenTablet, shop: Shop) -> None:
    tablet = await open_tablet()
    await tablet.page.add_init_script(KEEP_BADGE)
    await tablet.page.reload()
    await tablet.is_connected()
    await tablet.sees(await place(shop), "New")
    await tablet.sees(await place(shop), "New")
    assert await tablet.page.evaluate("() => window.badge") == 2
    await expect(tablet.page).to_have_title("(2) 受け取りカウンター")


async def test_a_card_tells_how_long_somebody_waits(
    tablet: Tablet, shop: Shop, settings: Settings, database: Database
) -> None:
    earlier = copy(shop)
    earlier.clock = MovableClock(shop.clock.now() - timedelta(minutes=MINUTES))
    earlier.services = build_services(settings, database, earlier.clock)
    order = await place(earlier)
    waiting = tablet.card(order).locator(".waiting")
    await expect(waiting).to_contain_text("注文から")
    await expect(waiting).to_have_attribute("data-urgency", "soon")
    await expect(tablet.card(order).locator(".due")).to_contain_text("あと")
