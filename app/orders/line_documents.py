"""The lines of orders as MongoDB keeps them."""

from app.catalog.model import TaxRate, Texts
from app.orders.model import LineDiscount, OrderedItem, OrderLine, Substitution
from app.shared.i18n import Language
from app.shared.mongodb.database import Document
from app.shared.mongodb.documents import MOMENT, STRING, Schema, at_least, document, list_of, nullable, one_of

TEXTS_SCHEMA: Schema = {"bsonType": "object", "additionalProperties": {"bsonType": "string"}}
_ITEM: Schema = document(
    sku_id=STRING,
    product_id=STRING,
    names=TEXTS_SCHEMA,
    variant=TEXTS_SCHEMA,
    jan=STRING,
    unit_price=at_least(0),
    tax_rate=one_of(TaxRate),
    weight=at_least(0),
)
LINE_SCHEMA: Schema = document(
    id=STRING,
    item=_ITEM,
    ordered=at_least(1),
    quantity=at_least(0),
    substitution=nullable(document(item=_ITEM, quantity=at_least(1), offered_at=MOMENT)),
    returned=at_least(0),
    discounts=list_of(document(coupon_id=STRING, amount=at_least(0))),
)


def line_document(line: OrderLine) -> Document:
    offered = line.substitution
    return {
        "id": line.id,
        "item": _item_document(line.item),
        "ordered": line.ordered,
        "quantity": line.quantity,
        "substitution": offered
        and {
            "item": _item_document(offered.item),
            "quantity": offered.quantity,
            "offered_at": offered.offered_at,
        },
        "returned": line.returned,
        "discounts": [{"coupon_id": each.coupon_id, "amount": each.amount} for each in line.discounts],
    }


def line_from(found: Document) -> OrderLine:
    offered = found["substitution"]
    return OrderLine(
        found["id"],
        _item_from(found["item"]),
        found["ordered"],
        found["quantity"],
        offered and Substitution(_item_from(offered["item"]), offered["quantity"], offered["offered_at"]),
        found["returned"],
        tuple(LineDiscount(**each) for each in found["discounts"]),
    )


def _item_document(item: OrderedItem) -> Document:
    return {
        "sku_id": item.sku_id,
        "product_id": item.product_id,
        "names": texts_document(item.names),
        "variant": texts_document(item.variant),
        "jan": item.jan,
        "unit_price": item.unit_price,
        "tax_rate": item.tax_rate.value,
        "weight": item.weight,
    }


def _item_from(found: Document) -> OrderedItem:
    return OrderedItem(
        sku_id=found["sku_id"],
        product_id=found["product_id"],
        names=texts_from(found["names"]),
        variant=texts_from(found["variant"]),
        jan=found["jan"],
        unit_price=found["unit_price"],
        tax_rate=TaxRate(found["tax_rate"]),
        weight=found["weight"],
    )


def texts_document(texts: Texts) -> Document:
    return {language.value: text for language, text in texts.items()}


def texts_from(found: Document) -> Texts:
    return {Language(language): text for language, text in found.items()}
