"""The demo retailer's offers: whoever signs up, checks in or has her birthday is given a coupon."""

from datetime import datetime, timedelta

from app.offers.conditions import AbsentFor
from app.offers.model import (
    Benefit,
    BenefitKind,
    Distribution,
    Offer,
    OfferLimits,
    OfferMoment,
    OfferScope,
    OfferState,
    OfferTerms,
    OfferVariant,
)
from app.shared.i18n import Language

LAST_FOR = timedelta(days=365)
A_MONTH = 30


def demo_offers(today: datetime) -> list[Offer]:
    """The offers, given from today on for a year."""
    until = today + LAST_FOR
    terms = [
        OfferTerms(
            names={Language.JA: "ご来店ありがとうクーポン", Language.EN: "Thank you for coming"},
            descriptions={
                Language.JA: "本日、文具が10%引きになります。",
                Language.EN: "10 % off stationery today.",
            },
            benefit=Benefit(BenefitKind.PERCENT, 10),
            distribution=Distribution.RULE,
            moments=frozenset({OfferMoment.CHECK_IN}),
            scope=OfferScope(category_ids=frozenset({"stationery"})),
            limits=OfferLimits(per_member_a_day=1),
            starts_at=today,
            ends_at=until,
            valid_days=1,
        ),
        OfferTerms(
            names={Language.JA: "ご入会クーポン", Language.EN: "Welcome"},
            descriptions={
                Language.JA: "1,000円以上のお買い上げで300円引きになります。",
                Language.EN: "¥300 off from ¥1,000 on.",
            },
            benefit=Benefit(BenefitKind.AMOUNT, 300),
            distribution=Distribution.RULE,
            moments=frozenset({OfferMoment.SIGN_UP}),
            scope=OfferScope(minimum_basket=1_000),
            limits=OfferLimits(per_member=1),
            starts_at=today,
            ends_at=until,
            valid_days=A_MONTH,
        ),
        OfferTerms(
            names={Language.JA: "お誕生日クーポン", Language.EN: "Happy birthday"},
            descriptions={Language.JA: "全品15%引きになります。", Language.EN: "15 % off everything."},
            benefit=Benefit(BenefitKind.PERCENT, 15, maximum_discount=3_000),
            distribution=Distribution.RULE,
            moments=frozenset({OfferMoment.BIRTHDAY}),
            starts_at=today,
            ends_at=until,
            valid_days=A_MONTH,
        ),
        OfferTerms(
            names={Language.JA: "お久しぶりクーポン", Language.EN: "We have missed you"},
            descriptions={Language.JA: "全品10%引きになります。", Language.EN: "10 % off everything."},
            benefit=Benefit(BenefitKind.PERCENT, 10, maximum_discount=2_000),
            distribution=Distribution.RULE,
            moments=frozenset({OfferMoment.ABSENCE}),
            issued_if=AbsentFor(A_MONTH),
            starts_at=today,
            ends_at=until,
            valid_days=A_MONTH,
            holdout_percent=20,
            variants=(OfferVariant("fifteen", 50, Benefit(BenefitKind.PERCENT, 15, 2_000)),),
        ),
    ]
    return [
        Offer(f"{number:032x}", 1, OfferState.ACTIVE, each, today, today)
        for number, each in enumerate(terms, start=1)
    ]
