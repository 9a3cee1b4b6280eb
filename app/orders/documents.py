"""Orders as MongoDB keeps them."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any

from app.catalog.model import TaxRate
from app.orders.line_documents import (
    LINE_SCHEMA,
    TEXTS_SCHEMA,
    line_document,
    line_from,
    texts_document,
    texts_from,
)
from app.orders.model import (
    DuePayment,
    DuePaymentKind,
    Order,
    OrderCoupon,
    OrderMove,
    OrderRefund,
    ReceiptIssuer,
    RefundedLine,
    SlotWindow,
    TaxTotal,
    Totals,
)
from app.orders.states import Mover, OrderState
from app.payments.model import PaymentMethod
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

_TAXES: Schema = list_of(document(rate=one_of(TaxRate), amount=at_least(0), tax=at_least(0)))
_ISSUER: Schema = document(
    name=STRING,
    registration_number=nullable(STRING),
    store_code=STRING,
    store_names=TEXTS_SCHEMA,
    store_address=TEXTS_SCHEMA,
    store_phone=nullable(STRING),
    time_zone=STRING,
    issued_at=MOMENT,
)
ORDER_SCHEMA: Schema = document(
    _id=STRING,
    version=at_least(1),
    member_id=STRING,
    store_id=STRING,
    state=one_of(OrderState),
    lines=list_of(LINE_SCHEMA),
    slot=document(starts_at=MOMENT, ends_at=MOMENT),
    totals=document(
        total=at_least(0),
        taxes=_TAXES,
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
    coupons=list_of(
        document(
            coupon_id=STRING,
            redemption_id=STRING,
            names=TEXTS_SCHEMA,
            bonus_points=at_least(0),
            points_multiplier=at_least(1),
            points_lines=list_of(STRING),
        )
    ),
    refunds=list_of(
        document(
            money=at_least(0),
            points=at_least(0),
            lines=list_of(document(line_id=STRING, quantity=at_least(1))),
            taxes=_TAXES,
            refunded_by=STRING,
            refunded_at=MOMENT,
            reason=nullable(STRING),
        )
    ),
    due_payments=list_of(document(kind=one_of(DuePaymentKind), amount=at_least(0), key=STRING)),
    issuer=nullable(_ISSUER),
    amount_owed=at_least(0),
)


def document_of(order: Order) -> Document:
    totals = order.totals
    return {
        "_id": order.id,
        "version": order.version,
        "member_id": order.member_id,
        "store_id": order.store_id,
        "state": order.state.value,
        "lines": [line_document(line) for line in order.lines],
        "slot": {"starts_at": order.slot.starts_at, "ends_at": order.slot.ends_at},
        "totals": {
            "total": totals.total,
            "taxes": _taxes_document(totals.taxes),
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
        "coupons": [{**asdict(each), "names": texts_document(each.names)} for each in order.coupons],
        "refunds": [{**asdict(each), "taxes": _taxes_document(each.taxes)} for each in order.refunds],
        "amount_owed": order.amount_owed,
        "issuer": order.issuer and _issuer_document(order.issuer),
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
        lines=tuple(line_from(line) for line in found["lines"]),
        slot=SlotWindow(found["store_id"], found["slot"]["starts_at"], found["slot"]["ends_at"]),
        totals=Totals(
            totals["total"],
            _taxes_from(totals["taxes"]),
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
        coupons=tuple(
            OrderCoupon(
                **{
                    **each,
                    "names": texts_from(each["names"]),
                    "points_lines": tuple(each["points_lines"]),
                }
            )
            for each in found["coupons"]
        ),
        refunds=tuple(_refund_from(each) for each in found["refunds"]),
        amount_owed=found["amount_owed"],
        issuer=found["issuer"] and _issuer_from(found["issuer"]),
        due_payments=tuple(
            DuePayment(DuePaymentKind(each["kind"]), each["amount"], each["key"])
            for each in found["due_payments"]
        ),
    )


def _taxes_document(taxes: Iterable[TaxTotal]) -> list[Document]:
    return [{"rate": each.rate.value, "amount": each.amount, "tax": each.tax} for each in taxes]


def _taxes_from(found: Iterable[Document]) -> tuple[TaxTotal, ...]:
    return tuple(TaxTotal(TaxRate(each["rate"]), each["amount"], each["tax"]) for each in found)


def _refund_from(found: Document) -> OrderRefund:
    lines = tuple(RefundedLine(**each) for each in found["lines"])
    return OrderRefund(**{**found, "lines": lines, "taxes": _taxes_from(found["taxes"])})


def _issuer_document(issuer: ReceiptIssuer) -> Document:
    return {
        **asdict(issuer),
        "store_names": texts_document(issuer.store_names),
        "store_address": texts_document(issuer.store_address),
    }


def _issuer_from(found: Document) -> ReceiptIssuer:
    return ReceiptIssuer(
        **{
            **found,
            "store_names": texts_from(found["store_names"]),
            "store_address": texts_from(found["store_address"]),
        }
    )
