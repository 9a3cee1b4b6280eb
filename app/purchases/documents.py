"""Purchases and returns as documents."""

from datetime import date
from typing import Any

from app.catalog.model import TaxRate
from app.members.model import Rank
from app.purchases.model import (
    GivenBack,
    Purchase,
    PurchaseLine,
    PurchaseReturn,
    ReceiptLine,
    ReceiptName,
    ReturnedPieces,
)
from app.shared.channels import Channel
from app.shared.mongodb.database import Document
from app.shared.mongodb.documents import (
    BOOLEAN,
    MOMENT,
    STRING,
    Schema,
    at_least,
    document,
    list_of,
    nullable,
    one_of,
)
from app.shared.texts import folded

NAME_SCHEMA: dict[str, Schema] = {
    "channel": one_of(Channel),
    "store_id": nullable(STRING),
    "terminal": STRING,
    "receipt_number": STRING,
}

PURCHASE_SCHEMA = document(
    **NAME_SCHEMA,
    _id=STRING,
    version=at_least(1),
    member_id=nullable(STRING),
    occurred_at=MOMENT,
    received_at=MOMENT,
    store_day=STRING,
    rank_year=at_least(1),
    lines=list_of(
        document(
            quantity=at_least(1),
            amount=at_least(0),
            tax_rate=nullable(one_of(TaxRate)),
            sku_id=nullable(STRING),
            jan=nullable(STRING),
            name=nullable(STRING),
            category_id=nullable(STRING),
            is_gift_card=BOOLEAN,
            points=at_least(0),
            miles=at_least(0),
            returned=at_least(0),
            amount_returned=at_least(0),
            coupon_points=at_least(0),
        )
    ),
    total=at_least(0),
    reported_by=STRING,
    content_hash=STRING,
    points_used=at_least(0),
    points_returned=at_least(0),
    points_taken=at_least(0),
    points_available_at=nullable(MOMENT),
    spent_by=nullable(STRING),
    rank=nullable(one_of(Rank)),
    claimed_at=nullable(MOMENT),
    order_id=nullable(STRING),
    search_text=STRING,
)

RETURN_SCHEMA = document(
    **NAME_SCHEMA,
    _id=STRING,
    purchase_id=STRING,
    pieces=list_of(document(line=at_least(1), quantity=at_least(1))),
    amount=at_least(0),
    points_returned=at_least(0),
    points_taken=at_least(0),
    miles_taken=at_least(0),
    occurred_at=MOMENT,
    received_at=MOMENT,
    reported_by=STRING,
    content_hash=STRING,
)


def name_document(name: ReceiptName) -> Document:
    return {
        "channel": name.channel.value,
        "store_id": name.store_id,
        "terminal": name.terminal,
        "receipt_number": name.receipt_number,
    }


def name_from(found: Document) -> ReceiptName:
    return ReceiptName(
        Channel(found["channel"]), found["store_id"], found["terminal"], found["receipt_number"]
    )


def purchase_document(purchase: Purchase) -> Document:
    names = [line.item.name or "" for line in purchase.lines]
    return {
        "_id": purchase.id,
        "version": purchase.version,
        **name_document(purchase.name),
        "member_id": purchase.member_id,
        "occurred_at": purchase.occurred_at,
        "received_at": purchase.received_at,
        "store_day": purchase.store_day.isoformat(),
        "rank_year": purchase.rank_year,
        "lines": [_line_document(line) for line in purchase.lines],
        "total": purchase.total,
        "reported_by": purchase.reported_by,
        "content_hash": purchase.content_hash,
        "points_used": purchase.points_used,
        "points_returned": purchase.points_returned,
        "points_taken": purchase.points_taken,
        "points_available_at": purchase.points_available_at,
        "spent_by": purchase.spent_by,
        "rank": purchase.rank.value if purchase.rank else None,
        "claimed_at": purchase.claimed_at,
        "order_id": purchase.order_id,
        "search_text": folded("\n".join([purchase.name.receipt_number, *names])),
    }


def purchase_from(found: Document) -> Purchase:
    return Purchase(
        id=found["_id"],
        version=found["version"],
        name=name_from(found),
        member_id=found["member_id"],
        occurred_at=found["occurred_at"],
        received_at=found["received_at"],
        store_day=date.fromisoformat(found["store_day"]),
        rank_year=found["rank_year"],
        lines=tuple(_line_from(each) for each in found["lines"]),
        total=found["total"],
        reported_by=found["reported_by"],
        content_hash=found["content_hash"],
        points_used=found["points_used"],
        points_returned=found["points_returned"],
        points_taken=found["points_taken"],
        points_available_at=found["points_available_at"],
        spent_by=found["spent_by"],
        rank=Rank(found["rank"]) if found["rank"] else None,
        claimed_at=found["claimed_at"],
        order_id=found["order_id"],
    )


def return_document(recorded: PurchaseReturn) -> Document:
    given_back = recorded.given_back
    return {
        "_id": recorded.id,
        **name_document(recorded.name),
        "purchase_id": recorded.purchase_id,
        "pieces": [{"line": each.line, "quantity": each.quantity} for each in recorded.pieces],
        "amount": given_back.amount,
        "points_returned": given_back.points_returned,
        "points_taken": given_back.points_taken,
        "miles_taken": given_back.miles_taken,
        "occurred_at": recorded.occurred_at,
        "received_at": recorded.received_at,
        "reported_by": recorded.reported_by,
        "content_hash": recorded.content_hash,
    }


def return_from(found: Document) -> PurchaseReturn:
    return PurchaseReturn(
        id=found["_id"],
        name=name_from(found),
        purchase_id=found["purchase_id"],
        pieces=tuple(ReturnedPieces(each["line"], each["quantity"]) for each in found["pieces"]),
        given_back=GivenBack(
            found["amount"], found["points_returned"], found["points_taken"], found["miles_taken"]
        ),
        occurred_at=found["occurred_at"],
        received_at=found["received_at"],
        reported_by=found["reported_by"],
        content_hash=found["content_hash"],
    )


def _line_document(line: PurchaseLine) -> Document:
    item = line.item
    return {
        "quantity": item.quantity,
        "amount": item.amount,
        "tax_rate": item.tax_rate.value if item.tax_rate else None,
        "sku_id": item.sku_id,
        "jan": item.jan,
        "name": item.name,
        "category_id": item.category_id,
        "is_gift_card": item.is_gift_card,
        "points": line.points,
        "miles": line.miles,
        "returned": line.returned,
        "amount_returned": line.amount_returned,
        "coupon_points": line.coupon_points,
    }


def _line_from(found: dict[str, Any]) -> PurchaseLine:
    item = ReceiptLine(
        quantity=found["quantity"],
        amount=found["amount"],
        tax_rate=TaxRate(found["tax_rate"]) if found["tax_rate"] else None,
        sku_id=found["sku_id"],
        jan=found["jan"],
        name=found["name"],
        category_id=found["category_id"],
        is_gift_card=found["is_gift_card"],
    )
    return PurchaseLine(item, found["points"], found["miles"], found["returned"], found["coupon_points"])
