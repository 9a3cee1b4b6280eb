"""Offers that are given at a moment, and what was decided of them."""

from typing import Any

from app.coupons.model import Coupon
from app.decisions.model import Decision, Moment, Outcome
from app.decisions.repository import DecisionRepository
from app.offers.model import Distribution, Offer, OfferMoment
from app.services import Services
from app.shared.ids import new_id
from app.shared.paging import PageRequest
from tests.offer_examples import a_published_offer

GIFT = OfferMoment.SIGN_UP


async def an_offer(services: Services, *moments: OfferMoment, **changes: Any) -> Offer:
    """An offer that is given at these moments, at sign-up unless told."""
    wanted = frozenset(moments or {GIFT})
    return await a_published_offer(services, distribution=Distribution.RULE, moments=wanted, **changes)


def a_moment(member_id: str, kind: OfferMoment = GIFT, **changes: Any) -> Moment:
    fields: dict[str, Any] = {"source": f"moment:{new_id()}", **changes}
    return Moment(kind, member_id=member_id, **fields)


async def wallet(services: Services, member_id: str) -> list[Coupon]:
    page = await services.coupons.wallet.page(member_id, frozenset(), PageRequest(100))
    return [held.coupon for held, _ in page.items]


async def decision_of(services: Services, moment: Moment) -> Decision:
    decision = await DecisionRepository(services.database).get(moment.source)
    assert decision is not None
    return decision


async def outcomes(services: Services, moment: Moment) -> dict[str, Outcome]:
    return {each.offer_id: each.outcome for each in (await decision_of(services, moment)).verdicts}
