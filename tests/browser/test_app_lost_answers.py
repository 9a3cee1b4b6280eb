"""What the app does happens once, and after a reload it shows what the server has, whatever answers get lost.

The network is cut once the server has done it. Where one answer gets lost, nobody notices. Where all do, the
app says that it does not know, and finds out after a reload.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import expect

from app.members.repository import MEMBERS
from app.offers.model import Distribution
from app.orders.states import OrderState
from app.services import Services
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.shared.paging import PageRequest
from graphql_schema.node import encode_id
from tests.arrangements import a_code
from tests.browser.conftest import OpenApp
from tests.browser.losing import LosingNetwork
from tests.browser.member_app import MemberApp
from tests.browser.test_app_check_in import check_in, sees_the_store
from tests.browser.test_app_me import ask_code, give_code, sign_in
from tests.browser.test_app_order import fill_basket, here, order, orders_of, press_order
from tests.integration.shop import Shop
from tests.offer_examples import a_published_offer
from tests.process.servers import Server

pytestmark = pytest.mark.process

TRIES = 4


@dataclass
class Stage:
    """A phone, the shop it is in, and what a test has to remember."""

    app: MemberApp
    shop: Shop
    services: Services
    props: dict[str, Any] = field(default_factory=dict)

    async def press(self, name: str) -> None:
        await self.app.view.get_by_role("button", name=name).first.click()


class Deed:
    """Something that the app does by one mutation."""

    operation: str

    async def prepare(self, stage: Stage) -> None:
        """Comes to where it is done."""

    async def do(self, stage: Stage) -> None:
        """Does it, by hand."""
        raise NotImplementedError

    async def is_seen(self, stage: Stage) -> None:
        """The page shows that it is done; after a reload too."""
        raise NotImplementedError

    async def is_done_once(self, stage: Stage) -> None:
        """The server has it, once."""


class PlacingAnOrder(Deed):
    operation = "place_order"

    async def prepare(self, stage: Stage) -> None:
        await fill_basket(stage.app, stage.shop)
        await stage.app.visit("order/checkout")

    async def do(self, stage: Stage) -> None:
        await press_order(stage.app)

    async def is_seen(self, stage: Stage) -> None:
        await expect(stage.app.view.locator(".pickup .number")).to_be_visible()

    async def is_done_once(self, stage: Stage) -> None:
        assert len(await orders_of(stage.app, stage.shop)) == 1


class CheckingIn(Deed):
    operation = "check_in"

    async def prepare(self, stage: Stage) -> None:
        await stage.app.visit("checkin")
        await sees_the_store(stage.app)

    async def do(self, stage: Stage) -> None:
        await check_in(stage.app)

    async def is_seen(self, stage: Stage) -> None:
        await expect(stage.app.view.locator(".done")).to_contain_text("+10")

    async def is_done_once(self, stage: Stage) -> None:
        member_id = await stage.app.member_id()
        found = await stage.services.check_ins.of_member(member_id, PageRequest(5, None))
        assert len(found.items) == 1


class TakingACoupon(Deed):
    operation = "claim_offer"

    async def prepare(self, stage: Stage) -> None:
        offer = await a_published_offer(stage.services, distribution=Distribution.UNIQUE_CODES)
        (stage.props["code"],) = await stage.services.coupons.issuing.make_codes(
            offer.id, 1, f"key-{new_id()}", "staff:1"
        )
        await stage.app.visit("me/coupons")

    async def do(self, stage: Stage) -> None:
        await stage.app.view.get_by_label("クーポンコード").fill(stage.props["code"].lower())
        await stage.press("クーポンを受け取る")

    async def is_seen(self, stage: Stage) -> None:
        await expect(stage.app.view.locator(".rows > li .benefit")).to_have_count(1)

    async def is_done_once(self, stage: Stage) -> None:
        wallet = await stage.services.coupons.wallet.page(
            await stage.app.member_id(), frozenset(), PageRequest()
        )
        assert len(wallet.items) == 1


class ChangingTheProfile(Deed):
    operation = "update_profile"

    async def prepare(self, stage: Stage) -> None:
        await stage.app.visit("me/profile")

    async def do(self, stage: Stage) -> None:
        await stage.app.view.get_by_label("お名前").fill("みお")
        await stage.press("保存する")

    async def is_seen(self, stage: Stage) -> None:
        await expect(stage.app.view.get_by_label("お名前")).to_have_value("みお")

    async def is_done_once(self, stage: Stage) -> None:
        member = await stage.services.members.get(await stage.app.member_id())
        assert member is not None
        assert member.profile.nickname == "みお"


class AllowingSomething(Deed):
    operation = "set_consents"

    async def prepare(self, stage: Stage) -> None:
        await stage.app.visit("me/consents")

    async def do(self, stage: Stage) -> None:
        await stage.app.view.get_by_role("switch", name="おすすめに使う").click()

    async def is_seen(self, stage: Stage) -> None:
        switch = stage.app.view.get_by_role("switch", name="おすすめに使う")
        await expect(switch).to_have_attribute("aria-checked", "true")

    async def is_done_once(self, stage: Stage) -> None:
        history = await stage.services.consents.history(await stage.app.member_id(), PageRequest(5))
        assert len(history.items) == 1


class SigningIn(Deed):
    """As a guest, whose own session ends by it; the device's id is a secret that opens nothing any more."""

    operation = "sign_in"

    async def prepare(self, stage: Stage) -> None:
        stage.props["guest"] = await stage.app.member_id()
        stage.props["address"] = f"{new_id()}@example.com"
        stage.props["code"] = await ask_code(stage.app, stage.services, stage.props["address"])

    async def do(self, stage: Stage) -> None:
        await give_code(stage.app, stage.props["code"])

    async def is_seen(self, stage: Stage) -> None:
        await stage.app.until("location.hash === '#/me' || location.hash === '#/me/signIn'")
        await stage.app.visit("me")
        await expect(stage.app.view).to_contain_text(stage.props["address"])

    async def is_done_once(self, stage: Stage) -> None:
        assert await stage.app.member_id() == stage.props["guest"]
        assert len(await stage.services.sessions.of_member(stage.props["guest"])) == 1


class EndingASession(Deed):
    operation = "revoke_session"

    async def prepare(self, stage: Stage) -> None:
        address = f"{new_id()}@example.com"
        await sign_in(stage.app, stage.services, address)
        code = await a_code(stage.services, address)
        await stage.services.sign_in.sign_in(code, "タブレット", Language.JA, None)
        await stage.app.visit("me/devices")

    async def do(self, stage: Stage) -> None:
        await stage.press("タブレット をサインアウト")

    async def is_seen(self, stage: Stage) -> None:
        await expect(stage.app.view.locator(".rows > li")).to_have_count(1)

    async def is_done_once(self, stage: Stage) -> None:
        assert len(await stage.services.sessions.of_member(await stage.app.member_id())) == 1


class SigningOut(Deed):
    operation = "sign_out"
    where, button = "me", "サインアウト"

    async def prepare(self, stage: Stage) -> None:
        await sign_in(stage.app, stage.services, f"{new_id()}@example.com")
        stage.props["member"] = await stage.app.member_id()
        await stage.app.visit(self.where)

    async def do(self, stage: Stage) -> None:
        await stage.press(self.button)

    async def is_seen(self, stage: Stage) -> None:
        await stage.app.is_told("サインアウトされました")
        await stage.app.visit("home")
        await expect(stage.app.view.locator(".card")).to_be_visible()
        await stage.app.visit("me")
        await expect(stage.app.view).to_contain_text("ゲスト")

    async def is_done_once(self, stage: Stage) -> None:
        assert await stage.services.sessions.of_member(stage.props["member"]) == []


class SigningOutEverywhere(SigningOut):
    operation = "sign_out_everywhere"
    where, button = "me/devices", "すべての端末からサインアウト"


class PuttingIntoTheBasket(Deed):
    operation = "set_cart_line"

    async def prepare(self, stage: Stage) -> None:
        await fill_basket(stage.app, stage.shop)
        await stage.app.visit("order")

    async def do(self, stage: Stage) -> None:
        await stage.app.view.locator(".steps button").last.click()

    async def is_seen(self, stage: Stage) -> None:
        await expect(stage.app.view.locator(".steps span")).to_have_text("2")


class MarkingAFavourite(Deed):
    operation = "track_events"

    async def prepare(self, stage: Stage) -> None:
        product = await stage.services.catalog.products_of_skus([stage.shop.skus[0].id])
        product_id = encode_id("Product", product[stage.shop.skus[0].id].id)
        viewed = stage.app.page.expect_response(lambda answer: "VIEWED" in (answer.request.post_data or ""))
        async with viewed:
            await stage.app.visit(f"find/product/{product_id}")

    async def do(self, stage: Stage) -> None:
        await stage.press("お気に入り")

    async def is_seen(self, stage: Stage) -> None:
        heart = stage.app.view.get_by_role("button", name="お気に入り")
        await expect(heart).to_have_attribute("aria-pressed", "true")

    async def is_done_once(self, stage: Stage) -> None:
        marked = (await stage.app.run("my_favourites"))["favourites"]
        assert len(marked) == 1


class CancellingAnOrder(Deed):
    operation = "cancel_order"

    async def prepare(self, stage: Stage) -> None:
        stage.props["order"] = await order(stage.app, stage.shop)

    async def do(self, stage: Stage) -> None:
        await stage.press("キャンセルする")
        await stage.app.page.locator("dialog").get_by_role("button", name="キャンセルする").click()

    async def is_seen(self, stage: Stage) -> None:
        await expect(stage.app.view.locator(".pickup .tag").first).to_have_text("キャンセル")

    async def is_done_once(self, stage: Stage) -> None:
        assert (await stage.shop.now(stage.props["order"])).state is OrderState.CANCELLED


class AnnouncingTheArrival(CancellingAnOrder):
    operation = "announce_arrival"

    async def do(self, stage: Stage) -> None:
        await stage.press("お店に着きました")

    async def is_seen(self, stage: Stage) -> None:
        await expect(stage.app.view.locator(".pickup")).to_contain_text("到着を連絡済み")

    async def is_done_once(self, stage: Stage) -> None:
        assert (await stage.shop.now(stage.props["order"])).version == 2


class TakingASubstitute(CancellingAnOrder):
    operation = "answer_substitution"

    async def prepare(self, stage: Stage) -> None:
        await super().prepare(stage)
        moved = await stage.shop.move(stage.props["order"], OrderState.ACCEPTED, OrderState.PREPARING)
        await stage.services.counter.offer_substitute(
            stage.shop.clerk, moved.id, "1", stage.shop.skus[1].id, 1, None
        )

    async def do(self, stage: Stage) -> None:
        await stage.press("これにする")

    async def is_seen(self, stage: Stage) -> None:
        await expect(stage.app.view.locator(".question")).to_have_count(0)
        await expect(stage.app.view.locator(".pay")).to_contain_text("¥300")
        await expect(stage.app.view.locator(".failure")).to_be_empty()

    async def is_done_once(self, stage: Stage) -> None:
        (line,) = (await stage.shop.now(stage.props["order"])).lines
        assert line.item.sku_id == stage.shop.skus[1].id


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
