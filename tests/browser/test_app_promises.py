"""What the member app promises to who builds on it: its weight, and that the official API is enough."""

import json
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, Request, WebSocket, expect

from tests.browser.conftest import OpenApp
from tests.browser.member_app import PHONE, MemberApp
from tests.browser.test_app_order import here, order
from tests.browser.weighing import weigh
from tests.integration.shop import Shop
from tests.process.servers import Server

pytestmark = pytest.mark.process

MAXIMUM_BYTES = 150_000
VIEWS = (
    "checkin",
    "find",
    "find/scan",
    "order",
    "order/store",
    "me",
    *(
        f"me/{part}"
        for part in ("history", "points", "coupons", "inbox", "profile", "consents", "devices", "signIn")
    ),
)

# Beside the API itself, the app asks for its own files and for the list of the official operations.
ITS_OWN = ("/app", "/app/manifest.webmanifest", "/app/service-worker.js", "/operations.json")


async def test_the_app_weighs_less_than_150_kb(
    new_page: Callable[..., Awaitable[Page]], server: Server
) -> None:
    page = await new_page("about:blank", viewport=PHONE)
    weight = await weigh(page)
    await page.goto(f"{server.address}/app")
    await expect(page.locator(".card .qr")).to_be_visible()
    assert 0 < weight.transferred < MAXIMUM_BYTES
    assert weight.transferred < weight.decoded < MAXIMUM_BYTES  # a first visit, even unpacked
    app = MemberApp(page)
    for view in VIEWS:
        await app.visit(view)
    assert weight.transferred < MAXIMUM_BYTES


async def test_all_that_home_is_made_of_is_asked_for_at_once(
    new_page: Callable[..., Awaitable[Page]], server: Server
) -> None:
    """No script waits for another one to name it: each is in the page's head."""
    page = await new_page("about:blank", viewport=PHONE)
    weight = await weigh(page)
    await page.goto(f"{server.address}/app")
    await expect(page.locator(".card .qr")).to_be_visible()
    head = server.get("/app").text
    scripts = [urlsplit(address).path for address in weight.addresses if address.endswith(".js")]
    assert len(scripts) > 10
    assert [script for script in scripts if f'href="{script}"' not in head] == []


async def test_the_app_gets_by_with_the_official_operations(
    open_app: OpenApp, server: Server, shop: Shop
) -> None:
    official = set(server.get("/operations.json").json().values())
    app = await open_app(is_ready=False, **here(shop))
    others: list[str] = []
    used: set[str] = set()

    def look_at(text: str) -> None:
        message = json.loads(text)
        sent = message.get("payload", {}) if "type" in message else message
        if "query" in sent or sent.get("documentId", next(iter(official))) not in official:
            others.append(text)
        used.update({sent["documentId"]} if "documentId" in sent else ())

    def asked(request: Request) -> None:
        path = urlsplit(request.url).path
        if request.url.startswith(f"{server.address}/graphql") and request.method == "POST":
            look_at(request.post_data or "")
        elif not request.url.startswith(server.address) or not (
            path in ITS_OWN or path.startswith("/assets/")
        ):
            others.append(request.url)

    def opened(line: WebSocket) -> None:
        line.on("framesent", lambda frame: look_at(str(frame)))

    app.page.context.on("request", asked)
    app.page.on("websocket", opened)
    await app.page.reload()
    await app.is_ready()
    for view in VIEWS:
        await app.visit(view)
    await order(app, shop)
    await app.view.get_by_role("button", name="お店に着きました").click()
    await expect(app.view).to_contain_text("到着を連絡済み")
    assert others == []
    assert len(used) > 15
