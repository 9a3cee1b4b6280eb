"""Signing in by a code that is really sent, over a network that loses answers."""

import pytest
from playwright.async_api import expect

from app.messages.outbox import DevelopmentOutbox
from app.services import Services
from app.shared.ids import new_id
from tests.arrangements import CODE_SENT
from tests.browser.conftest import OpenApp
from tests.browser.losing import LosingNetwork
from tests.browser.member_app import MemberApp
from tests.browser.test_app_me import give_code
from tests.process.servers import Server

pytestmark = pytest.mark.process


@pytest.fixture
def server(development_server: Server) -> Server:
    """Where messages can be read."""
    return development_server


async def codes_sent_to(services: Services, address: str) -> list[str]:
    entries = await DevelopmentOutbox(services.database, services.clock).newest()
    texts = [entry.message.text for entry in entries if entry.message.destination == address]
    return [CODE_SENT.findall(text)[0] for text in texts]


async def ask_for_code(app: MemberApp, address: str) -> None:
    await app.view.get_by_label("メールアドレスまたは電話番号").fill(address)
    await app.view.get_by_role("button", name="コードを送る").click()


@pytest.mark.parametrize("lost", [1, 4], ids=["once", "all"])
async def test_one_code_is_sent_however_many_answers_get_lost(
    open_app: OpenApp, services: Services, server: Server, lost: int
) -> None:
    app, address = await open_app("#/me/signIn"), f"{new_id()}@example.com"
    network = await LosingNetwork(app.page, server, "request_sign_in_code", lost).begin()
    await ask_for_code(app, address)
    await network.has_lost(lost)
    if lost > 1:
        await expect(app.view.locator(".failure")).to_contain_text("サーバーから応答がありません")
        await ask_for_code(app, address)
    await expect(app.view.get_by_label("6桁のコード")).to_be_focused()
    (code,) = await codes_sent_to(services, address)
    await give_code(app, code)
    await expect(app.page.locator("#title")).to_have_text("マイページ")
    await expect(app.view).to_contain_text(address)


async def test_who_gave_her_code_and_lost_the_network_is_signed_in_when_it_is_back(
    open_app: OpenApp, services: Services, server: Server
) -> None:
    """The app was closed meanwhile."""
    app, address = await open_app("#/me/signIn"), f"{new_id()}@example.com"
    member_id = await app.member_id()
    await ask_for_code(app, address)
    await expect(app.view.get_by_label("6桁のコード")).to_be_focused()
    (code,) = await codes_sent_to(services, address)
    network = await LosingNetwork(app.page, server, "sign_in").begin()
    await give_code(app, code)
    await network.has_lost(4)
    await app.page.goto("about:blank")  # before the network is back: nobody else hears the answer
    await network.mend()
    await app.page.goto(f"{server.address}/app")
    await app.is_told("会員登録が完了しました")
    await expect(app.view.locator(".card .number")).to_be_visible()
    assert await app.member_id() == member_id
    assert len(await services.sessions.of_member(member_id)) == 1
    assert len(set(network.sent)) == 1
