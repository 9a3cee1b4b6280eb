"""An order as a purchase: what the one history of a member is told of it."""

from collections.abc import Mapping
from datetime import datetime

from app.orders.model import Order
from app.purchases.model import ReceiptLine, ReturnedPieces
from app.purchases.ordered import CollectedOrder
from app.shared.i18n import Language


def purchase_of(order: Order, collected_at: datetime) -> CollectedOrder:
    """The order as it was collected."""
    return CollectedOrder(
        order_id=order.id,
        member_id=order.member_id,
        store_id=order.store_id,
        number=f"{order.pickup_day.isoformat()}/{order.pickup_number}",
        collected_at=collected_at,
        lines=tuple(
            ReceiptLine(
                quantity=line.quantity,
                amount=line.amount,
                tax_rate=line.item.tax_rate,
                sku_id=line.item.sku_id,
                jan=line.item.jan,
                name=line.item.names[Language.JA],
            )
            for line in order.lines
            if line.quantity
        ),
        points_used=order.totals.points_used,
        points_earned=order.totals.points_to_earn,
    )


def pieces_of(order: Order, returned: Mapping[str, int]) -> list[ReturnedPieces]:
    """So many pieces of these lines of the order, as the purchase numbers its lines."""
    collected = [line.id for line in order.lines if line.quantity]
    return [
        ReturnedPieces(collected.index(line_id) + 1, pieces) for line_id, pieces in sorted(returned.items())
    ]
