"""Coupons that members have, a till that takes them, and what their offer has counted."""

import asyncio
from collections.abc import Sequence
from typing import Any

from app.coupons.baskets import BasketItem
from app.coupons.model import Coupon, CouponState
from app.coupons.taking import used_key
from app.coupons.till import Receipt, Redeemed
from app.offers.counter_repository import CounterRepository
from app.offers.model import Offer
from app.services import Services
from app.shared.ids import new_id
from app.stores.model import Store
from tests.arrangements import a_guest
from tests.integration.claims import TILL, claim


async def a_coupon(services: Services, offer: Offer) -> Coupon:
    return await claim(services, await a_guest(services), offer.id)


async def coupons_of(services: Services, offer: Offer, number: int) -> Sequence[Coupon]:
    members = await asyncio.gather(*(a_guest(services) for _ in range(number)))
    return await asyncio.gather(*(claim(services, each, offer.id) for each in members))


async def redeem(
    services: Services, coupon: Coupon, store: Store, yen: int = 1_000, **changes: Any
) -> Redeemed:
    """The coupon, used for one piece at this price."""
    given = {"number": new_id(), "key": f"key-{new_id()}", "actor": TILL, **changes}
    receipt = Receipt("1", given["number"], (BasketItem("sku", 1, yen),))
    return await services.coupons.till.redeem(given["actor"], coupon.code, store.id, receipt, given["key"])


async def spent(services: Services, offer: Offer) -> tuple[int, int]:
    """How often the offer's coupons were used, and what they took off."""
    found = await CounterRepository(services.database).get_many([used_key(offer.id)])
    counter = found.get(used_key(offer.id))
    return (counter.count, counter.yen) if counter else (0, 0)


async def state_of(services: Services, coupon: Coupon) -> CouponState:
    found = await services.coupons.wallet.get(coupon.id)
    assert found is not None
    return found.state_at(services.clock.now())
