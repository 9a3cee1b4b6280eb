"""What the app does happens once, and after a reload it shows what the server has, whatever answers get lost.

The network is cut once the server has done it. Where one answer gets lost, nobody notices. Where all do, the
app says that it does not know, and finds out after a reload.
"""

import pytest
from playwright.async_api import expect

from app.members.repository import MEMBERS
from app.services import Services
from tests.browser.conftest import OpenApp
from tests.browser.deeds import (
    AllowingSomething,
    ChangingTheProfile,
    CheckingIn,
    Deed,
    MarkingAFavourite,
    PuttingIntoTheBasket,
    Stage,
    TakingACoupon,
)
from tests.browser.losing import LosingNetwork
from tests.browser.order_deeds import (
    AnnouncingTheArrival,
    CancellingAnOrder,
    PlacingAnOrder,
    TakingASubstitute,
)
from tests.browser.session_deeds import EndingASession, SigningIn, SigningOut, SigningOutEverywhere
from tests.browser.test_app_order import here
from tests.integration.shop import Shop
from tests.process.servers import Server

pytestmark = pytest.mark.process


TRIES = 4


DEEDS = [
    PlacingAnOrder,
    CheckingIn,
    TakingACoupon,
    ChangingTheProfile,
    AllowingSomething,
    SigningIn,
    EndingASession,
    SigningOut,
    SigningOutEverywhere,
    PuttingIntoTheBasket,
    MarkingAFavourite,
    CancellingAnOrder,
    AnnouncingTheArrival,
    TakingASubstitute,
]


@pytest.fixture
async def stage(open_app: OpenApp, shop: Shop, services: Services) -> Stage:
    return Stage(await open_app(**here(shop)), shop, services)


@pytest.mark.parametrize("deed", [each() for each in DEEDS], ids=lambda deed: deed.operation)
async def test_one_lost_answer_is_not_noticed(stage: Stage, server: Server, deed: Deed) -> None:
    await deed.prepare(stage)
    network = await LosingNetwork(stage.app.page, server, deed.operation, answers=1).begin()
    await deed.do(stage)
    await network.has_lost(1)
    await deed.is_seen(stage)
    await deed.is_done_once(stage)


@pytest.mark.parametrize("deed", [each() for each in DEEDS], ids=lambda deed: deed.operation)
async def test_what_nobody_heard_of_is_there_after_a_reload(stage: Stage, server: Server, deed: Deed) -> None:
    await deed.prepare(stage)
    network = await LosingNetwork(stage.app.page, server, deed.operation).begin()
    await deed.do(stage)
    await network.has_lost(TRIES)
    await network.mend_while_away()
    await deed.is_seen(stage)
    await deed.is_done_once(stage)


async def test_a_first_visit_makes_one_guest_however_often_it_is_asked_for(
    open_app: OpenApp, server: Server, services: Services
) -> None:
    """The device makes its secret before the first try and keeps it: the guest of a lost answer is found."""
    app = await open_app("#/me", is_ready=False)
    members = services.database.collection(MEMBERS)
    await app.is_ready()
    await app.page.evaluate("localStorage.clear()")
    before = await members.count({})
    network = await LosingNetwork(app.page, server, "register_guest").begin()
    await app.page.reload()
    await network.has_lost(TRIES)
    await network.mend_while_away()
    await app.visit("home")
    await expect(app.view.locator(".card .number")).to_be_visible()
    assert await members.count({}) == before + 1
