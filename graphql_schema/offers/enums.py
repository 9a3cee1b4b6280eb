"""What offers may be, as enums of the schema."""

import strawberry

from app.offers.model import BenefitKind, Distribution, OfferMoment, OfferState, Pick

strawberry.enum(BenefitKind, description="What a coupon gives.")
strawberry.enum(
    Distribution,
    description=(
        "How members get coupons: issued by rule, claimed in the app, by a code that all share, by codes of "
        "which each is good once, with a check-in, or at a beacon. CHECK_IN and BEACON are rules that name "
        "their moment by themselves."
    ),
)
strawberry.enum(
    OfferMoment,
    description=(
        "When a member may be given a coupon without asking: as she signs up, checks in, comes near a "
        "beacon, has searched and not bought for a day, has bought, has her birthday, or was not seen for as "
        "many days as the offer says."
    ),
)
strawberry.enum(OfferState, description="Where an offer stands.")
strawberry.enum(Pick, description="Which of the pieces that an offer applies to.")

__all__ = ["BenefitKind", "Distribution", "OfferMoment", "OfferState", "Pick"]
