"""Batches of products and categories, and what became of each row. For who may write them."""

from datetime import datetime
from typing import Annotated

import strawberry

from app.catalog import model
from app.shared.clock import whole_milliseconds
from app.shared.i18n import Language
from app.shared.money import Money
from graphql_schema.catalog.types import Category, Product
from graphql_schema.money import MoneyInput
from graphql_schema.results import Rejected, UserError

strawberry.enum(model.RowOutcome, description="What became of one row of a batch.")


@strawberry.input(description="A text in both languages.")
class BilingualTextInput:
    ja: str = strawberry.field(description="In Japanese.")
    en: str = strawberry.field(description="In English.")

    def to_model(self) -> model.Texts:
        return {Language.JA: self.ja, Language.EN: self.en}


@strawberry.input(description="A product in one colour and size.")
class SkuInput:
    code: str = strawberry.field(
        description="The retailer's own code: at most 40 letters, digits, dots, underscores and hyphens."
    )
    jan: str = strawberry.field(description="The JAN (EAN-13): 13 digits with a right check digit.")
    price: MoneyInput = strawberry.field(description="Tax included; 0 to 100,000,000.")
    colour: BilingualTextInput | None = strawberry.field(
        default=None, description="The colour's name; at most 40 characters."
    )
    size: str | None = strawberry.field(default=None, description="At most 40 characters.")
    preparation_weight: int = strawberry.field(
        default=1, description="The work that a piece makes when it is ordered ahead: 0 to 100 work units."
    )

    def to_model(self) -> model.Sku:
        return model.Sku(
            id=self.code,
            jan=self.jan,
            price=Money(self.price.amount, self.price.currency),
            colour=self.colour.to_model() if self.colour else None,
            size=self.size,
            preparation_weight=self.preparation_weight,
        )


@strawberry.input(description="Something to know about a product.")
class AttributeInput:
    name: str = strawberry.field(description="What it is about; at most 40 characters.")
    value: str = strawberry.field(description="What there is to know; at most 200 characters.")


@strawberry.input(description="A product as it shall be; what is left out is taken away.")
class ProductInput:
    code: str = strawberry.field(
        description="The retailer's own code: at most 40 letters, digits, dots, underscores and hyphens."
    )
    name: BilingualTextInput = strawberry.field(description="At most 100 characters.")
    kana: str = strawberry.field(
        description="The name's reading in kana, with spaces between the words; at most 100 characters."
    )
    brand: str = strawberry.field(description="The brand's name; at most 40 characters.")
    category_code: str = strawberry.field(description="The category's code.")
    skus: list[SkuInput] = strawberry.field(description="1 to 100 SKUs.")
    description: BilingualTextInput = strawberry.field(
        description="At most 2,000 characters, perhaps none; words are searched in the first 300."
    )
    brand_kana: str | None = strawberry.field(
        default=None, description="The brand's reading in kana; at most 40 characters."
    )
    tax_rate: model.TaxRate = strawberry.field(
        default=model.TaxRate.STANDARD, description="The consumption tax that the prices include."
    )
    tags: list[str] = strawberry.field(
        default_factory=list, description="At most 10 words of 30 characters, kept in small letters."
    )
    attributes: list[AttributeInput] = strawberry.field(default_factory=list, description="At most 30.")
    images: list[str] = strawberry.field(
        default_factory=list, description="At most 10 https addresses of 500 characters."
    )
    popularity: int = strawberry.field(
        default=0,
        description="How much it sells, as the retailer counts it: 0 or more. Decides between equal matches.",
    )
    published_from: datetime | None = strawberry.field(
        default=None, description="From when on it is published; null for always."
    )
    published_until: datetime | None = strawberry.field(
        default=None, description="Until when it is published; null for no end."
    )

    def to_model(self) -> model.DescribedProduct:
        return model.DescribedProduct(
            id=self.code,
            names=self.name.to_model(),
            kana=self.kana,
            brand=self.brand,
            brand_kana=self.brand_kana,
            category_id=self.category_code,
            descriptions=self.description.to_model(),
            tax_rate=self.tax_rate,
            skus=tuple(sku.to_model() for sku in self.skus),
            tags=tuple(self.tags),
            attributes=tuple(model.Attribute(each.name, each.value) for each in self.attributes),
            images=tuple(self.images),
            popularity=self.popularity,
            published_from=self.published_from and whole_milliseconds(self.published_from),
            published_until=self.published_until and whole_milliseconds(self.published_until),
        )


@strawberry.input(description="A batch of products.")
class UpsertProductsInput:
    products: list[ProductInput] = strawberry.field(description="1 to 500 products.")


@strawberry.input(description="A category as it shall be.")
class CategoryInput:
    code: str = strawberry.field(
        description="The retailer's own code: at most 40 small letters and digits, joined by hyphens."
    )
    name: BilingualTextInput = strawberry.field(description="At most 40 characters.")
    kana: str = strawberry.field(description="The name's reading in kana; at most 40 characters.")
    parent_code: str | None = strawberry.field(
        default=None, description="The category right above, if any; it may come in the same batch."
    )
    position: int = strawberry.field(
        default=0, description="Its place among those with the same parent: 0 to 9,999, the smallest first."
    )

    def to_model(self) -> model.Category:
        return model.Category(self.code, self.parent_code, self.name.to_model(), self.kana, self.position)


@strawberry.input(description="A batch of categories.")
class UpsertCategoriesInput:
    categories: list[CategoryInput] = strawberry.field(description="1 to 500 categories.")


@strawberry.type(description="What became of one row of a batch of products.")
class ProductRow:
    row: int = strawberry.field(description="Its place in the batch, counted from 0.")
    outcome: model.RowOutcome = strawberry.field(description="What became of it.")
    product: Product | None = strawberry.field(description="The product as it is now; null if refused.")
    errors: list[UserError] = strawberry.field(description="Why it was refused; empty otherwise.")


@strawberry.type(description="The batch was gone through, each row taken or refused for itself.")
class ProductsUpserted:
    rows: list[ProductRow] = strawberry.field(description="A row for each product, in the same order.")


@strawberry.type(description="What became of one row of a batch of categories.")
class CategoryRow:
    row: int = strawberry.field(description="Its place in the batch, counted from 0.")
    outcome: model.RowOutcome = strawberry.field(description="What became of it.")
    category: Category | None = strawberry.field(description="The category as it is now; null if refused.")
    errors: list[UserError] = strawberry.field(description="Why it was refused; empty otherwise.")


@strawberry.type(description="The batch was gone through, each row taken or refused for itself.")
class CategoriesUpserted:
    rows: list[CategoryRow] = strawberry.field(description="A row for each category, in the same order.")


UpsertProductsResult = Annotated[ProductsUpserted | Rejected, strawberry.union("UpsertProductsResult")]
UpsertCategoriesResult = Annotated[CategoriesUpserted | Rejected, strawberry.union("UpsertCategoriesResult")]
