"""What members want: an order to be placed, and which of their orders they are shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.orders.states import OrderState


@dataclass(frozen=True, slots=True)
class WantedLine:
    """Pieces of a SKU that somebody wants to order."""

    sku_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class OrderWish:
    """What a member wants to order, where, and when she picks it up; what is of her cart leaves it then.

    Of her coupons, it uses these, or those that are worth most to her. `coupon_holds` are pairs of a coupon's
    id and that of its use, once they are held.
    """

    store_id: str
    lines: tuple[WantedLine, ...]
    slot_starts_at: datetime
    use_points: int
    is_of_cart: bool = False
    coupon_ids: tuple[str, ...] = ()
    uses_best_coupons: bool = False
    coupon_holds: tuple[tuple[str, str], ...] = ()

    def fingerprint(self) -> dict[str, Any]:
        """The content that a repetition of the wish must equal."""
        return {
            "store_id": self.store_id,
            "lines": [[line.sku_id, line.quantity] for line in self.lines],
            "slot": self.slot_starts_at.isoformat(),
            "use_points": self.use_points,
            "is_of_cart": self.is_of_cart,
            "coupon_ids": list(self.coupon_ids),
            "uses_best_coupons": self.uses_best_coupons,
        }


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders of a member are wanted: those in some states, of a store, placed in a stretch of time.

    What is not named is no condition.
    """

    states: frozenset[OrderState] = frozenset()
    store_id: str | None = None
    placed_from: datetime | None = None
    placed_before: datetime | None = None
