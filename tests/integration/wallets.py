"""Coupons of every kind for the members of a street, and the tills that take the same ones."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from app.coupons.baskets import BasketItem
from app.coupons.model import Coupon, Redemption
from app.coupons.till import Receipt
from app.offers.model import Benefit, BenefitKind, OfferLimits, OfferScope
from app.orders.wishes import OrderWish
from app.shared.ids import new_id
from tests.integration.claims import claim
from tests.integration.coupons.test_coupon_redemptions import TILL
from tests.integration.shop import Shop
from tests.offer_examples import a_published_offer


class Wallets:
    """Each member has a coupon of each offer. Some may be used together; budgets and limits are short."""

    def __init__(self, shop: Shop, coupons: dict[str, list[Coupon]]) -> None:
        self._shop = shop
        self._coupons = coupons
        self._redeemed: list[Redemption] = []

    @classmethod
    async def fill(cls, shop: Shop, members: list[str]) -> "Wallets":
        now = shop.clock.now()
        first = OfferScope(sku_ids=frozenset({shop.skus[0].id}))
        offers = [
            await a_published_offer(shop.services, starts_at=now, ends_at=now + timedelta(days=30), **terms)
            for terms in (
                {"benefit": Benefit(BenefitKind.PERCENT, 33), "stacking_group": "percent", "priority": 1},
                {
                    "benefit": Benefit(BenefitKind.AMOUNT, 250),
                    "stacking_group": "amount",
                    "limits": OfferLimits(redeemed=2, budget=700),
                },
                {
                    "benefit": Benefit(BenefitKind.FREE_ITEM, 1),
                    "stacking_group": "free",
                    "limits": OfferLimits(per_store=2),
                },
                {"benefit": Benefit(BenefitKind.FIXED_PRICE, 777), "scope": first, "stacking_group": "fixed"},
                {"benefit": Benefit(BenefitKind.BONUS_POINTS, 50), "stacking_group": "bonus"},
                {"benefit": Benefit(BenefitKind.PERCENT, 100), "limits": OfferLimits(a_day=1)},
            )
        ]
        coupons = {
            member: [await claim(shop.services, member, offer.id) for offer in offers] for member in members
        }
        return cls(shop, coupons)

    def merge(self, guest: str, member: str) -> None:
        """What was the guest's is the member's."""
        self._coupons[member] = [*self._coupons[member], *self._coupons.pop(guest)]

    def spend_on(self, member: str, wish: OrderWish, number: int) -> OrderWish:
        """The wish with some of her coupons, those that are best, or none."""
        if number % 8 == 7:
            return replace(wish, uses_best_coupons=True)
        mine = self._coupons.get(member, [])
        chosen = Random(number).sample(mine, min(number % 4, len(mine)))
        return replace(wish, coupon_ids=tuple(coupon.id for coupon in chosen))

    async def redeem(self, member: str, number: int) -> None:
        """A till takes one of her coupons, which an order may hold."""
        mine = self._coupons.get(member, [])
        if not mine:
            return
        coupon = mine[number % len(mine)]
        receipt = Receipt("1", new_id(), (BasketItem(self._shop.skus[0].id, 1, 1_000),))
        redeemed = await self._shop.services.coupons.till.redeem(
            TILL, coupon.code, self._shop.store.id, receipt, f"key-{new_id()}"
        )
        self._redeemed.append(redeemed.redemption)

    async def roll_back(self, number: int) -> None:
        """A till takes a use back."""
        if self._redeemed:
            redemption = self._redeemed[number % len(self._redeemed)]
            await self._shop.services.coupons.till.rollback(TILL, redemption.id, None, f"key-{new_id()}")
