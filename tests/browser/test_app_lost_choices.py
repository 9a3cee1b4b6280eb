"""What a member chooses, reads and puts away happens once and is shown, whatever answers get lost."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import expect

from app.services import Services
from graphql_schema.node import encode_id
from tests.browser.conftest import OpenApp
from tests.browser.losing import LosingNetwork
from tests.browser.member_app import MemberApp
from tests.browser.test_app_order import here
from tests.integration.shop import Shop
from tests.news_arrangements import published, visit
from tests.patience import PATIENCE_SECONDS
from tests.process.servers import Server

pytestmark = pytest.mark.process

TRIES = 4
NO_ANSWER = "サーバーから応答がありません"


@pytest.fixture
async def app(open_app: OpenApp, shop: Shop) -> MemberApp:
    """A phone that stands in the store, with a piece in the basket."""
    app = await open_app(**here(shop))
    line = {"skuId": encode_id("Sku", shop.skus[0].id), "quantity": 1}
    await app.run("set_cart_line", {"input": line})
    return app


async def choose_a_store(app: MemberApp) -> str:
    """The name of the first store there is, which she chooses."""
    await app.visit("order/store")
    row = app.view.locator(".rows button.row").first
    name = await row.locator("b").inner_text()
    await row.click()
    return name


async def is_chosen(app: MemberApp, name: str) -> None:
    cart = (await app.run("my_cart"))["cart"]
    assert cart["store"]["name"] == name
    assert [line["quantity"] for line in cart["lines"]] == [1]


async def test_a_store_is_chosen_though_an_answer_gets_lost(app: MemberApp, server: Server) -> None:
    network = await LosingNetwork(app.page, server, "choose_cart_store", answers=1).begin()
    name = await choose_a_store(app)
    await network.has_lost(1)
    await app.until("location.hash === '#/order/checkout'")
    await is_chosen(app, name)


async def test_a_store_is_chosen_though_nobody_heard_of_it(app: MemberApp, server: Server) -> None:
    network = await LosingNetwork(app.page, server, "choose_cart_store").begin()
    name = await choose_a_store(app)
    await network.has_lost(TRIES)
    await app.is_told(NO_ANSWER)
    await network.mend_while_away()
    await app.is_ready()
    await is_chosen(app, name)


async def messages(app: MemberApp, is_archived: bool = False) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await app.run("my_inbox", {"isArchived": is_archived}))["inbox"]["nodes"]
    return found


@pytest.fixture
async def told(app: MemberApp, services: Services, shop: Shop) -> MemberApp:
    """She was told something, and has not read it: a server learns of news within some seconds."""
    await visit(services, await app.member_id(), shop.store)
    await published(services, store_ids=frozenset({shop.store.id}))
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await messages(app):
            await app.page.wait_for_timeout(500)
    return app


@pytest.mark.parametrize("answers", [1, None])
async def test_what_was_read_is_read(told: MemberApp, server: Server, answers: int | None) -> None:
    network = await LosingNetwork(told.page, server, "read_inbox_messages", answers=answers).begin()
    await told.visit("me/inbox")
    await expect(told.view.locator(".rows > li")).to_contain_text("週末セール")
    await network.has_lost(answers or TRIES)
    (read,) = await messages(told)
    await network.mend_while_away()
    await told.is_ready()
    row = told.view.locator(".rows > li")
    await expect(row).to_contain_text("週末セール")
    await expect(row.locator(".tag")).to_have_count(0)
    assert read["readAt"] is not None
    assert await messages(told) == [read]
    assert (await told.run("my_inbox"))["unreadMessages"] == 0


@pytest.mark.parametrize("answers", [1, None])
async def test_what_was_put_away_is_put_away(told: MemberApp, server: Server, answers: int | None) -> None:
    await told.visit("me/inbox")
    row = told.view.locator(".rows > li")
    network = await LosingNetwork(told.page, server, "archive_inbox_messages", answers=answers).begin()
    await row.get_by_role("button", name="しまう").click()
    await network.has_lost(answers or TRIES)
    if answers is None:
        await network.mend_while_away()
        await told.is_ready()
    await expect(row).to_have_count(0)
    assert await messages(told) == []
    assert len(await messages(told, is_archived=True)) == 1
