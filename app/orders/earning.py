"""What an order will earn once it is collected, as far as that can be told before: by the rules of now."""

from collections.abc import Iterable, Mapping, Sequence

from app.catalog.model import Product
from app.catalog.service import CatalogService
from app.members.model import Member
from app.members.service import MemberService
from app.orders.model import Order, OrderCoupon, OrderLine
from app.orders.purchase import receipt_line, rewards_of
from app.purchases.ordered import CollectedOrder, OrderPurchases
from app.shared.clock import Clock
from app.shared.mongodb.database import Session


class OrderEarning:
    """Foresees the points of an order, by the same rules that purchases earn by."""

    def __init__(
        self, purchases: OrderPurchases, members: MemberService, catalog: CatalogService, clock: Clock
    ) -> None:
        self._purchases = purchases
        self._members = members
        self._catalog = catalog
        self._clock = clock

    async def of_lines(
        self,
        member: Member | None,
        store_id: str,
        lines: Sequence[OrderLine],
        points_used: int,
        products: Mapping[str, Product],
        coupons: Iterable[OrderCoupon] = (),
    ) -> dict[str, int]:
        """The points of each line that is sold, by its id, with what coupons bring; of at most the total,
        so many points are used.
        """
        sold = [line for line in lines if line.quantity]
        if member is None or not sold:
            return {}
        categories = {sku_id: product.category_id for sku_id, product in products.items()}
        order = CollectedOrder(
            order_id="",
            member_id=member.id,
            store_id=store_id,
            number="",
            collected_at=self._clock.now(),
            lines=tuple(receipt_line(line, categories.get(line.item.sku_id)) for line in sold),
            points_used=points_used,
            coupons=rewards_of(coupons, sold),
        )
        points = await self._purchases.foreseen(order, member)
        return {line.id: earned for line, earned in zip(sold, points, strict=True)}

    async def of_order(self, order: Order, session: Session) -> int:
        """The points of an order as it is now, by its totals."""
        products = await self._catalog.products_of_skus(sorted({line.item.sku_id for line in order.lines}))
        member = await self._members.get(order.member_id, session)
        points = await self.of_lines(
            member, order.store_id, order.lines, order.totals.points_used, products, order.coupons
        )
        return sum(points.values())
