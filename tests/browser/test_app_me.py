"""Me: what was done on every channel, what was told and allowed, and who is signed in where."""

import json
from datetime import date

import pytest
from playwright.async_api import Route, expect

from app.auth.actor import MemberActor
from app.consents.model import ConsentKind
from app.services import Services
from app.shared.i18n import Language
from app.shared.ids import new_id
from tests.arrangements import a_code
from tests.browser.conftest import OpenApp
from tests.browser.member_app import MemberApp
from tests.browser.pages import intercept, place
from tests.integration.shop import Shop
from tests.news_arrangements import published, visit

pytestmark = pytest.mark.process


@pytest.fixture
async def app(open_app: OpenApp, shop: Shop) -> MemberApp:
    return await open_app()


async def ask_code(app: MemberApp, services: Services, address: str) -> str:
    """Asks for a code on the page; it is made where the test can read it."""
    given = await a_code(services, address)
    sent = {"__typename": "SignInCodeSent", "challengeId": given.challenge_id, "expiresAt": "2099-01-01"}

    async def answer(route: Route) -> None:
        await route.fulfill(body=json.dumps({"data": {"requestSignInCode": sent}}))

    await app.visit("me/signIn")
    await intercept(app.page, "destination", answer)
    await app.view.get_by_label("メールアドレスまたは電話番号").fill(address)
    await app.page.keyboard.press("Enter")
    await expect(app.view.get_by_label("6桁のコード")).to_be_focused()
    return given.code


async def give_code(app: MemberApp, code: str) -> None:
    await app.view.get_by_label("6桁のコード").fill(code)
    await app.page.keyboard.press("Enter")


async def sign_in(app: MemberApp, services: Services, address: str) -> None:
    await give_code(app, await ask_code(app, services, address))
    await expect(app.page.locator("#title")).to_have_text("マイページ")
    await expect(app.view).to_contain_text(address)


async def test_what_was_done_anywhere_is_one_history(app: MemberApp, services: Services, shop: Shop) -> None:
    member_id = await app.member_id()
    await visit(services, member_id, shop.store)
    order = await place(shop, (0, 1), member_id=member_id)
    await app.visit("me/history")
    rows = app.view.locator(".rows > li")
    await expect(rows).to_have_count(2)
    await expect(rows.first).to_contain_text("ご注文")
    await expect(rows.first).to_contain_text("¥1,000")
    await expect(rows.last).to_contain_text("+10ポイント")
    assert order.id
    await app.visit("me/points")
    await expect(app.view.locator(".balance")).to_contain_text("10")
    await expect(app.view.locator(".rows > li")).to_contain_text("チェックイン")


async def test_a_long_history_is_told_page_by_page_the_newest_first(
    app: MemberApp, services: Services, shop: Shop
) -> None:
    member_id = await app.member_id()
    for number in range(8):
        await place(shop, (number % 2, 1), slot=number // 4, member_id=member_id)
    await visit(services, member_id, shop.store)
    for number in range(13):
        await place(shop, (number % 2, 1), slot=2 + number // 4, member_id=member_id)
    await app.visit("me/history")
    rows = app.view.locator(".rows > li")
    await expect(rows).to_have_count(21)  # 20 orders, and the visit among them
    await app.view.get_by_role("button", name="もっと見る").click()
    await expect(rows).to_have_count(22)
    kinds = [text[:2] for text in await rows.all_inner_texts()]
    assert kinds == ["ご注"] * 13 + ["ご来"] + ["ご注"] * 8
    await expect(app.view.get_by_role("button", name="もっと見る")).to_have_count(0)


async def test_signing_up_keeps_the_card_and_signing_out_leaves_another_guest(
    app: MemberApp, services: Services
) -> None:
    number = (await app.run("my_card"))["number"]
    await sign_in(app, services, f"{new_id()}@example.com")
    await app.is_told("会員登録が完了しました")
    me = await app.run("my_card")
    assert (me["number"], me["isGuest"]) == (number, False)
    await app.visit("me")
    await app.view.get_by_role("button", name="サインアウト").click()
    await expect(app.view.locator(".card")).to_be_visible()
    await app.is_ready()
    guest = await app.run("my_card")
    assert guest["isGuest"]
    assert guest["number"] != number
    await expect(app.view.locator(".card .number")).to_contain_text(guest["number"][-4:])


async def test_a_guest_becomes_one_with_the_member_who_signs_in(
    app: MemberApp, services: Services, shop: Shop
) -> None:
    address = f"{new_id()}@example.com"
    known = await services.sign_in.sign_in(await a_code(services, address), None, Language.JA, None)
    await visit(services, await app.member_id(), shop.store)
    await sign_in(app, services, address)
    await app.is_told("10ポイントを引き継ぎました")
    assert (await app.run("my_card"))["number"] == known.member.number
    await app.visit("home")
    await expect(app.view.locator(".card .number")).to_contain_text(known.member.number[-4:])
    await expect(app.view.locator(".points .balance")).to_contain_text("10")


async def test_a_wrong_code_is_refused_in_the_form(app: MemberApp, services: Services) -> None:
    given = await ask_code(app, services, f"{new_id()}@example.com")
    await give_code(app, "000000" if given != "000000" else "111111")
    await expect(app.view.locator(".failure")).to_contain_text("コード")
    await give_code(app, given)
    await app.is_told("会員登録が完了しました")


async def test_a_profile_is_what_the_server_has_after_a_reload(app: MemberApp, services: Services) -> None:
    await app.visit("me/profile")
    await app.view.get_by_label("お名前").fill("みお")
    await app.view.get_by_label("誕生日").fill("1994-05-06")
    await app.view.get_by_label("郵便番号").fill("530001")
    await app.view.get_by_role("button", name="保存する").click()
    await expect(app.view.locator(".failure")).to_contain_text("郵便番号")
    await app.view.get_by_label("郵便番号").fill("5300001")
    await app.view.get_by_role("button", name="保存する").click()
    await app.is_told("保存しました")
    await app.page.reload()
    await expect(app.view.get_by_label("お名前")).to_have_value("みお")
    await expect(app.view.get_by_label("郵便番号")).to_have_value("530-0001")
    member = await services.members.get(await app.member_id())
    assert member is not None
    assert member.profile.birthday == date(1994, 5, 6)


async def test_the_language_is_the_pages_at_once_and_the_retailers_from_now_on(
    app: MemberApp, services: Services
) -> None:
    await app.visit("me")
    async with app.answers('"locale"'):
        await app.view.get_by_role("button", name="English").click()
    await expect(app.page.locator("#title")).to_have_text("Me")
    await expect(app.page.locator("#tabs")).to_contain_text("Check-in")
    await expect(app.view.get_by_role("button", name="English")).to_have_attribute("aria-pressed", "true")
    await app.page.reload()
    await expect(app.page.locator("#title")).to_have_text("Me")
    member = await services.members.get(await app.member_id())
    assert member is not None
    assert member.language is Language.EN


async def test_a_switch_shows_what_the_server_has(app: MemberApp, services: Services) -> None:
    await app.visit("me/consents")
    switch = app.view.get_by_role("switch", name="おすすめに使う")
    await app.page.route("**/graphql", lambda route: route.abort())
    await switch.click()
    await app.is_told("サーバーから応答がありません")
    await expect(switch).to_have_attribute("aria-checked", "false")
    await app.page.unroute("**/graphql")
    await switch.click()
    await expect(switch).to_have_attribute("aria-checked", "true")
    await app.page.reload()
    await expect(switch).to_have_attribute("aria-checked", "true")
    standing = await services.consents.standing(await app.member_id())
    assert [each.kind for each in standing if each.is_given] == [ConsentKind.PERSONALIZATION]


async def test_news_and_messages_are_read_where_they_are_shown(app: MemberApp, services: Services) -> None:
    await published(services)
    await app.visit("me/inbox")
    for _ in range(20):  # a server learns of news within some seconds
        if await app.view.locator(".rows > li").count():
            break
        await app.page.wait_for_timeout(1_000)
        await app.page.reload()
        await app.is_ready()
    row = app.view.locator(".rows > li")
    await expect(row).to_contain_text("週末セール")
    await row.get_by_role("button", name="しまう").click()
    await expect(row).to_have_count(0)
    assert (await app.run("my_inbox"))["unreadMessages"] == 0


async def test_another_device_is_signed_out_from_here_and_then_all(
    app: MemberApp, services: Services
) -> None:
    address = f"{new_id()}@example.com"
    await sign_in(app, services, address)
    other = await services.sign_in.sign_in(await a_code(services, address), "タブレット", Language.JA, None)
    token = other.tokens.access_token
    actor = services.access_tokens.verify(token, services.clock.now())
    assert isinstance(actor, MemberActor)
    await app.visit("me/devices")
    await expect(app.view.locator(".rows > li")).to_have_count(2)
    await app.view.get_by_role("button", name="タブレット をサインアウト").click()
    await expect(app.view.locator(".rows > li")).to_have_count(1)
    assert not await services.sessions.is_live(actor.session_id)
    await app.view.get_by_role("button", name="すべての端末からサインアウト").click()
    await app.is_told("サインアウトされました")
    await app.is_ready()
    assert (await app.run("my_card"))["isGuest"]
