"""Products, SKUs and categories, as everybody may see them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from app.catalog import model
from app.inventory.model import StockKey
from app.shared.i18n import language_of
from graphql_schema.columns import all_or_error, column
from graphql_schema.context import Info, PublicContext
from graphql_schema.inventory.types import StoreAvailability, availability_node
from graphql_schema.locale import Locale
from graphql_schema.money import Money, money_of
from graphql_schema.node import Node, encode_id, key_of

AtStore = Annotated[strawberry.ID, strawberry.argument(description="The store.")]

strawberry.enum(model.TaxRate, description="The consumption tax that a price includes: 10 %, or reduced 8 %.")


@strawberry.type(description="A category of products, in a tree of at most 6 levels. Readable by everybody.")
class Category(Node):
    category: strawberry.Private[model.Category]

    @strawberry.field(description="The retailer's own code.")
    def code(self) -> str:
        return self.category.id

    @strawberry.field(description="The category's name.")
    def name(self, info: Info, locale: Locale = None) -> str:
        return self.category.names[language_of(locale) or info.context.language]

    @strawberry.field(description="The name's reading in kana.")
    def kana(self) -> str:
        return self.category.kana

    @column(description="The categories from the top of the tree down to this one.")
    @staticmethod
    async def path(categories: Sequence["Category"], info: Info) -> Sequence[list["Category"]]:
        tree = await info.context.services.catalog.categories()
        return [_category_nodes(tree.path(each.category.id)) for each in categories]

    @column(description="The categories right below this one, in the retailer's order.")
    @staticmethod
    async def children(categories: Sequence["Category"], info: Info) -> Sequence[list["Category"]]:
        tree = await info.context.services.catalog.categories()
        return [_category_nodes(tree.children(each.category.id)) for each in categories]


@strawberry.type(
    description="Something to know about a product, such as its material. Readable by everybody."
)
class ProductAttribute:
    name: str = strawberry.field(description="What it is about.")
    value: str = strawberry.field(description="What there is to know.")


@strawberry.type(description="The lowest and the highest price of a product's SKUs. Readable by everybody.")
class PriceSpan:
    lowest: Money = strawberry.field(description="Tax included.")
    highest: Money = strawberry.field(description="Tax included.")


@strawberry.type(
    description=(
        "What is sold, counted and ordered: a product in one colour and size. Readable by everybody while "
        "the product is published."
    )
)
class Sku(Node):
    sku: strawberry.Private[model.Sku]
    of_product: strawberry.Private[model.Product]

    @strawberry.field(description="The retailer's own code.")
    def code(self) -> str:
        return self.sku.id

    @strawberry.field(description="The JAN (EAN-13): 13 digits, the last of which checks the others.")
    def jan(self) -> str:
        return self.sku.jan

    @strawberry.field(description="The price, tax included.")
    def price(self) -> Money:
        return money_of(self.sku.price)

    @strawberry.field(description="The colour's name; null when there is just one.")
    def colour(self, info: Info, locale: Locale = None) -> str | None:
        names = self.sku.colour
        return names[language_of(locale) or info.context.language] if names else None

    @strawberry.field(description="The size; null when there is just one.")
    def size(self) -> str | None:
        return self.sku.size

    @column(description="What can be had of it at a store, and when.")
    @staticmethod
    async def availability_at(
        skus: Sequence["Sku"], info: Info, store_id: AtStore
    ) -> Sequence[StoreAvailability | Exception]:
        return await load_availabilities([each.sku for each in skus], store_id, info)

    @strawberry.field(description="The product it is one of.")
    def product(self) -> "Product":
        return product_node(self.of_product)


@strawberry.type(description="A product with its SKUs. Readable by everybody while it is published.")
class Product(Node):
    product: strawberry.Private[model.Product]

    @strawberry.field(description="The retailer's own code.")
    def code(self) -> str:
        return self.product.id

    @strawberry.field(description="The product's name.")
    def name(self, info: Info, locale: Locale = None) -> str:
        return self.product.names[language_of(locale) or info.context.language]

    @strawberry.field(description="The name's reading in kana.")
    def kana(self) -> str:
        return self.product.kana

    @strawberry.field(description="The brand's name.")
    def brand(self) -> str:
        return self.product.brand

    @column(description="The category; null for up to 10 s after it was made.")
    @staticmethod
    async def category(products: Sequence["Product"], info: Info) -> Sequence[Category | None]:
        return await load_categories([each.product.category_id for each in products], info)

    @column(description="What it is like, in lines; empty when nothing is said.")
    @staticmethod
    async def description(
        products: Sequence["Product"], info: Info, locale: Locale = None
    ) -> Sequence[str | Exception]:
        language = language_of(locale) or info.context.language
        return [
            each if isinstance(each, Exception) else each.descriptions[language]
            for each in await _described(products, info)
        ]

    @strawberry.field(description="Up to 10 words that it is filed under.")
    def tags(self) -> list[str]:
        return list(self.product.tags)

    @column(description="Up to 30 things to know about it.")
    @staticmethod
    async def attributes(
        products: Sequence["Product"], info: Info
    ) -> Sequence[list[ProductAttribute] | Exception]:
        return [
            each
            if isinstance(each, Exception)
            else [ProductAttribute(name=one.name, value=one.value) for one in each.attributes]
            for each in await _described(products, info)
        ]

    @strawberry.field(description="The https addresses of up to 10 pictures, the most telling one first.")
    def images(self) -> list[str]:
        return list(self.product.images)

    @strawberry.field(description="The consumption tax that its prices include.")
    def tax_rate(self) -> model.TaxRate:
        return self.product.tax_rate

    @strawberry.field(description="That tax in percent.")
    def tax_percent(self) -> int:
        return self.product.tax_rate.percent

    @strawberry.field(description="What its SKUs cost.")
    def price(self) -> PriceSpan:
        lowest, highest = self.product.prices
        return PriceSpan(lowest=money_of(lowest), highest=money_of(highest))

    @strawberry.field(description="Its 1 to 100 SKUs.")
    def skus(self) -> list[Sku]:
        return [sku_node(sku, self.product) for sku in self.product.skus]

    @column(description="What can be had of each of its SKUs at a store, and when; in their order.")
    @staticmethod
    async def availability_at(
        products: Sequence["Product"], info: Info, store_id: AtStore
    ) -> Sequence[list[StoreAvailability] | Exception]:
        skus = [sku for each in products for sku in each.product.skus]
        found = iter(await load_availabilities(skus, store_id, info))
        return [all_or_error([next(found) for _ in each.product.skus]) for each in products]

    @strawberry.field(description="From when on it is published; null when it always was.")
    def published_from(self) -> datetime | None:
        return self.product.published_from

    @strawberry.field(description="Until when it is published; null when no end is set.")
    def published_until(self) -> datetime | None:
        return self.product.published_until


async def _described(products: Sequence[Product], info: Info) -> list[model.DescribedProduct | Exception]:
    """The products with what lists leave out, which is read of all together where it is wanted."""
    described = info.context.described_products
    for each in products:
        if isinstance(each.product, model.DescribedProduct):
            described.know(each.product.id, each.product)
    return await described.find([each.product.id for each in products])


def category_node(category: model.Category) -> Category:
    return Category(id=encode_id("Category", category.id), category=category)


def product_node(product: model.Product) -> Product:
    return Product(id=encode_id("Product", product.id), product=product)


def sku_node(sku: model.Sku, product: model.Product) -> Sku:
    return Sku(id=encode_id("Sku", sku.id), sku=sku, of_product=product)


async def load_availabilities(
    skus: Sequence[model.Sku], store_id: str, info: Info
) -> list[StoreAvailability | Exception]:
    """These SKUs at the store, read together with all others that the request asks for."""
    store_key = key_of(store_id, "Store", ["storeId"])
    found = await info.context.availabilities.find([StockKey(sku.id, store_key) for sku in skus])
    return [each if isinstance(each, Exception) else availability_node(each) for each in found]


async def load_category(category_id: str, info: Info) -> Category | None:
    (found,) = await load_categories([category_id], info)
    return found


async def load_categories(category_ids: Sequence[str | None], info: Info) -> list[Category | None]:
    """The categories with these keys, in their order; null for no key, or one of no category."""
    tree = await info.context.services.catalog.categories()
    found = [tree.get(category_id) if category_id else None for category_id in category_ids]
    return [category_node(each) if each else None for each in found]


async def load_product(product_id: str, info: Info) -> Product | None:
    """The product with this key, if it is published."""
    found = await info.context.services.catalog.product(product_id)
    return product_node(found) if found else None


async def load_sku(sku_id: str, info: Info) -> Sku | None:
    """The SKU with this key, if its product is published."""
    (found,) = await load_skus([sku_id], info.context)
    if isinstance(found, Exception):
        raise found
    return found


async def load_skus(sku_ids: Sequence[str | None], context: PublicContext) -> list[Sku | Exception | None]:
    """The SKUs with these keys, in their order, read together with all others that the request asks for.

    Null for no key, or one of no SKU whose product is published.
    """
    keys = [sku_id for sku_id in sku_ids if sku_id]
    found = dict(zip(keys, await context.products_of_skus.find(keys), strict=True))
    return [_published_sku(sku_id, found.get(sku_id), context) if sku_id else None for sku_id in sku_ids]


def _published_sku(
    sku_id: str, product: model.Product | Exception | None, context: PublicContext
) -> Sku | Exception | None:
    if product is None or isinstance(product, Exception):
        return product
    if not product.is_published(context.now):
        return None
    return next((sku_node(sku, product) for sku in product.skus if sku.id == sku_id), None)


def _category_nodes(categories: Iterable[model.Category]) -> list[Category]:
    return [category_node(each) for each in categories]
