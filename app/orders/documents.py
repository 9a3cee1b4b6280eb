"""Orders as MongoDB keeps them."""

from dataclasses import asdict
from datetime import date
from typing import Any

from app.catalog.model import TaxRate, Texts
from app.orders.model import (
    DuePayment,
    DuePaymentKind,
    Order,
    OrderedItem,
    OrderLine,
    OrderMove,
    OrderRefund,
    SlotWindow,
    Substitution,
    TaxTotal,
    Totals,
)
from app.orders.states import Mover, OrderState
from app.payments.model import PaymentMethod
from app.shared.database import Document
from app.shared.documents import (
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
from app.shared.i18n import Language

_TEXTS: Schema = {"bsonType": "object", "additionalProperties": {"bsonType": "string"}}
_ITEM: Schema = document(
    sku_id=STRING,
    product_id=STRING,
    names=_TEXTS,
    variant=_TEXTS,
    jan=STRING,
    unit_price=at_least(0),
    tax_rate=one_of(TaxRate),
    weight=at_least(0),
)
_LINE: Schema = document(
    id=STRING,
    item=_ITEM,
    ordered=at_least(1),
    quantity=at_least(0),
    substitution=nullable(document(item=_ITEM, quantity=at_least(1), offered_at=MOMENT)),
    returned=at_least(0),
)
ORDER_SCHEMA: Schema = document(
    _id=STRING,
    version=at_least(1),
    member_id=STRING,
    store_id=STRING,
    state=one_of(OrderState),
    lines=list_of(_LINE),
    slot=document(starts_at=MOMENT, ends_at=MOMENT),
    totals=document(
        total=at_least(0),
        taxes=list_of(document(rate=one_of(TaxRate), amount=at_least(0), tax=at_least(0))),
        points_used=at_least(0),
        points_to_earn=at_least(0),
    ),
    payment_method=one_of(PaymentMethod),
    payment_id=nullable(STRING),
    hold_id=STRING,
    pickup_day=STRING,
    pickup_number=STRING,
    pickup_code=STRING,
    placed_at=MOMENT,
    accept_by=MOMENT,
    collect_by=MOMENT,
    ends_by=nullable(MOMENT),
    moves=list_of(
        document(
            state=one_of(OrderState),
            mover=one_of(Mover),
            moved_by=STRING,
            moved_at=MOMENT,
            reason=nullable(STRING),
        )
    ),
    member_name=nullable(STRING),
    points_version=at_least(1),
    points_member_id=STRING,
    arrived_at=nullable(MOMENT),
    note=nullable(STRING),
    is_of_cart=BOOLEAN,
    refunds=list_of(
        document(
            money=at_least(0),
            points=at_least(0),
            refunded_by=STRING,
            refunded_at=MOMENT,
            reason=nullable(STRING),
        )
    ),
    due_payments=list_of(document(kind=one_of(DuePaymentKind), amount=at_least(0), key=STRING)),
)


def document_of(order: Order) -> Document:
    totals = order.totals
    return {
        "_id": order.id,
        "version": order.version,
        "member_id": order.member_id,
        "store_id": order.store_id,
        "state": order.state.value,
        "lines": [_line_document(line) for line in order.lines],
        "slot": {"starts_at": order.slot.starts_at, "ends_at": order.slot.ends_at},
        "totals": {
            "total": totals.total,
            "taxes": [
                {"rate": each.rate.value, "amount": each.amount, "tax": each.tax} for each in totals.taxes
            ],
            "points_used": totals.points_used,
            "points_to_earn": totals.points_to_earn,
        },
        "payment_method": order.payment_method.value,
        "payment_id": order.payment_id,
        "hold_id": order.hold_id,
        "pickup_day": order.pickup_day.isoformat(),
        "pickup_number": order.pickup_number,
        "pickup_code": order.pickup_code,
        "placed_at": order.placed_at,
        "accept_by": order.accept_by,
        "collect_by": order.collect_by,
        "ends_by": order.ends_by,
        "moves": [
            {
                "state": move.state.value,
                "mover": move.mover.value,
                "moved_by": move.moved_by,
                "moved_at": move.moved_at,
                "reason": move.reason,
            }
            for move in order.moves
        ],
        "member_name": order.member_name,
        "points_version": order.points_version,
        "points_member_id": order.points_member_id,
        "arrived_at": order.arrived_at,
        "note": order.note,
        "is_of_cart": order.is_of_cart,
        "refunds": [asdict(refund) for refund in order.refunds],
        "due_payments": [
            {"kind": each.kind.value, "amount": each.amount, "key": each.key} for each in order.due_payments
        ],
    }


def order_from(found: Document) -> Order:
    totals: dict[str, Any] = found["totals"]
    return Order(
        id=found["_id"],
        version=found["version"],
        member_id=found["member_id"],
        store_id=found["store_id"],
        state=OrderState(found["state"]),
        lines=tuple(_line_from(line) for line in found["lines"]),
        slot=SlotWindow(found["store_id"], found["slot"]["starts_at"], found["slot"]["ends_at"]),
        totals=Totals(
            totals["total"],
            tuple(TaxTotal(TaxRate(each["rate"]), each["amount"], each["tax"]) for each in totals["taxes"]),
            totals["points_used"],
            totals["points_to_earn"],
        ),
        payment_method=PaymentMethod(found["payment_method"]),
        payment_id=found["payment_id"],
        hold_id=found["hold_id"],
        pickup_day=date.fromisoformat(found["pickup_day"]),
        pickup_number=found["pickup_number"],
        pickup_code=found["pickup_code"],
        placed_at=found["placed_at"],
        accept_by=found["accept_by"],
        collect_by=found["collect_by"],
        moves=tuple(
            OrderMove(
                OrderState(each["state"]),
                Mover(each["mover"]),
                each["moved_by"],
                each["moved_at"],
                each["reason"],
            )
            for each in found["moves"]
        ),
        member_name=found["member_name"],
        points_version=found["points_version"],
        points_member_id=found["points_member_id"],
        arrived_at=found["arrived_at"],
        note=found["note"],
        is_of_cart=found["is_of_cart"],
        refunds=tuple(OrderRefund(**each) for each in found["refunds"]),
        due_payments=tuple(
            DuePayment(DuePaymentKind(each["kind"]), each["amount"], each["key"])
            for each in found["due_payments"]
        ),
    )


def _line_document(line: OrderLine) -> Document:
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
    }


def _line_from(found: Document) -> OrderLine:
    offered = found["substitution"]
    return OrderLine(
        found["id"],
        _item_from(found["item"]),
        found["ordered"],
        found["quantity"],
        offered and Substitution(_item_from(offered["item"]), offered["quantity"], offered["offered_at"]),
        found["returned"],
    )


def _item_document(item: OrderedItem) -> Document:
    return {
        "sku_id": item.sku_id,
        "product_id": item.product_id,
        "names": _texts_document(item.names),
        "variant": _texts_document(item.variant),
        "jan": item.jan,
        "unit_price": item.unit_price,
        "tax_rate": item.tax_rate.value,
        "weight": item.weight,
    }


def _item_from(found: Document) -> OrderedItem:
    return OrderedItem(
        sku_id=found["sku_id"],
        product_id=found["product_id"],
        names=_texts_from(found["names"]),
        variant=_texts_from(found["variant"]),
        jan=found["jan"],
        unit_price=found["unit_price"],
        tax_rate=TaxRate(found["tax_rate"]),
        weight=found["weight"],
    )


def _texts_document(texts: Texts) -> Document:
    return {language.value: text for language, text in texts.items()}


def _texts_from(found: Document) -> Texts:
    return {Language(language): text for language, text in found.items()}
