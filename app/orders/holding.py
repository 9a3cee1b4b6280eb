"""What an order sets aside at its store: its pieces, and its place in the slot."""

from datetime import datetime

from app.inventory.hold_service import StockHoldService
from app.inventory.model import StockKey, StockLine
from app.orders.errors import NoSlotFits
from app.orders.model import Order
from app.orders.slot_service import SlotService
from app.orders.slots import PickupPolicy
from app.shared.database import Session


class OrderHolding:
    """Holds for an order, moves what it holds along with it, and gives it back or sells it in the end."""

    def __init__(self, stock: StockHoldService, slots: SlotService) -> None:
        self._stock = stock
        self._slots = slots

    async def take_pieces(self, order: Order, until: datetime, session: Session) -> bool:
        """Holds the pieces of a new order until that moment; false when there are too few of one."""
        return await self._stock.hold_new(order.hold_id, _stock_lines(order), _owner(order), until, session)

    async def take_place(self, order: Order, policy: PickupPolicy, until: datetime, session: Session) -> bool:
        """Holds the order's place in its slot until that moment; false when there is too little room."""
        return await self._slots.take(order.slot, policy, order.id, order.weight, until, session)

    async def retake(self, order: Order, policy: PickupPolicy, until: datetime, session: Session) -> str:
        """Holds what the order is now in place of what it was; returns the id of the new stock hold.

        In one transaction, nobody comes between. Raises NoSlotFits, or SeveralRefusals with an OutOfStock
        for each SKU that is short.
        """
        await self._stock.release(order.hold_id, session)
        hold = await self._stock.hold(_stock_lines(order), _owner(order), until, session)
        if not await self.take_place(order, policy, until, session):
            raise NoSlotFits
        return hold.id

    async def sell(self, order: Order, session: Session) -> None:
        """The pieces leave the store."""
        await self._stock.capture(order.hold_id, session)
        await self._slots.give_back(order.slot, order.id, session)

    async def free(self, order: Order, session: Session) -> None:
        """Gives back what is still held."""
        await self._stock.release(order.hold_id, session)
        await self._slots.give_back(order.slot, order.id, session)


def _owner(order: Order) -> str:
    """Each version of an order that holds something has a hold of its own."""
    return f"order:{order.id}:{order.version}"


def _stock_lines(order: Order) -> list[StockLine]:
    """What is kept for the order, an offered substitute beside the line that it may replace."""
    lines = [(line.item.sku_id, line.quantity) for line in order.lines if line.quantity]
    lines += [
        (line.substitution.item.sku_id, line.substitution.quantity)
        for line in order.lines
        if line.substitution
    ]
    return [StockLine(StockKey(sku_id, order.store_id), quantity) for sku_id, quantity in lines]
