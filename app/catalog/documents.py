"""How MongoDB keeps products, and as much of them as is read for one purpose or another."""

from typing import Any

from app.catalog.model import Attribute, DescribedProduct, Product, ProductSketch, Sku, TaxRate, Texts
from app.shared.i18n import Language
from app.shared.money import Currency, Money

Document = dict[str, Any]

# What lists leave out: most of a document is what is said of the product on its own page.
DETAILS = ("descriptions", "attributes")
AS_LISTED: Document = {"$project": dict.fromkeys(DETAILS, False)}

# What it takes to choose among products.
SKETCHED = ("brand", "category_id", "popularity", "published_from", "published_until", "skus.id")
AS_SKETCHED: Document = {"$project": dict.fromkeys(SKETCHED, True)}


def document_of(product: DescribedProduct) -> Document:
    return {
        "_id": product.id,
        "names": text_document(product.names),
        "kana": product.kana,
        "brand": product.brand,
        "brand_kana": product.brand_kana,
        "category_id": product.category_id,
        "descriptions": text_document(product.descriptions),
        "tax_rate": product.tax_rate.value,
        "skus": [_sku_document(sku) for sku in product.skus],
        "tags": list(product.tags),
        "attributes": [{"name": each.name, "value": each.value} for each in product.attributes],
        "images": list(product.images),
        "popularity": product.popularity,
        "published_from": product.published_from,
        "published_until": product.published_until,
        "created_at": product.created_at,
    }


def product_from(found: Document) -> Product:
    return Product(**_listed(found))


def described_from(found: Document) -> DescribedProduct:
    return DescribedProduct(
        **_listed(found),
        descriptions=texts_from(found["descriptions"]),
        attributes=tuple(Attribute(each["name"], each["value"]) for each in found["attributes"]),
    )


def sketch_from(found: Document) -> ProductSketch:
    return ProductSketch(
        id=found["_id"],
        brand=found["brand"],
        category_id=found["category_id"],
        sku_ids=tuple(sku["id"] for sku in found["skus"]),
        popularity=found["popularity"],
        published_from=found["published_from"],
        published_until=found["published_until"],
    )


def _listed(found: Document) -> dict[str, Any]:
    return {
        "id": found["_id"],
        "names": texts_from(found["names"]),
        "kana": found["kana"],
        "brand": found["brand"],
        "brand_kana": found["brand_kana"],
        "category_id": found["category_id"],
        "tax_rate": TaxRate(found["tax_rate"]),
        "skus": tuple(_sku_from(each) for each in found["skus"]),
        "tags": tuple(found["tags"]),
        "images": tuple(found["images"]),
        "popularity": found["popularity"],
        "published_from": found["published_from"],
        "published_until": found["published_until"],
        "created_at": found["created_at"],
    }


def _sku_document(sku: Sku) -> Document:
    return {
        "id": sku.id,
        "jan": sku.jan,
        "price": {"amount": sku.price.amount, "currency": sku.price.currency.value},
        "colour": text_document(sku.colour) if sku.colour else None,
        "size": sku.size,
        "preparation_weight": sku.preparation_weight,
    }


def _sku_from(found: dict[str, Any]) -> Sku:
    price = found["price"]
    return Sku(
        id=found["id"],
        jan=found["jan"],
        price=Money(price["amount"], Currency(price["currency"])),
        colour=texts_from(found["colour"]) if found["colour"] else None,
        size=found["size"],
        preparation_weight=found["preparation_weight"],
    )


def text_document(texts: Texts) -> dict[str, str]:
    return {language.value: text for language, text in texts.items()}


def texts_from(texts: dict[str, str]) -> Texts:
    return {Language(language): text for language, text in texts.items()}
