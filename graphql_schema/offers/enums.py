"""What offers may be, as enums of the schema."""

import strawberry

from app.offers.model import BenefitKind, Distribution, OfferState, Pick

strawberry.enum(BenefitKind, description="What a coupon gives.")
strawberry.enum(
    Distribution,
    description=(
        "How members get coupons: issued by rule, claimed in the app, by a code that all share, by codes of "
        "which each is good once, with a check-in, or at a beacon."
    ),
)
strawberry.enum(OfferState, description="Where an offer stands.")
strawberry.enum(Pick, description="Which of the pieces that an offer applies to.")

__all__ = ["BenefitKind", "Distribution", "OfferState", "Pick"]
