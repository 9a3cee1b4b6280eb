"""What claiming, redeeming and rolling back coupons answer, and making codes for them."""

from typing import Annotated

import strawberry

from graphql_schema.coupons.types import Coupon, CouponOffer, LineDiscount, Redemption
from graphql_schema.money import Money
from graphql_schema.results import Rejected


@strawberry.type(description="The coupon is in the wallet.")
class OfferClaimed:
    coupon: Coupon = strawberry.field(description="The coupon.")


@strawberry.type(description="The coupon is used for this receipt.")
class CouponRedeemed:
    redemption: Redemption = strawberry.field(description="Its use.")
    offer: CouponOffer = strawberry.field(description="What the coupon says.")
    line_discounts: list[LineDiscount] = strawberry.field(
        description="The discount by line; together with that of the shipping they are the redemption's."
    )
    shipping_discount: Money = strawberry.field(description="Off what the delivery costs.")


@strawberry.type(description="The use is taken back; the coupon is good again for as long as it was.")
class RedemptionRolledBack:
    redemption: Redemption = strawberry.field(description="The use as it is now.")


@strawberry.type(description="The codes are made; each gives one coupon.")
class CouponCodesCreated:
    codes: list[str] = strawberry.field(
        description="17 characters in groups, of which the last checks the others."
    )


ClaimOfferResult = Annotated[OfferClaimed | Rejected, strawberry.union("ClaimOfferResult")]
RedeemCouponResult = Annotated[CouponRedeemed | Rejected, strawberry.union("RedeemCouponResult")]
RollbackRedemptionResult = Annotated[
    RedemptionRolledBack | Rejected, strawberry.union("RollbackRedemptionResult")
]
CreateCouponCodesResult = Annotated[
    CouponCodesCreated | Rejected, strawberry.union("CreateCouponCodesResult")
]
