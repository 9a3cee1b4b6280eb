"""Offers that many tests start from."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.offers.conditions import MemberFacts
from app.offers.model import Benefit, BenefitKind, Distribution, Offer, OfferMove, OfferTerms
from app.services import Services
from app.shared.i18n import Language
from tests.conftest import NOON_IN_TOKYO as NOW

TOKYO = ZoneInfo("Asia/Tokyo")


def ten_percent() -> Benefit:
    return Benefit(BenefitKind.PERCENT, 10)


def some_terms(now: datetime = NOW, **changes: Any) -> OfferTerms:
    """10 % off everything for a month, claimed in the app."""
    fields: dict[str, Any] = {
        "names": {Language.JA: "秋の10%引き", Language.EN: "Autumn 10 % off"},
        "descriptions": {Language.JA: "秋のお買い物に。", Language.EN: "For autumn."},
        "benefit": ten_percent(),
        "distribution": Distribution.CLAIM,
        "starts_at": now - timedelta(days=1),
        "ends_at": now + timedelta(days=30),
    }
    return OfferTerms(**{**fields, **changes})


def some_facts(**changes: Any) -> MemberFacts:
    """A member of whom nothing else is known, at noon on a Saturday."""
    fields: dict[str, Any] = {"member_id": "member", "local_time": NOW.astimezone(TOKYO)}
    return MemberFacts(**{**fields, **changes})


async def a_published_offer(services: Services, **changes: Any) -> Offer:
    offer = await services.offers.create(some_terms(services.clock.now(), **changes))
    return await services.offers.move(offer.id, OfferMove.PUBLISH)
