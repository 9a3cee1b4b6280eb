"""The member app without a pointer: by keyboard alone, enlarged, on the narrowest phone, in two languages."""

import json
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenApp
from tests.browser.member_app import MemberApp
from tests.browser.test_app_find import Place, place  # noqa: F401  place is a fixture
from tests.browser.test_app_order import fill_basket, here, order
from tests.browser.test_counter_people import axe, grave_findings  # noqa: F401  axe is a fixture
from tests.integration.shop import Shop

pytestmark = pytest.mark.process

MOST_STOPS = 60
PARTS_OF_ME = ("history", "points", "coupons", "inbox", "profile", "consents", "devices", "signIn")
VIEWS = (
    "home",
    "checkin",
    "find",
    "find/scan",
    "order",
    "order/store",
    "order/checkout",
    "me",
    *(f"me/{part}" for part in PARTS_OF_ME),
)
FOCUSED = """() => {
  const each = document.activeElement;
  const shown = each.matches(".option input") ? each.nextElementSibling : each;
  const { outlineStyle, outlineWidth } = getComputedStyle(shown);
  const text = each === document.body ? "" : (each.labels?.[0] ?? each).textContent;
  const name = each.ariaLabel ?? text;
  const isSeen = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  return { name: name.trim(), isSeen, tag: each.tagName };
}"""
# What a thumb may miss: what is less than 24 CSS pixels wide or high, or 44 where a view is for it.
TOO_SMALL = """() => {
  const leastOf = (each) => (each.matches(".primary, .tabs a") ? 44 : 24);
  const isWithin = (each) => each.parentElement.closest("label.option, label.check");
  return [...document.querySelectorAll("a, button, input, select, summary, label.option, label.check")]
    .filter((each) => each.checkVisibility() && !isWithin(each))
    .map((each) => [each, each.getBoundingClientRect()])
    .filter(([each, { width, height }]) => Math.min(width, height) < leastOf(each))
    .map(([each, { width, height }]) => `${each.textContent || each.name} ${width} × ${height}`);
}"""
WIDER_THAN_THE_SCREEN = """() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  return scrollWidth - clientWidth;
}"""
MOVES = """() => document.getAnimations().filter((each) => each.playState === "running").length"""


class Keyboard:
    """A person who has no pointer."""

    def __init__(self, app: MemberApp) -> None:
        self.app = app
        self.page = app.page

    async def reach(self, name: str) -> None:
        """Goes on by Tab to what has this in its name; each stop on the way is seen."""
        passed = []
        for _ in range(MOST_STOPS):
            await self.page.keyboard.press("Tab")
            focused = await self.page.evaluate(FOCUSED)
            passed.append(focused["name"])
            assert focused["isSeen"] or focused["tag"] == "BODY", focused
            if name in focused["name"]:
                return
        raise AssertionError(f"no {name!r} among {passed}")

    async def press(self, name: str) -> None:
        await self.reach(name)
        await self.page.keyboard.press("Enter")

    async def is_at(self, title: str) -> None:
        """Another view is there, and the focus with it."""
        await expect(self.page.locator("#title")).to_contain_text(title)
        await expect(self.page.locator("#title")).to_be_focused()
        await self.app.is_ready()

    async def is_at_control(self, name: str) -> None:
        focused = await self.page.evaluate(FOCUSED)
        assert name in focused["name"], focused


async def test_from_the_first_visit_to_an_order_by_keyboard_alone(
    open_app: OpenApp,
    shop: Shop,
    place: Place,  # noqa: F811
) -> None:
    app = await open_app(**place.options)
    await place.is_known(app)
    keyboard = Keyboard(app)
    await keyboard.press("探す")
    await keyboard.is_at("探す")
    await keyboard.reach("商品を探す")
    await app.page.keyboard.type("トートバッグ")
    await expect(app.found.first).to_contain_text("トートバッグ")
    await keyboard.press("¥1,990")
    await keyboard.is_at("トートバッグ")
    await expect(app.view.locator(".stores .count").first).not_to_be_empty()
    await keyboard.press("買い物かごに入れる")
    await expect(app.view).to_contain_text("受け取り: こはる 梅田店")
    await keyboard.is_at_control("もう1点入れる")
    await keyboard.press("かごを見る")
    await keyboard.is_at("注文")
    await keyboard.press("帆布 トートバッグを1点増やす")
    await expect(app.view.locator(".steps")).to_contain_text("2")
    await keyboard.is_at_control("帆布 トートバッグを1点増やす")
    await keyboard.press("受け取りの手続きへ")
    await keyboard.is_at("受け取りとお支払い")
    await keyboard.press("明日")
    await expect(app.view.get_by_role("button", name="明日")).to_have_attribute("aria-pressed", "true")
    await keyboard.is_at_control("明日")
    await keyboard.reach("–")
    await app.page.keyboard.press("ArrowRight")
    await expect(app.view.locator(".place button")).to_have_text("¥3,980で注文する")
    await keyboard.press("¥3,980で注文する")
    await expect(app.view.locator(".pickup .number")).to_be_visible()
    await keyboard.is_at("注文 ")


async def test_a_dialog_keeps_the_focus_and_gives_it_back(open_app: OpenApp, shop: Shop) -> None:
    app = await open_app(**here(shop))
    await order(app, shop)
    keyboard = Keyboard(app)
    await keyboard.press("キャンセルする")
    dialog = app.page.locator("dialog[open]")
    await expect(dialog.get_by_role("button").first).to_be_focused()
    for _ in range(4):
        await app.page.keyboard.press("Tab")
        assert await app.page.evaluate("document.activeElement.closest('#view, #tabs, .top') === null")
    await app.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await keyboard.is_at_control("キャンセルする")
    await app.page.keyboard.press("Enter")
    await keyboard.press("キャンセルする")
    await expect(app.view.locator(".pickup .tag").first).to_have_text("キャンセル")
    await keyboard.is_at("注文 ")


async def test_what_takes_itself_away_hands_the_focus_on(open_app: OpenApp, shop: Shop) -> None:
    app = await open_app(**here(shop))
    await fill_basket(app, shop)
    await app.visit("order")
    keyboard = Keyboard(app)
    await keyboard.press("をかごから出す")
    await expect(app.view).to_contain_text("買い物かごは空です")
    await keyboard.is_at("注文")
    await app.visit("me")
    await keyboard.press("English")
    await keyboard.is_at("Me")
    await keyboard.press("日本語")
    await keyboard.is_at("マイページ")
    await app.page.route("**/graphql", lambda route: route.abort())
    await app.visit("find")
    await keyboard.press("もう一度試す")
    await keyboard.is_at("探す")


async def test_checking_in_by_keyboard_tells_what_it_earned(open_app: OpenApp, shop: Shop) -> None:
    app = await open_app(**here(shop))
    keyboard = Keyboard(app)
    await keyboard.press("チェックイン")
    await keyboard.is_at("チェックイン")
    await expect(app.view.locator(".stores")).to_contain_text("梅田")
    await keyboard.press("にチェックイン")
    await expect(app.view.locator(".result")).to_be_focused()
    await expect(app.view.locator(".result [role]")).to_be_visible()


async def filled(app: MemberApp, shop: Shop) -> None:
    """Something to see in each view."""
    await shop.earn(await app.member_id(), 300)
    await order(app, shop)
    await fill_basket(app, shop)


@pytest.mark.parametrize("language", ["ja-JP", "en-US"])
async def test_no_view_wants_scrolling_sideways_nor_a_pointed_finger(
    open_app: OpenApp, shop: Shop, language: str
) -> None:
    """On the narrowest phone, and with letters of twice the size."""
    app = await open_app(locale=language, **here(shop))
    await filled(app, shop)
    findings: dict[str, Any] = {}
    for width, size in ((320, "100%"), (390, "200%")):
        await app.page.set_viewport_size({"width": width, "height": 700})
        await app.page.evaluate("(size) => { document.documentElement.style.fontSize = size; }", size)
        for view in VIEWS:
            await app.visit(view)
            found = (await app.page.evaluate(WIDER_THAN_THE_SCREEN), await app.page.evaluate(TOO_SMALL))
            if found != (0, []):
                findings[f"{view} {width} {size}"] = found
    assert findings == {}, json.dumps(findings, ensure_ascii=False, indent=1)


async def test_nothing_moves_for_those_who_want_it_still(open_app: OpenApp, shop: Shop) -> None:
    app = await open_app(reduced_motion="reduce", **here(shop))
    await filled(app, shop)
    for view in VIEWS:
        await app.visit(view)
        assert await app.page.evaluate(MOVES) == 0, view


@pytest.mark.parametrize("colour_scheme", ["light", "dark"])
async def test_axe_has_no_grave_finding_in_english_either(
    open_app: OpenApp,
    shop: Shop,
    axe: str,  # noqa: F811  as above
    colour_scheme: str,
) -> None:
    app = await open_app(bypass_csp=True, locale="en-US", color_scheme=colour_scheme, **here(shop))
    await filled(app, shop)
    findings = {}
    for view in VIEWS:
        await app.visit(view)
        findings[view] = await grave_findings(app.page, axe)
    assert {view: found for view, found in findings.items() if found} == {}
