"""What a member does in the app by one mutation, and how it shows that it was done once."""

from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import expect

from app.offers.model import Distribution
from app.services import Services
from app.shared.ids import new_id
from app.shared.paging import PageRequest
from graphql_schema.node import encode_id
from tests.browser.member_app import MemberApp
from tests.browser.test_app_check_in import check_in, sees_the_store
from tests.browser.test_app_order import fill_basket
from tests.integration.shop import Shop
from tests.offer_examples import a_published_offer


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
        async with stage.app.answers('"VIEWED"'):
            await stage.app.visit(f"find/product/{product_id}")

    async def do(self, stage: Stage) -> None:
        await stage.press("お気に入り")

    async def is_seen(self, stage: Stage) -> None:
        heart = stage.app.view.get_by_role("button", name="お気に入り")
        await expect(heart).to_have_attribute("aria-pressed", "true")

    async def is_done_once(self, stage: Stage) -> None:
        marked = (await stage.app.run("my_favourites"))["favourites"]
        assert len(marked) == 1
