"""The pages in a real Chromium, on a real server process: the counter's tablet and the member's phone."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, async_playwright, expect
from pymongo import MongoClient

from app.collections import COLLECTIONS
from app.services import Services
from app.shared.clock import SystemClock
from app.shared.mongodb.database import Database
from tests.browser.member_app import PHONE, MemberApp
from tests.browser.pages import Phone, Tablet, lasting_lead_minutes, serving_beside
from tests.browser.telling import REMEMBER_MESSAGES
from tests.conftest import emptied
from tests.integration.shop import Shop
from tests.patience import PATIENCE_SECONDS
from tests.process.servers import Server

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
LANDSCAPE = {"width": 1280, "height": 800}

expect.set_options(timeout=1000 * PATIENCE_SECONDS)

OpenTablet = Callable[..., Awaitable[Tablet]]
OpenApp = Callable[..., Awaitable[MemberApp]]
Handler = Callable[[Route], Awaitable[None]]


def chromium() -> str | None:
    """Where Chromium is on this machine."""
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("there is no Chromium on this machine")
    # As root there is no sandbox; the camera is a picture that moves.
    arguments = ["--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        await browser.close()


@pytest.fixture
def clock() -> SystemClock:
    """The server's own clock: it is another process."""
    return SystemClock()


@pytest.fixture(scope="session")
def database_name(worker: str) -> str:
    """The database of the servers, whose sweeps go by the time of day and on to the end of the tests."""
    return f"test_{worker}_browser"


@pytest.fixture(scope="session")
async def prepared_database(mongodb_uri: str, database_name: str) -> AsyncIterator[Database]:
    """The servers' database, with its collections."""
    database = Database.connect(mongodb_uri, database_name)
    await database.prepare(COLLECTIONS)
    yield database
    await database.close()
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        client.drop_database(database_name)


@pytest.fixture
async def database(prepared_database: Database) -> Database:
    """The servers' database, empty."""
    return await emptied(prepared_database)


@pytest.fixture(scope="session")
def server_settings(mongodb_uri: str, database_name: str) -> dict[str, str]:
    """Production, so that pages get by with the official operations."""
    return {
        "MONGODB_URI": mongodb_uri,
        "TSUNAGU_MONGODB_DATABASE": database_name,
        "TSUNAGU_ENVIRONMENT": "production",
        "TSUNAGU_PICTURE_HOSTS": '["https://pictures.example"]',
    }


@pytest.fixture(scope="session")
async def server(
    prepared_database: Database,
    server_settings: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Server]:
    async with serving_beside(tmp_path_factory.mktemp("server"), **server_settings) as server:
        yield server


@pytest.fixture(scope="session")
async def development_server(
    prepared_database: Database,
    server_settings: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Server]:
    """The same database in development, where there are the sandbox's cards and the outbox."""
    settings = server_settings | {"TSUNAGU_ENVIRONMENT": "development"}
    async with serving_beside(tmp_path_factory.mktemp("development"), **settings) as server:
        yield server


@pytest.fixture
async def shop(services: Services, clock: SystemClock) -> Shop:
    """A store of this test alone; its services write to the database of the server.

    No slot's orders end while a page shows it and somebody is about to press.
    """
    shop = await Shop.open(services, clock)  # type: ignore[arg-type]
    await shop.change_policy(lead_minutes=lasting_lead_minutes(clock.now()))
    return shop


@pytest.fixture
async def new_page(browser: Browser) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    """Opens pages, each as another person's; none may have an error of its own."""
    faults: list[str] = []
    async with AsyncExitStack() as contexts:

        async def open_page(address: str, **options: object) -> Page:
            context: BrowserContext = await browser.new_context(
                **{"viewport": LANDSCAPE, "locale": "ja-JP", "reduced_motion": "reduce", **options}  # type: ignore[arg-type]
            )
            contexts.push_async_callback(context.close)
            context.set_default_timeout(1000 * PATIENCE_SECONDS)
            await context.add_init_script(REMEMBER_MESSAGES)
            page = await context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("console", lambda said: faults.append(said.text) if "Security" in said.text else None)
            await page.goto(address)
            return page

        yield open_page
    assert faults == []


@pytest.fixture
def open_tablet(new_page: Callable[..., Awaitable[Page]], server: Server, shop: Shop) -> OpenTablet:
    """Opens a tablet behind the counter, with a clerk of the shop at work on it."""

    async def open_counter(**options: object) -> Tablet:
        tablet = Tablet(await new_page(f"{server.address}/counter", **options), shop)
        await tablet.enrol()
        await tablet.sign_in()
        return tablet

    return open_counter


@pytest.fixture
async def tablet(open_tablet: OpenTablet) -> Tablet:
    return await open_tablet()


@pytest.fixture
async def phone(new_page: Callable[..., Awaitable[Page]], server: Server, shop: Shop) -> Phone:
    """A new member's phone."""
    phone = Phone(await new_page(f"{server.address}/"), shop)
    await phone.register()
    return phone


@pytest.fixture
def open_app(new_page: Callable[..., Awaitable[Page]], server: Server, database: Database) -> OpenApp:
    """Opens the member app on a phone that has never been here, unless another storage is named."""

    async def open_member_app(
        at: str = "",
        is_ready: bool = True,
        handle_calls: Handler | None = None,
        init_script: str = "",
        **options: object,
    ) -> MemberApp:
        page = await new_page("about:blank", viewport=PHONE, has_touch=True, **options)
        if init_script:
            await page.add_init_script(init_script)
        if handle_calls is not None:
            await page.route("**/graphql", handle_calls)
        await page.goto(f"{server.address}/app{at}")
        app = MemberApp(page)
        if is_ready:
            await app.is_ready()
        return app

    return open_member_app


@pytest.fixture(scope="session")
def here() -> Path:
    return Path(__file__).parent
