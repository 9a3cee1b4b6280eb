"""Everybody can use the app: by touch or keyboard, with a screen reader, by day and by night."""

import json

import pytest
from playwright.async_api import expect

from app.services import Services
from app.shared.i18n import Language
from tests.browser.conftest import OpenApp
from tests.browser.test_app_check_in import sees_the_store, standing_at
from tests.browser.test_counter_people import axe, grave_findings  # noqa: F401  axe is a fixture
from tests.integration.shop import Shop
from tests.news_arrangements import published, visit

pytestmark = pytest.mark.process

PARTS_OF_ME = ("history", "points", "coupons", "inbox", "profile", "consents", "devices", "signIn")
FOCUSED = """() => {
  const { activeElement: each } = document;
  const { outlineStyle } = getComputedStyle(each);
  const name = (each.ariaLabel ?? each.textContent).trim();
  return { name, isSeen: outlineStyle !== "none", tag: each.tagName };
}"""
TARGETS = """() => [...document.querySelectorAll("a, button, input, select, summary")]
  .filter((each) => each.checkVisibility())
  .map((each) => [each.textContent || each.name, each.getBoundingClientRect()])
  .map(([name, { width, height }]) => ({ name, width, height }))"""


@pytest.mark.parametrize("colour_scheme", ["light", "dark"])
async def test_axe_has_no_grave_finding_in_any_view(
    open_app: OpenApp,
    services: Services,
    shop: Shop,
    axe: str,  # noqa: F811  as above
    colour_scheme: str,
) -> None:
    here = shop.store.location
    place = standing_at(here.latitude, here.longitude)
    app = await open_app("#/checkin", bypass_csp=True, color_scheme=colour_scheme, **place)
    await sees_the_store(app)
    findings = {"checkin": await grave_findings(app.page, axe)}
    await visit(services, await app.member_id(), shop.store)
    await published(services)
    for address in ("home", "me", *(f"me/{part}" for part in PARTS_OF_ME)):
        await app.visit(address)
        findings[address] = await grave_findings(app.page, axe)
    assert {address: found for address, found in findings.items() if found} == {}


async def test_the_keyboard_alone_will_do(open_app: OpenApp) -> None:
    app = await open_app("#/me")
    walked = []
    for _ in range(40):
        await app.page.keyboard.press("Tab")
        focused = await app.page.evaluate(FOCUSED)
        if focused["tag"] == "BODY" or focused in walked:
            break
        walked.append(focused)
    names = [focused["name"] for focused in walked]
    assert names[:2] == ["登録・サインイン", "ご利用履歴"]
    assert names[-5:] == ["ホーム", "チェックイン", "探す", "注文", "マイページ"]
    assert all(focused["isSeen"] for focused in walked)
    await app.page.locator("#tabs a").first.focus()
    await app.page.keyboard.press("Enter")
    await expect(app.page.locator("#title")).to_be_focused()
    await expect(app.view.locator(".card")).to_be_visible()


async def test_a_move_is_told_and_back_leads_back(open_app: OpenApp) -> None:
    app = await open_app("#/me")
    await app.view.get_by_role("link", name="プロフィール").click()
    await expect(app.page.locator("#title")).to_have_text("プロフィール")
    await expect(app.page.locator("#title")).to_be_focused()
    await expect(app.page).to_have_title("プロフィール | Tsunagu")
    await app.page.get_by_role("link", name="戻る").click()
    await expect(app.page.locator("#title")).to_have_text("マイページ")
    await app.page.go_back()
    await expect(app.page.locator("#title")).to_have_text("プロフィール")


async def test_every_target_is_large_enough_for_a_thumb(open_app: OpenApp) -> None:
    app = await open_app()
    for address in ("me", "me/profile", "me/consents", "me/devices", "me/signIn"):
        await app.visit(address)
        sizes = await app.page.evaluate(TARGETS)
        small = [each for each in sizes if min(each["width"], each["height"]) < 44]
        assert small == [], json.dumps(small, ensure_ascii=False)


async def test_a_new_message_is_told_while_the_app_is_open(
    open_app: OpenApp, services: Services, shop: Shop
) -> None:
    app = await open_app()
    tab = app.page.locator("body[data-unread] #tabs")
    await expect(tab).to_have_count(0)
    await published(services)
    await expect(tab).to_have_count(1)  # by now the app listens; what came before that is told by no message
    await published(services, titles={Language.JA: "夏の新作", Language.EN: "New for summer"})
    await app.is_told("夏の新作")
    await app.visit("home")
    await app.view.get_by_role("link", name="未読のメッセージが2件あります").click()
    await expect(app.view).to_contain_text("週末セール")
    await expect(tab).to_have_count(0)
