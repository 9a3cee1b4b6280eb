"""The documents that the plain routes write, and how they read and write ids and moments, all by hand."""

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

import orjson
from bson import Timestamp

from app.orders.model import Order
from app.shared.ids import new_id

Document = dict[str, Any]


def point_spending(order: Order, newest: Document) -> Document:
    """The ledger's next entry after the newest, which has one lot: the points that pay for an order."""
    amount = order.totals.points_used
    (lot,) = newest["lots_after"]
    return {
        "_id": new_id(),
        "member_id": order.member_id,
        "seq": newest["seq"] + 1,
        "kind": "SPEND",
        "reference": f"order:{order.id}:1",
        "amount": -amount,
        "balance_after": newest["balance_after"] - amount,
        "lots_after": [{**lot, "amount": lot["amount"] - amount}],
        "lot_uses": [{**lot, "amount": -amount}],
        "reason": "PAYMENT",
        "store_id": order.store_id,
        "note": None,
        "occurred_at": order.placed_at,
        "recorded_at": order.placed_at,
    }


def stock_hold(order: Order, until: datetime) -> Document:
    """What is set aside for an order, in the order in which levels are touched."""
    lines = sorted(
        (
            {"sku_id": line.item.sku_id, "store_id": order.store_id, "quantity": line.quantity}
            for line in order.lines
        ),
        key=lambda line: f"{line['sku_id']}/{order.store_id}",
    )
    return {
        "_id": order.hold_id,
        "owner": f"order:{order.id}:1",
        "lines": lines,
        "until": until,
        "created_at": order.placed_at,
        "settled": None,
        "settled_at": None,
    }


def order_placed(order: Order) -> Document:
    data = {
        "order_id": order.id,
        "member_id": order.member_id,
        "store_id": order.store_id,
        "state": order.state.value,
        "version": order.version,
    }
    return {
        "_id": new_id(),
        "type": "OrderPlaced",
        "version": 1,
        "subject": f"order:{order.id}",
        "occurred_at": order.placed_at,
        "data": data,
        "written_at": Timestamp(0, 0),
        "seq": None,
    }


def idempotency_key(key: str, operation: str, wish: Document, result: Document, now: datetime) -> Document:
    return {
        "_id": key,
        "operation": operation,
        "input_hash": hash_of(wish),
        "created_at": now,
        "result": result,
        "refusal": None,
    }


def opaque_id(type_name: str, key: str) -> str:
    return base64.urlsafe_b64encode(f"{type_name}:{key}".encode()).rstrip(b"=").decode()


def key_of(opaque: str) -> str:
    return base64.urlsafe_b64decode(opaque + "=" * (-len(opaque) % 4)).decode().partition(":")[2]


def moment_text(moment: datetime) -> str:
    """UTC with milliseconds, as in `2026-11-21T09:30:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def hash_of(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
