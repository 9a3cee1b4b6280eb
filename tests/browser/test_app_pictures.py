"""Pictures of goods: from the hosts that the retailer has named, and what is shown where they do not come."""

import base64

import pytest
from playwright.async_api import Route, expect

from app.catalog.repository import ProductRepository
from app.services import Services
from app.shared.settings.model import Settings
from app.web.pages import headers_of_app
from graphql_schema.node import encode_id
from tests.browser.conftest import OpenApp
from tests.browser.member_app import MemberApp
from tests.catalog_examples import a_product, a_sku
from tests.integration.shop import Shop

pytestmark = pytest.mark.process

PICTURES = "https://pictures.example"
DOT = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


async def visit_product(app: MemberApp, services: Services) -> None:
    product = a_product(skus=(a_sku(),), images=(f"{PICTURES}/lantern.gif",))
    await ProductRepository(services.database).add_many([product], session=None)
    await app.visit(f"find/product/{encode_id('Product', product.id)}")


async def test_a_picture_from_a_named_host_is_shown(
    open_app: OpenApp, services: Services, shop: Shop
) -> None:
    app = await open_app()

    async def give(route: Route) -> None:
        await route.fulfill(body=DOT, content_type="image/gif")

    await app.page.route(f"{PICTURES}/**", give)
    await visit_product(app, services)
    picture = app.view.locator("img.picture").first
    await expect(picture).to_have_js_property("complete", True)
    await expect(picture).to_have_js_property("naturalWidth", 1)


async def test_where_a_picture_does_not_come_is_the_products_own_colour(
    open_app: OpenApp, services: Services, shop: Shop
) -> None:
    app = await open_app()
    await app.page.route(f"{PICTURES}/**", lambda route: route.abort())
    await visit_product(app, services)
    await expect(app.view.locator(".product > .picture[data-tint]")).to_be_visible()
    await expect(app.view.locator("img.picture")).to_have_count(0)


def test_without_hosts_there_are_our_own_pictures_alone() -> None:
    assert "img-src 'self' data:;" in headers_of_app(Settings())["Content-Security-Policy"]
    named = Settings(picture_hosts=("https://a.example", "https://*.b.example"))
    policy = headers_of_app(named)["Content-Security-Policy"]
    assert "img-src 'self' data: https://a.example https://*.b.example;" in policy
