"""What an order would cost and whether it can be had, looked up and not yet held."""

from dataclasses import dataclass, replace
from datetime import datetime

from app.catalog.errors import SkuNotForSale
from app.orders import rules
from app.orders.alternatives import Alternatives
from app.orders.coupon_use import OrderCoupons, PricedLines
from app.orders.earning import OrderEarning
from app.orders.grounds import Grounds, OrderGrounds
from app.orders.model import OrderLine, SlotWindow, Totals
from app.orders.pricing import totals_of
from app.orders.slot_service import SlotService
from app.orders.wishes import OrderWish
from app.points.errors import InsufficientPoints, PointAccountClosed
from app.points.service import PointService
from app.shared.clock import Clock
from app.shared.errors import Refusal
from app.shared.idempotency import IdempotentRequest
from app.stores.errors import StoreNotFound
from app.stores.model import Store


@dataclass(frozen=True, slots=True)
class Quote:
    """What the wish comes to at this moment. It can be ordered if there are no problems."""

    grounds: Grounds
    store: Store
    window: SlotWindow | None
    lines: tuple[OrderLine, ...]
    priced: PricedLines
    totals: Totals
    problems: tuple[Refusal, ...]
    quoted_at: datetime


class OrderQuoting:
    """Looks at everything that an order needs, and says all that is in its way."""

    def __init__(
        self,
        grounds: OrderGrounds,
        points: PointService,
        slots: SlotService,
        alternatives: Alternatives,
        coupons: OrderCoupons,
        earning: OrderEarning,
        clock: Clock,
    ) -> None:
        self._grounds = grounds
        self._points = points
        self._slots = slots
        self._alternatives = alternatives
        self._coupons = coupons
        self._clock = clock
        self._earning = earning

    async def quote(self, member_id: str, wish: OrderWish) -> Quote:
        """Prices, tax, points, and what cannot be had. Raises OrderLinesInvalid and StoreNotFound."""
        return await self.quote_on(await self.grounds(member_id, wish), member_id, wish)

    async def grounds(
        self, member_id: str, wish: OrderWish, request: IdempotentRequest | None = None
    ) -> Grounds:
        """What bears on the wish now, and what the request was answered. Raises OrderLinesInvalid."""
        sku_ids = [line.sku_id for line in rules.merged_lines(wish.lines)]
        return await self._grounds.read(member_id, wish, sku_ids, request)

    async def quote_on(self, grounds: Grounds, member_id: str, wish: OrderWish) -> Quote:
        """The quote on these grounds, read just now. Raises StoreNotFound."""
        now = self._clock.now()
        wanted = rules.merged_lines(wish.lines)
        store = grounds.store
        if store is None:
            raise StoreNotFound(path=["input", "storeId"])
        lines: list[OrderLine] = []
        problems: list[Refusal] = []
        for number, line in enumerate(wanted):
            product = grounds.products.get(line.sku_id)
            if product is None or not product.is_published(now):
                path = ["input", "lines", str(number), "skuId"]
                problems.append(SkuNotForSale(path=path, sku_id=line.sku_id))
            else:
                item = rules.item_of(product, line.sku_id)
                lines.append(OrderLine(str(number + 1), item, line.quantity, line.quantity))
        problems += await self._alternatives.short(store, lines, grounds.levels)
        problems += self._missing_points(grounds, wish)
        weight = sum(line.item.weight * line.quantity for line in lines)
        window, refusal = await self._slots.find(
            store, grounds.policy, wish.slot_starts_at, grounds.taken, weight
        )
        problems += [refusal] if refusal else []
        priced = await self._coupons.priced(
            member_id, grounds.member, wish, store, tuple(lines), grounds.products
        )
        problems += priced.problems
        totals = totals_of(priced.lines, wish.use_points)
        to_earn = await self._earning.of_lines(
            grounds.member,
            store.id,
            priced.lines,
            max(0, totals.points_used),
            grounds.products,
            priced.coupons,
        )
        totals = replace(totals, points_to_earn=sum(to_earn.values()))
        return Quote(grounds, store, window, priced.lines, priced, totals, tuple(problems), now)

    def _missing_points(self, grounds: Grounds, wish: OrderWish) -> list[Refusal]:
        if grounds.account.is_closed:  # a guest who turned out to be somebody else orders as that member
            return [PointAccountClosed()]
        balance = self._points.current(grounds.account).available
        if wish.use_points <= balance:
            return []
        path = ["input", "usePoints"]
        return [InsufficientPoints(path=path, requested=wish.use_points, balance=balance)]
