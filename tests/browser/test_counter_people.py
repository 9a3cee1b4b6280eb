"""Everybody can work the counter: by touch or keyboard, in two languages, with a screen reader, at night."""

import json
import shutil
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from app.auth.actor import OPERATOR
from app.orders.states import OrderState
from app.shared.paging import PageRequest
from tests.arrangements import PIN, WRONG_PIN
from tests.browser.conftest import OpenTablet
from tests.browser.pages import STUB_OF_DETECTOR, Tablet, place
from tests.integration.shop import Shop
from tests.process.servers import Server

pytestmark = pytest.mark.process

GRAVE = {"serious", "critical"}


async def test_a_wrong_pin_is_refused_and_the_keypad_types_the_right_one(tablet: Tablet) -> None:
    page = tablet.page
    await page.get_by_role("button", name="交代").click()
    await page.fill("#staff-code", tablet.clerk.code.lower())
    await page.fill("#pin", WRONG_PIN)
    await page.keyboard.press("Enter")
    await expect(page.locator("#staff .failure")).to_contain_text("PINが正しくありません")
    await expect(page.locator("#pin")).to_have_value("")
    keypad = page.locator("#keypad")
    for key in ["9", "消去", *PIN, "9", "1文字消す"]:
        await keypad.get_by_role("button", name=key, exact=True).click()
    await page.locator("#staff").get_by_role("button", name="サインイン").click()
    await tablet.is_connected()
    await expect(page.locator("#code")).to_be_focused()


async def test_a_wrong_enrolment_code_is_refused(tablet: Tablet) -> None:
    await tablet.page.get_by_role("button", name="交代").click()
    await tablet.page.get_by_role("button", name="別の店舗に登録し直す").click()
    await tablet.page.fill("#enrolment-code", "7KQ2-M9XA-H3TF")
    await tablet.page.keyboard.press("Enter")
    await expect(tablet.page.locator("#enrol .failure")).to_contain_text("登録コードが正しくない")


async def test_a_device_that_was_put_out_has_to_be_enrolled_again(tablet: Tablet, shop: Shop) -> None:
    page = tablet.page
    await page.get_by_role("button", name="交代").click()
    devices = await shop.services.store_devices.page(OPERATOR, shop.store.id, PageRequest())
    for device, _ in devices.items:
        await shop.services.store_devices.revoke(OPERATOR, device.id)
    await page.fill("#staff-code", tablet.clerk.code)
    await page.fill("#pin", PIN)
    await page.keyboard.press("Enter")
    await expect(page.locator("#enrol .failure")).to_contain_text("この端末は登録されていません")


async def test_a_device_of_no_store_is_no_counter(
    new_page: Callable[..., Awaitable[Page]], server: Server, shop: Shop
) -> None:
    made = await shop.services.store_devices.create_enrolment_code(OPERATOR, None, "Desk")
    page = await new_page(f"{server.address}/counter")
    await page.fill("#enrolment-code", made.code)
    await page.keyboard.press("Enter")
    await expect(page.locator("#staff .failure")).to_contain_text("店舗に登録されていません")


async def test_the_keyboard_alone_will_do(tablet: Tablet, shop: Shop) -> None:
    order = await place(shop)
    await tablet.sees(order, "New")
    press = tablet.page.keyboard.press
    await tablet.page.focus("#code")
    await press("Tab")
    await press("Tab")
    await expect(tablet.step(order)).to_be_focused()
    for column in ("Preparing", "Preparing", "Ready"):
        await press("Enter")
        await tablet.sees(order, column)
        await expect(tablet.step(order)).not_to_have_attribute("aria-disabled", "true")
        await expect(tablet.step(order)).to_be_focused()
    await press("Enter")
    await expect(tablet.dialog).to_be_visible()
    await press("Escape")
    await expect(tablet.step(order)).to_be_focused()
    await press("Enter")
    await press("Shift+Tab")
    await tablet.dialog.get_by_role("button", name="確認して、お渡しする").focus()
    await press("Enter")
    await tablet.sees_no_more(order)
    await expect(tablet.page.locator("#code")).to_be_focused()


async def test_a_scan_presses_no_button_that_has_the_focus(tablet: Tablet, shop: Shop) -> None:
    waiting, rejectable = await place(shop), await place(shop)
    await shop.move(waiting, OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY)
    await tablet.sees(waiting, "Ready")
    dialog = await tablet.details(rejectable)
    await dialog.get_by_role("button", name="注文を断る").focus()
    await tablet.scan(waiting.pickup_code)
    await tablet.sees_no_more(waiting)
    await expect(tablet.dialog).to_have_count(0)
    await tablet.step(rejectable).focus()
    await tablet.scan("1" * 20)
    await tablet.is_told("受取コードを確認できません")
    assert (await shop.now(rejectable)).state is OrderState.PLACED


async def test_another_language_names_the_goods_too(tablet: Tablet, shop: Shop) -> None:
    order = await place(shop)
    await expect(tablet.card(order)).to_contain_text("和紙 ちょうちん")
    await tablet.page.get_by_role("button", name="English").click()
    await expect(tablet.card(order)).to_contain_text("Paper Lantern")
    await expect(tablet.page.locator("h1")).to_contain_text("Koharu Umeda")
    await expect(tablet.step(order)).to_have_text("Accept")
    await tablet.page.reload()
    await expect(tablet.step(order)).to_have_text("Accept")


async def test_where_the_browser_can_the_camera_reads_codes(open_tablet: OpenTablet, shop: Shop) -> None:
    tablet = await open_tablet(permissions=["camera"])
    camera = tablet.page.get_by_role("button", name="カメラで読み取る")
    await expect(camera).to_be_hidden()
    await tablet.page.add_init_script(STUB_OF_DETECTOR)
    await tablet.page.reload()
    order = await place(shop)
    await shop.move(order, OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY)
    await tablet.sees(order, "Ready")
    await camera.click()
    await expect(tablet.dialog.locator("video")).to_be_visible()
    await tablet.page.evaluate("(code) => { window.shown = code; }", order.pickup_code)
    await tablet.sees_no_more(order)
    await expect(tablet.dialog).to_have_count(0)


async def test_nothing_a_customer_writes_is_taken_for_html(tablet: Tablet, shop: Shop) -> None:
    member_id = await shop.customer()
    note = "<img src=x onerror=alert(1)>"
    wish = shop.wish((0, 1), slot=(await place(shop)).slot.starts_at)
    placed = await shop.services.orders.place(
        member_id, wish, (await place(shop)).payment_method, note, None, "key-of-a-note-1"
    )
    await expect(tablet.card(placed)).to_contain_text(note)  # type: ignore[arg-type]
    await expect(tablet.page.locator("#board img")).to_have_count(0)


@pytest.fixture(scope="session")
def axe(here: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core."""
    if shutil.which("npm") is None:
        pytest.skip("there is no npm on this machine")
    folder = tmp_path_factory.mktemp("axe")
    shutil.copy(here / "axe" / "package.json", folder)
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        pytest.skip(f"npm could not install axe-core: {done.stderr.strip()[-200:]}")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


async def grave_findings(page: Page, axe: str) -> list[Any]:
    await page.evaluate(axe)
    violations = (await page.evaluate("() => axe.run()"))["violations"]
    return [
        (each["id"], [node["html"][:200] for node in each["nodes"]])
        for each in violations
        if each["impact"] in GRAVE
    ]


@pytest.mark.parametrize("colour_scheme", ["light", "dark"])
async def test_axe_has_no_grave_finding(
    open_tablet: OpenTablet, shop: Shop, axe: str, colour_scheme: str
) -> None:
    tablet = await open_tablet(color_scheme=colour_scheme)
    orders = [await place(shop, (0, 1), (1, 1)) for _ in range(3)]
    await shop.move(orders[1], OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY)
    await tablet.sees(orders[1], "Ready")
    await tablet.scan("0000")
    assert await grave_findings(tablet.page, axe) == []
    dialog = await tablet.details(orders[0])
    assert await grave_findings(tablet.page, axe) == []
    await dialog.get_by_role("button", name="代替品を提案").first.click()
    assert await grave_findings(tablet.page, axe) == []
    await tablet.page.keyboard.press("Escape")
    await tablet.page.get_by_role("button", name="交代").click()
    await expect(tablet.page.locator("#staff-code")).to_be_focused()
    assert await grave_findings(tablet.page, axe) == []


async def test_every_target_is_large_enough_for_a_thumb(tablet: Tablet, shop: Shop) -> None:
    order = await place(shop)
    await tablet.sees(order, "New")
    await tablet.details(order)
    sizes = await tablet.page.evaluate(
        """() => [...document.querySelectorAll("button, input, .choice")]
          .filter((each) => each.checkVisibility() && !each.closest(".choice input"))
          .map((each) => [each.textContent || each.id, each.getBoundingClientRect()])
          .map(([name, { width, height }]) => ({ name, width, height }))"""
    )
    assert len(sizes) > 10
    small = [each for each in sizes if min(each["width"], each["height"]) < 48]
    assert small == [], json.dumps(small, ensure_ascii=False)
