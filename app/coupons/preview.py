"""What an offer would do now: whom it would reach, and what it would cost."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from app.coupons.facts import FactGathering
from app.members.model import Member
from app.members.service import MemberService
from app.offers.conditions import MemberFacts, holds
from app.offers.model import Benefit, BenefitKind, OfferTerms
from app.offers.service import OfferService

MEMBERS_AT_ONCE = 500
MOST_EXAMINED = 20_000
SAMPLE_SIZE = 10


@dataclass(frozen=True, slots=True)
class OfferPreview:
    """How many members would get the offer now, and the numbers of some of them.

    `is_exact` unless there are more members than were examined. `cost_if_all_use` is in yen: what it costs if
    each of them uses one coupon for what she buys on average, within the limits; None where that cannot be
    told from what she spent.
    """

    examined: int
    is_exact: bool
    eligible: int
    sample: tuple[str, ...]
    cost_if_all_use: int | None


class OfferPreviews:
    """Evaluates an offer for the members there are."""

    def __init__(self, offers: OfferService, members: MemberService, facts: FactGathering) -> None:
        self._offers = offers
        self._members = members
        self._facts = facts

    async def preview(self, offer_id: str) -> OfferPreview:
        """Whom the offer would reach now, among the first 20,000 members. Raises OfferNotFound."""
        offer = await self._offers.require(offer_id, ["offerId"])
        condition = await self._offers.evaluable(offer.terms.issued_if)
        examined = eligible = 0
        costs: list[int | None] = []
        sample: list[str] = []
        async for members in self._batches():
            examined += len(members)
            numbers = {member.id: member.number for member in members}
            found = [each for each in await self._facts.of_members(members) if holds(condition, each)]
            eligible += len(found)
            costs += [_cost(offer.terms.benefit, each) for each in found]
            sample += [numbers[each.member_id] for each in found[: SAMPLE_SIZE - len(sample)]]
        return OfferPreview(
            examined=examined,
            is_exact=examined < MOST_EXAMINED,
            eligible=eligible,
            sample=tuple(sample),
            cost_if_all_use=_within_limits(offer.terms, costs),
        )

    async def _batches(self) -> AsyncIterator[list[Member]]:
        last, examined = "", 0
        while examined < MOST_EXAMINED:
            members = await self._members.batch_after(last, MEMBERS_AT_ONCE)
            if not members:
                return
            yield members
            examined += len(members)
            last = members[-1].id


def _cost(benefit: Benefit, facts: MemberFacts) -> int | None:
    """What one use costs for what she buys on average."""
    spent = [each.yen for each in facts.purchases]
    average = sum(spent) // len(spent) if spent else 0
    match benefit.kind:
        case BenefitKind.PERCENT:
            return min(average * benefit.value // 100, benefit.maximum_discount or average)
        case BenefitKind.AMOUNT:
            return min(benefit.value, average) if average else benefit.value
        case BenefitKind.BONUS_POINTS:
            return benefit.value
        case BenefitKind.FREE_SHIPPING:
            return 0
        case _:
            return None


def _within_limits(terms: OfferTerms, costs: Sequence[int | None]) -> int | None:
    """The dearest uses that the limits allow, together."""
    if None in costs:
        return None
    dearest = sorted((each for each in costs if each is not None), reverse=True)
    counts = [each for each in (terms.limits.issued, terms.limits.redeemed) if each is not None]
    total = sum(dearest[: min(counts, default=len(dearest))])
    return total if terms.limits.budget is None else min(total, terms.limits.budget)
