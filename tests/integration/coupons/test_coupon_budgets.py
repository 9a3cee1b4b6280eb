"""Many who use coupons at once, on a real MongoDB: offers keep their budgets to the yen, and their limits."""

import asyncio

import pytest

from app.composition import build_services
from app.coupons.errors import (
    BudgetExhausted,
)
from app.coupons.model import CouponState, RedemptionState
from app.offers.model import OfferLimits
from app.services import Services
from app.shared.errors import Refusal
from app.shared.ids import new_id
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from app.stores.model import Store
from tests.conftest import MovableClock
from tests.integration.claims import TILL, outcomes
from tests.integration.redemptions import a_coupon, coupons_of, redeem, spent, state_of
from tests.offer_examples import a_published_offer


async def test_64_tills_with_one_coupon_use_it_once(services: Services, store: Store) -> None:
    offer = await a_published_offer(services)
    coupon = await a_coupon(services, offer)
    done = await outcomes(*(redeem(services, coupon, store) for _ in range(64)))
    assert done == {"done": 1, "COUPON_USED": 63}
    assert await spent(services, offer) == (1, 100)


async def test_one_receipt_that_is_sent_64_times_is_one_use(services: Services, store: Store) -> None:
    offer = await a_published_offer(services)
    coupon = await a_coupon(services, offer)
    redeemed = await asyncio.gather(*(redeem(services, coupon, store, number="R1") for _ in range(64)))
    assert len({each.redemption.id for each in redeemed}) == 1
    assert await spent(services, offer) == (1, 100)


async def test_a_budget_is_spent_to_the_yen_and_never_over(services: Services, store: Store) -> None:
    offer = await a_published_offer(services, limits=OfferLimits(budget=2_050))
    coupons = await coupons_of(services, offer, 64)
    done = await outcomes(*(redeem(services, coupon, store) for coupon in coupons))
    assert done == {"done": 20, "BUDGET_EXHAUSTED": 44}
    assert await spent(services, offer) == (20, 2_000)
    unused = [each for each in coupons if await state_of(services, each) is CouponState.ISSUED]
    assert (await redeem(services, unused[0], store, 500)).redemption.discount == 50
    with pytest.raises(BudgetExhausted):
        await redeem(services, unused[1], store, 10)


async def test_two_processes_spend_a_budget_to_the_yen_and_never_over(
    services: Services, settings: Settings, database: Database, clock: MovableClock, store: Store
) -> None:
    offer = await a_published_offer(services, limits=OfferLimits(budget=1_050))
    coupons = await coupons_of(services, offer, 32)
    other = build_services(settings, database, clock)
    done = await outcomes(
        *(redeem((services, other)[place % 2], coupon, store) for place, coupon in enumerate(coupons))
    )
    assert done == {"done": 10, "BUDGET_EXHAUSTED": 22}
    assert await spent(services, offer) == (10, 1_000)


async def test_two_processes_with_one_coupon_use_it_once(
    services: Services, settings: Settings, database: Database, clock: MovableClock, store: Store
) -> None:
    offer = await a_published_offer(services)
    coupon = await a_coupon(services, offer)
    other = build_services(settings, database, clock)
    done = await outcomes(*(redeem(each, coupon, store) for each in [services, other] * 16))
    assert done == {"done": 1, "COUPON_USED": 31}
    assert await spent(services, offer) == (1, 100)


@pytest.mark.parametrize(
    "limits", [OfferLimits(redeemed=10), OfferLimits(a_day=10), OfferLimits(per_store=10)]
)
async def test_no_limit_is_exceeded(services: Services, store: Store, limits: OfferLimits) -> None:
    offer = await a_published_offer(services, limits=limits)
    coupons = await coupons_of(services, offer, 32)
    done = await outcomes(*(redeem(services, coupon, store) for coupon in coupons))
    assert done == {"done": 10, "REDEMPTION_LIMIT_REACHED": 22}


async def test_what_is_rolled_back_can_be_spent_again_at_once(services: Services, store: Store) -> None:
    offer = await a_published_offer(services, limits=OfferLimits(redeemed=1, budget=100))
    one, other = await coupons_of(services, offer, 2)
    redeemed = await redeem(services, one, store)
    with pytest.raises(Refusal, match="REDEMPTION_LIMIT_REACHED"):
        await redeem(services, other, store)
    done = await outcomes(
        *(
            services.coupons.till.rollback(TILL, redeemed.redemption.id, "returned", f"key-{new_id()}")
            for _ in range(32)
        )
    )
    assert done == {"done": 32}
    assert await state_of(services, one) is CouponState.ISSUED
    assert (await redeem(services, other, store)).redemption.state is RedemptionState.REDEEMED
    assert await spent(services, offer) == (1, 100)
    assert await services.coupons.takes.give_back() == 0


async def test_redeeming_and_rolling_back_at_once_each_count_once(services: Services, store: Store) -> None:
    offer = await a_published_offer(services)
    coupon = await a_coupon(services, offer)
    first = await redeem(services, coupon, store)
    till = services.coupons.till
    await asyncio.gather(
        *(till.rollback(TILL, first.redemption.id, None, f"key-{new_id()}") for _ in range(8)),
        *(redeem(services, coupon, store) for _ in range(24)),
        return_exceptions=True,
    )
    await services.coupons.takes.give_back()
    uses = 1 if await state_of(services, coupon) is CouponState.REDEEMED else 0
    assert await spent(services, offer) == (uses, 100 * uses)
