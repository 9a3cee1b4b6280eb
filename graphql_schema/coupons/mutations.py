"""Claiming coupons, and using them at the till."""

import strawberry

from app.coupons.codes import shown_code
from app.shared.money import yen
from graphql_schema.context import Info
from graphql_schema.coupons.inputs import (
    ClaimOfferInput,
    CreateCouponCodesInput,
    RedeemCouponInput,
    RollbackRedemptionInput,
    receipt_of,
)
from graphql_schema.coupons.results import (
    ClaimOfferResult,
    CouponCodesCreated,
    CouponRedeemed,
    CreateCouponCodesResult,
    OfferClaimed,
    RedeemCouponResult,
    RedemptionRolledBack,
    RollbackRedemptionResult,
)
from graphql_schema.coupons.types import CouponOffer, LineDiscount, Redemption, coupon_node
from graphql_schema.money import money_of
from graphql_schema.node import key_of, optional_key_of


@strawberry.type
class CouponMutations:
    @strawberry.mutation(
        description=(
            "Takes a coupon of an offer that is claimed in the app, or the one that a code is for. Ten wrong "
            "codes an hour are looked at. For members."
        )
    )
    async def claim_offer(self, info: Info, input: ClaimOfferInput) -> ClaimOfferResult:
        member_id = info.context.require_member().member_id
        coupons = info.context.services.coupons
        coupon = await coupons.issuing.claim(
            member_id,
            optional_key_of(input.offer_id, "Offer", ["input", "offerId"]),
            input.code,
            input.idempotency_key,
        )
        (held,) = await coupons.wallet.with_terms([coupon])
        return OfferClaimed(coupon=coupon_node(held))

    @strawberry.mutation(
        description=(
            "Uses a coupon for a receipt, once; the same receipt again gets the same redemption. For "
            "partners with coupons:redeem at their stores, and for staff at the store of their device."
        )
    )
    async def redeem_coupon(self, info: Info, input: RedeemCouponInput) -> RedeemCouponResult:
        actor = info.context.require_partner_or_staff()
        redeemed = await info.context.services.coupons.till.redeem(
            actor,
            input.code,
            key_of(input.store_id, "Store", ["input", "storeId"]),
            receipt_of(input.receipt),
            input.idempotency_key,
        )
        return CouponRedeemed(
            redemption=Redemption(redemption=redeemed.redemption),
            offer=CouponOffer(terms=redeemed.held.terms),
            line_discounts=[
                LineDiscount(line=int(line_id), discount=money_of(yen(discount)))
                for line_id, discount in redeemed.effect.line_discounts.items()
            ],
            shipping_discount=money_of(yen(redeemed.effect.shipping_discount)),
        )

    @strawberry.mutation(
        description=(
            "Takes a use at a till back, once: the coupon is good again for as long as it was. For who may "
            "redeem at its store."
        )
    )
    async def rollback_redemption(
        self, info: Info, input: RollbackRedemptionInput
    ) -> RollbackRedemptionResult:
        actor = info.context.require_partner_or_staff()
        redemption = await info.context.services.coupons.till.rollback(
            actor,
            key_of(input.redemption_id, "Redemption", ["input", "redemptionId"]),
            input.reason,
            input.idempotency_key,
        )
        return RedemptionRolledBack(redemption=Redemption(redemption=redemption))

    @strawberry.mutation(description="Makes codes of which each gives one coupon. For headquarters.")
    async def create_coupon_codes(self, info: Info, input: CreateCouponCodesInput) -> CreateCouponCodesResult:
        maker = f"staff:{info.context.require_staff().staff_id}"
        codes = await info.context.services.coupons.issuing.make_codes(
            key_of(input.offer_id, "Offer", ["input", "offerId"]),
            input.quantity,
            input.idempotency_key,
            maker,
        )
        return CouponCodesCreated(codes=[shown_code(code) for code in codes])
