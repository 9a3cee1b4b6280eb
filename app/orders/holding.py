"""What an order sets aside at its store: its pieces, and its place in the slot."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.inventory.hold_service import StockHoldService
from app.inventory.model import StockKey, StockLevel, StockLine, WantedHold
from app.orders.drafting import Draft
from app.orders.errors import NoSlotFits
from app.orders.model import Order
from app.orders.slot_service import SlotService
from app.orders.slots import PickupPolicy, WantedPlace
from app.shared.mongodb.database import ConcurrentChange, Session
from app.shared.mongodb.reading import Reading


class OrderHolding:
    """Holds for an order, moves what it holds along with it, and gives it back or sells it in the end."""

    def __init__(self, stock: StockHoldService, slots: SlotService) -> None:
        self._stock = stock
        self._slots = slots

    async def take_new(
        self, drafts: Sequence[Draft], session: Session, until: datetime | None = None
    ) -> None:
        """Holds the pieces and places of new orders, until they are to be accepted if not until a moment.

        Where somebody else was first and there is too little, the transaction runs again.
        """
        holds = [
            WantedHold(order.hold_id, _owner(order), _stock_lines(order), until or order.accept_by)
            for order in (draft.order for draft in drafts)
        ]
        places = [_place(each.order, each.policy, until or each.order.accept_by) for each in drafts]
        if not await self._stock.hold_new(holds, session) or not await self._slots.take_new(places, session):
            raise ConcurrentChange

    async def retake(self, order: Order, policy: PickupPolicy, until: datetime, session: Session) -> str:
        """Holds what the order is now in place of what it was; returns the id of the new stock hold.

        In one transaction, nobody comes between. Raises NoSlotFits, or SeveralRefusals with an OutOfStock
        for each SKU that is short.
        """
        await self._stock.release(order.hold_id, session)
        hold = await self._stock.hold(_stock_lines(order), _owner(order), until, session)
        if not await self._slots.take(_place(order, policy, until), session):
            raise NoSlotFits
        return hold.id

    def reading_levels(self, source: Reading[Order | None]) -> Reading[dict[StockKey, StockLevel]]:
        """The levels of what the order that the source finds holds."""
        return self._stock.reading_levels(source, "hold_id")

    async def sell(self, order: Order, levels: Mapping[StockKey, StockLevel], session: Session) -> None:
        """The pieces leave the store, whose levels were read just now."""
        await self._stock.capture(order.hold_id, session, levels)
        await self._slots.give_back(order.slot, order.id, session)

    async def free(self, order: Order, session: Session) -> None:
        """Gives back what is still held."""
        await self._stock.release(order.hold_id, session)
        await self._slots.give_back(order.slot, order.id, session)


def _owner(order: Order) -> str:
    """Each version of an order that holds something has a hold of its own."""
    return f"order:{order.id}:{order.version}"


def _place(order: Order, policy: PickupPolicy, until: datetime) -> WantedPlace:
    return WantedPlace(order.slot, order.id, order.weight, until, policy.capacity)


def _stock_lines(order: Order) -> tuple[StockLine, ...]:
    """What is kept for the order, an offered substitute beside the line that it may replace."""
    lines = [(line.item.sku_id, line.quantity) for line in order.lines if line.quantity]
    lines += [
        (line.substitution.item.sku_id, line.substitution.quantity)
        for line in order.lines
        if line.substitution
    ]
    return tuple(StockLine(StockKey(sku_id, order.store_id), quantity) for sku_id, quantity in lines)
