"""What a member does in the app with her orders."""

from playwright.async_api import expect

from app.orders.states import OrderState
from tests.browser.deeds import Deed, Stage
from tests.browser.test_app_order import fill_basket, order, orders_of, press_order


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
