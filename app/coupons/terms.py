"""What coupons say: the version of the terms that each was issued under, as its variant has it."""

from collections.abc import Sequence
from dataclasses import replace

from app.coupons.model import Coupon, CouponWithTerms
from app.offers.service import OfferService


async def with_terms(offers: OfferService, coupons: Sequence[Coupon]) -> list[CouponWithTerms]:
    """The coupons, each with its terms; what they ask of who uses them is ready to be evaluated."""
    terms = await offers.terms_of([each.version for each in coupons])
    evaluable = {
        version: replace(each, usable_if=await offers.evaluable(each.usable_if))
        for version, each in terms.items()
    }
    return [CouponWithTerms(each, evaluable[each.version].as_variant(each.variant)) for each in coupons]
