"""The coupons that an order uses: priced with it, held before it is placed, used or given back in its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from app.catalog.model import Product
from app.catalog.service import CatalogService
from app.coupons.baskets import BasketItem, basket_line
from app.coupons.model import CouponWithTerms
from app.coupons.pricing import BasketLine, Combination
from app.coupons.use import CouponUse
from app.members.model import Member
from app.orders.earning import OrderEarning
from app.orders.model import LineDiscount, Order, OrderCoupon, OrderLine
from app.orders.wishes import OrderWish
from app.shared.clock import Clock
from app.shared.errors import Refusal
from app.shared.mongodb.database import Session
from app.stores.model import Store

HELD_FOR = timedelta(minutes=15)  # while the order is placed, as long as a card is asked
KEPT_AFTER_PICKUP = timedelta(days=30)  # an order ends long before that, and gives its coupons back then


@dataclass(frozen=True, slots=True)
class PricedLines:
    """The lines with their discounts, the coupons that give them, and what is in their way."""

    lines: tuple[OrderLine, ...]
    held: tuple[CouponWithTerms, ...] = ()
    combination: Combination = field(default_factory=Combination)
    coupons: tuple[OrderCoupon, ...] = ()
    problems: tuple[Refusal, ...] = ()


class OrderCoupons:
    """Moves coupons along with an order."""

    def __init__(
        self, coupons: CouponUse, catalog: CatalogService, earning: OrderEarning, clock: Clock
    ) -> None:
        self._coupons = coupons
        self._catalog = catalog
        self._clock = clock
        self._earning = earning

    async def priced(
        self,
        member_id: str,
        member: Member | None,
        wish: OrderWish,
        store: Store,
        lines: tuple[OrderLine, ...],
        products: Mapping[str, Product],
    ) -> PricedLines:
        """The lines as the wished coupons make them."""
        if not lines or not (wish.coupon_ids or wish.uses_best_coupons):
            return PricedLines(lines)
        basket = await self._basket(lines, products)
        problems: list[Refusal] = []
        own = [coupon_id for coupon_id, _ in wish.coupon_holds]
        if wish.uses_best_coupons:
            points = await self._earning.of_lines(member, store.id, lines, 0, products)
            held, combination = await self._coupons.best(member_id, own, store, basket, points)
        else:
            held, combination, problems = await self._coupons.chosen(
                member_id, wish.coupon_ids, own, store, basket
            )
        return PricedLines(
            tuple(_discounted(line, combination) for line in lines),
            tuple(held),
            combination,
            _order_coupons(held, combination, dict(wish.coupon_holds)),
            tuple(problems),
        )

    async def resumed(self, wish: OrderWish, owner: str) -> OrderWish:
        """The wish with what this owner holds already: the same request was cut off before its answer."""
        holds = await self._coupons.held_by(owner)
        return replace(wish, coupon_holds=tuple(holds.items()))

    async def hold(self, wish: OrderWish, priced: PricedLines, owner: str, store: Store) -> OrderWish:
        """The wish with its coupons held, for 15 minutes, by an owner whose holds are the same again.

        Raises why one cannot be held.
        """
        until = self._clock.now() + HELD_FOR
        holds = await self._coupons.hold(priced.held, priced.combination, owner, store, until)
        return replace(
            wish, coupon_ids=tuple(holds), uses_best_coupons=False, coupon_holds=tuple(holds.items())
        )

    async def let_go(self, wish: OrderWish, session: Session) -> None:
        """Gives back what was held for a wish that came to nothing."""
        await self._coupons.free([redemption_id for _, redemption_id in wish.coupon_holds], session)

    async def keep(self, order: Order, session: Session) -> None:
        """Makes what is held the placed order's own. Raises CouponHeld where a hold is over meanwhile."""
        if order.coupons:
            await self._coupons.keep(_discounts(order), order.collect_by + KEPT_AFTER_PICKUP, session)

    async def redeem(self, order: Order, session: Session) -> None:
        """The order is collected: its coupons are used, each for what it took off in the end."""
        if order.coupons:
            await self._coupons.redeem(_discounts(order), session)

    async def free(self, order: Order, session: Session) -> None:
        """The order came to nothing: its coupons are good for as long as they were."""
        if order.coupons:
            await self._coupons.free([each.redemption_id for each in order.coupons], session)

    async def give_idle_back(self, order: Order, session: Session) -> Order:
        """The order without the coupons that do nothing for its lines any more; the member has them back."""
        kept = tuple(each for each in order.coupons if each.is_of_use(order.lines))
        idle = [each.redemption_id for each in order.coupons if each not in kept]
        if idle:
            await self._coupons.free(idle, session)
        return replace(order, coupons=kept)

    async def _basket(
        self, lines: tuple[OrderLine, ...], products: Mapping[str, Product]
    ) -> list[BasketLine]:
        tree = await self._catalog.categories()
        return [
            basket_line(
                line.id,
                BasketItem(line.item.sku_id, line.quantity, line.item.unit_price),
                products.get(line.item.sku_id),
                tree,
            )
            for line in lines
        ]


def _discounted(line: OrderLine, combination: Combination) -> OrderLine:
    discounts = tuple(
        LineDiscount(effect.coupon_id, effect.line_discounts[line.id])
        for effect in combination.effects
        if line.id in effect.line_discounts
    )
    return replace(line, discounts=discounts)


def _order_coupons(
    held: list[CouponWithTerms], combination: Combination, holds: Mapping[str, str]
) -> tuple[OrderCoupon, ...]:
    names = {each.coupon.id: each.terms.names for each in held}
    return tuple(
        OrderCoupon(
            effect.coupon_id,
            holds.get(effect.coupon_id, ""),
            names[effect.coupon_id],
            effect.bonus_points,
            effect.points_multiplier,
            tuple(sorted(effect.points_lines)),
        )
        for effect in combination.effects
    )


def _discounts(order: Order) -> dict[str, int]:
    """What each use of a coupon takes off, by its id."""
    return {each.redemption_id: each.discount(order.lines) for each in order.coupons}
