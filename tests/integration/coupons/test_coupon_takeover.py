"""A guest's coupons when she turns out to be a member."""

import asyncio

from app.coupons.baskets import BasketItem
from app.coupons.model import CouponState
from app.coupons.redemption_repository import REDEMPTIONS
from app.coupons.till import Receipt
from app.offers.model import (
    OfferLimits,
)
from app.services import Services
from app.shared.events import EVENTS
from app.shared.i18n import Language
from app.shared.mongodb.database import Session
from app.shared.paging import PageRequest
from app.stores.model import Store
from tests.arrangements import a_guest, a_member
from tests.integration.claims import TILL, claim, outcomes
from tests.offer_examples import a_published_offer


async def take_over(services: Services, guest_id: str, member_id: str) -> int:
    async def act(session: Session) -> int:
        return await services.coupons.takeover.take_over(guest_id, member_id, session)

    return await services.database.transaction(act)


async def held_by(services: Services, member_id: str) -> dict[str, CouponState]:
    page = await services.coupons.wallet.page(member_id, frozenset(), PageRequest(100))
    return {held.coupon.id: held.coupon.state_at(services.clock.now()) for held, _ in page.items}


async def test_a_guests_coupons_become_the_members(services: Services) -> None:
    offer = await a_published_offer(services)
    guest_id, member_id = await a_guest(services), await a_member(services, "mio@example.com")
    coupon = await claim(services, guest_id, offer.id)
    assert await take_over(services, guest_id, member_id) == 1
    assert await held_by(services, member_id) == {coupon.id: CouponState.ISSUED}
    assert await held_by(services, guest_id) == {}


async def test_being_two_brings_no_more_coupons_than_one_member_may_have(
    services: Services, store: Store
) -> None:
    offer = await a_published_offer(services, limits=OfferLimits(per_member=2))
    guest_id, member_id = await a_guest(services), await a_member(services, "mio@example.com")
    own = await claim(services, member_id, offer.id)
    used, unused = [await claim(services, guest_id, offer.id) for _ in range(2)]
    await services.coupons.till.redeem(
        TILL, used.code, store.id, Receipt("1", "1", (BasketItem("sku", 1, 1_000),)), "redeem-key-1"
    )
    assert await take_over(services, guest_id, member_id) == 2
    assert await held_by(services, member_id) == {
        own.id: CouponState.ISSUED,
        used.id: CouponState.REDEEMED,
        unused.id: CouponState.REVOKED,
    }
    revoked = await services.coupons.wallet.get(unused.id)
    assert revoked is not None
    (obstacle,) = (await services.coupons.wallet.usability(revoked, store.id, [])).obstacles
    assert (obstacle.code, obstacle.message(Language.EN)) == (
        "COUPON_REVOKED",
        "This coupon was taken back: it is more than a member may have. Please choose another one.",
    )
    (told,) = await services.database.collection(EVENTS).find({"type": "CouponRevoked"})
    assert (told["data"]["coupon_id"], told["data"]["reason"]) == (unused.id, "MEMBER_LIMIT")


async def test_what_is_used_while_she_is_merged_is_the_members(services: Services, store: Store) -> None:
    offer = await a_published_offer(services)
    for number in range(4):
        guest_id, member_id = await a_guest(services), await a_guest(services)
        coupons = [await claim(services, guest_id, offer.id) for _ in range(8)]
        receipts = [Receipt(str(number), each.id, (BasketItem("sku", 1, 1_000),)) for each in coupons]
        uses = [
            services.coupons.till.redeem(TILL, coupon.code, store.id, receipt, f"key-{coupon.id}")
            for coupon, receipt in zip(coupons, receipts, strict=True)
        ]
        await asyncio.gather(take_over(services, guest_id, member_id), outcomes(*uses))
        assert await held_by(services, member_id) == dict.fromkeys(
            (each.id for each in coupons), CouponState.REDEEMED
        )
        assert await services.database.collection(REDEMPTIONS).find({"member_id": guest_id}) == []


async def test_who_claims_while_she_is_merged_gets_no_more_than_one_member_may_have(
    services: Services,
) -> None:
    offer = await a_published_offer(services, limits=OfferLimits(per_member=1))
    for _ in range(4):
        guest_id, member_id = await a_guest(services), await a_guest(services)
        await claim(services, guest_id, offer.id)
        await asyncio.gather(
            outcomes(claim(services, member_id, offer.id)), take_over(services, guest_id, member_id)
        )
        states = (await held_by(services, member_id)).values()
        assert list(states).count(CouponState.ISSUED) == 1
