"""Find in the member app: typed, scanned, and followed live."""

import asyncio
from dataclasses import dataclass

import pytest
from playwright.async_api import expect

from app.catalog.model import Product
from app.inventory.model import StockKey
from app.services import Services
from app.shared.clock import SystemClock
from app.stores.model import Store
from graphql_schema.node import encode_id, key_of
from tests.arrangements import add_catalog, add_stores, allow
from tests.browser.conftest import OpenApp
from tests.browser.member_app import MemberApp
from tests.browser.pages import STUB_OF_DETECTOR
from tests.examples import a_store
from tests.integration.stockroom import Stockroom
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.process

BAG = "FG-503"  # the canvas tote bag, natural or navy


@dataclass(frozen=True, slots=True)
class Place:
    """The demo retailer's goods in a store at Umeda, which has 7 natural bags."""

    store: Store
    bag: Product
    stockroom: Stockroom

    @property
    def options(self) -> dict[str, object]:
        """A phone that is there and says so."""
        point = self.store.location
        here = {"latitude": point.latitude, "longitude": point.longitude, "accuracy": 12}
        return {"geolocation": here, "permissions": ["geolocation"]}

    def key(self, number: int) -> StockKey:
        return StockKey(self.bag.skus[number].id, self.store.id)

    async def is_known(self, app: MemberApp) -> None:
        """The server looks every 10 s which stores and categories there are."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await self._is_known(app):  # noqa: ASYNC110  nobody tells
                await asyncio.sleep(0.5)

    async def _is_known(self, app: MemberApp) -> bool:
        near = {"latitude": self.store.location.latitude, "longitude": self.store.location.longitude}
        wanted = {"skuId": encode_id("Sku", self.bag.skus[0].id), "near": near}
        found = (await app.run("availability", wanted))["nodes"]
        stores = {key_of(each["store"]["id"], "Store", []) for each in found}
        return self.store.id in stores and bool(await app.run("categories"))

    async def open_bag(self, app: MemberApp) -> None:
        await self.is_known(app)
        await app.visit(f"find/product/{encode_id('Product', BAG)}")


@pytest.fixture
async def place(services: Services, clock: SystemClock) -> Place:
    store = a_store()
    await add_stores(services.database, store)
    goods = {product.id: product for product in await add_catalog(services.database)}
    stockroom = Stockroom(services, clock)  # type: ignore[arg-type]
    found = Place(store, goods[BAG], stockroom)
    await stockroom.stock(found.key(0), 7)
    return found


@pytest.mark.parametrize("typed", ["とーとばっぐ", "帆布トートバッグ", "Canvas Tote Bga"])
async def test_goods_are_found_while_they_are_typed(open_app: OpenApp, place: Place, typed: str) -> None:
    app = await open_app("#/find")
    await app.page.get_by_role("searchbox").press_sequentially(typed)
    row = app.found.filter(has_text="トートバッグ").first
    await expect(row).to_contain_text("¥1,990")
    await row.get_by_role("link").click()
    await expect(app.page.locator("#title")).to_contain_text("トートバッグ")


async def test_a_suggestion_leads_to_what_it_names(open_app: OpenApp, place: Place) -> None:
    app = await open_app("#/find")
    await app.page.get_by_role("searchbox").press_sequentially("トートバ")
    await expect(app.found.first).to_be_visible()  # by now all that was typed is answered
    await app.view.get_by_role("list", name="候補").get_by_role("link").first.click()
    await expect(app.page.locator("#title")).to_contain_text("トートバッグ")


async def test_nothing_found_is_no_dead_end(open_app: OpenApp, place: Place) -> None:
    app = await open_app("#/find")
    await app.page.get_by_role("searchbox").fill("zzzzzz")
    await expect(app.view).to_contain_text("見つかりませんでした")
    await expect(app.view.get_by_role("heading", name="こちらはいかがですか")).to_be_visible()


async def test_stores_nearby_tell_what_they_have_and_go_on_telling(open_app: OpenApp, place: Place) -> None:
    app = await open_app("#/find", **place.options)
    await place.open_bag(app)
    count = app.view.locator(".store", has_text="こはる 梅田店").locator(".count")
    await expect(count).to_have_text("在庫 7点")
    await expect(app.view.locator(".live")).to_be_visible()
    await place.stockroom.stock(place.key(0), 2)
    await expect(count).to_have_text("残り2点")
    await app.view.get_by_role("radio", name="紺").check()
    await expect(count).to_have_text("在庫なし")
    await expect(app.view).to_contain_text("近くにある別の種類: ")


async def test_who_forbids_it_is_told_what_to_do(open_app: OpenApp, place: Place) -> None:
    app = await open_app("#/find", permissions=[])
    await place.open_bag(app)
    await app.view.get_by_role("button", name="現在地から探す").click()
    await expect(app.view.get_by_role("alert")).to_contain_text("許可")


async def test_a_favourite_and_the_basket_are_the_servers(open_app: OpenApp, place: Place) -> None:
    app = await open_app("#/find")
    await place.open_bag(app)
    heart = app.view.get_by_role("button", name="お気に入り")
    async with app.answers('"FAVOURITED"'):
        await heart.click()
    await app.view.get_by_role("button", name="買い物かごに入れる").click()
    await expect(app.view).to_contain_text("買い物かごに1点")
    await app.view.get_by_role("button", name="もう1点入れる").click()
    await expect(app.view).to_contain_text("買い物かごに2点")
    await app.page.reload()
    await expect(heart).to_have_attribute("aria-pressed", "true")
    await expect(app.view).to_contain_text("買い物かごに2点")
    await app.visit("find")
    await expect(app.view.get_by_role("heading", name="お気に入り")).to_be_visible()


async def test_two_taps_put_two_pieces_into_the_basket(open_app: OpenApp, place: Place) -> None:
    app = await open_app("#/find")
    await place.open_bag(app)
    add = app.view.get_by_role("button", name="買い物かごに入れる")
    await add.evaluate("(button) => { button.click(); button.click(); }")
    await expect(app.view).to_contain_text("買い物かごに2点")


async def test_what_she_searched_for_is_offered_again_while_she_allows_it(
    open_app: OpenApp, services: Services, place: Place
) -> None:
    app = await open_app("#/find")
    await allow(services, await app.member_id())
    await app.page.get_by_role("searchbox").fill("トートバッグ")
    await expect(app.found.filter(has_text="トートバッグ").first).to_be_visible()
    await app.page.reload()
    await app.view.get_by_role("button", name="トートバッグ", exact=True).click()
    await expect(app.found.filter(has_text="トートバッグ").first).to_be_visible()


async def test_a_barcode_is_typed_where_no_camera_reads_it(open_app: OpenApp, place: Place) -> None:
    app = await open_app("#/find")
    await app.view.get_by_role("link", name="バーコードで探す").click()
    await app.view.get_by_label("JANコード").fill("4901234567894")
    await app.view.get_by_role("button", name="商品を表示").click()
    await expect(app.view.get_by_role("alert")).to_contain_text("ありません")
    await app.view.get_by_label("JANコード").fill(place.bag.skus[1].jan)
    await app.page.keyboard.press("Enter")
    await expect(app.page.locator("#title")).to_contain_text("トートバッグ")


async def test_a_barcode_is_read_by_the_camera(open_app: OpenApp, place: Place) -> None:
    app = await open_app("#/find", permissions=["camera"])
    await app.page.evaluate(f"() => {{ {STUB_OF_DETECTOR} }}")
    await app.page.evaluate("(code) => { window.shown = code; }", place.bag.skus[0].jan)
    await app.visit("find/scan")
    await expect(app.page.locator("#title")).to_contain_text("トートバッグ")


async def test_a_bad_network_while_typing_takes_no_words_away(open_app: OpenApp, place: Place) -> None:
    app = await open_app("#/find")
    box = app.page.get_by_role("searchbox")
    await app.page.context.set_offline(True)
    await box.press_sequentially("トートバッグ")
    await expect(app.view).to_contain_text("インターネットにつながっていません")
    await expect(box).to_have_value("トートバッグ")
    await app.page.context.set_offline(False)
    await box.press("Enter")
    await expect(app.found.filter(has_text="トートバッグ").first).to_be_visible()
