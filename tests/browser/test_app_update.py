"""An update of the member app: a phone has the old release or the new one, and never some of both."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from app.shared.mongodb.database import Database
from tests.browser.member_app import PHONE, MemberApp
from tests.browser.releases import Releases
from tests.browser.test_app_card import UNTIL_KEPT
from tests.browser.test_app_order import fill_basket
from tests.integration.shop import Shop
from tests.process.servers import Server

pytestmark = pytest.mark.process

# Looks for an update and tells what became of it: `redundant` is one whose files could not be had.
LOOK_FOR_UPDATE = """async () => {
  const kept = await navigator.serviceWorker.getRegistration("/app");
  await kept.update();
  const worker = kept.installing ?? kept.waiting;
  const isOver = () => worker.state !== "installing";
  return new Promise((resolve) => {
    isOver() ? resolve(worker.state) : worker.addEventListener("statechange", () => resolve(worker.state));
  });
}"""


@pytest.fixture
async def releases(server: Server) -> AsyncIterator[Releases]:
    async with Releases(server.address) as releases:
        yield releases


@pytest.fixture
async def app(new_page: Callable[..., Awaitable[Page]], releases: Releases, database: Database) -> MemberApp:
    """The app of the first release, kept on the phone."""
    app = MemberApp(await new_page(f"{releases.address}/app", viewport=PHONE))
    await app.is_ready()
    await app.page.evaluate(UNTIL_KEPT)
    return app


async def is_of(app: MemberApp, *releases: int) -> None:
    """All scripts that the page has run by now are of these releases."""
    await app.page.wait_for_function(
        "(wanted) => JSON.stringify([...(globalThis.releases ?? [])]) === wanted",
        arg=_told(releases),
        polling=200,
    )


def _told(releases: tuple[int, ...]) -> str:
    return str([str(each) for each in releases]).replace("'", '"').replace(", ", ",")


async def update_waits(app: MemberApp, releases: Releases) -> None:
    releases.release += 1
    assert await app.page.evaluate(LOOK_FOR_UPDATE) == "installed"


async def opens_without_a_network(app: MemberApp, release: int) -> None:
    await app.page.context.set_offline(True)
    await app.page.reload()
    await expect(app.view.locator(".card .qr")).to_be_visible()
    await is_of(app, release)


async def test_a_checkout_goes_on_with_the_files_that_it_began_with(
    app: MemberApp, releases: Releases, shop: Shop
) -> None:
    await fill_basket(app, shop)
    await app.visit("order/checkout")
    await app.view.get_by_role("button", name="明日").click()
    slot = app.view.get_by_role("radio").nth(1)
    await slot.check(force=True)
    await update_waits(app, releases)
    await app.visit("find")  # whose scripts are loaded only now
    await is_of(app, 1)
    await app.page.go_back()
    await expect(app.view.locator(".place button")).to_be_visible()
    await is_of(app, 1)


async def test_files_from_the_middle_of_a_release_are_not_kept(app: MemberApp, releases: Releases) -> None:
    releases.release, releases.is_torn = 2, True
    assert await app.page.evaluate(LOOK_FOR_UPDATE) == "redundant"
    await opens_without_a_network(app, 1)
    await app.page.context.set_offline(False)
    releases.is_torn = False
    assert await app.page.evaluate(LOOK_FOR_UPDATE) == "installed"


async def test_release_after_release_the_newest_waits_and_the_page_is_whole(
    app: MemberApp, releases: Releases
) -> None:
    await update_waits(app, releases)
    await update_waits(app, releases)
    for view in ("checkin", "find", "order", "me"):
        await app.visit(view)
    await is_of(app, 1)
