"""What an offer would do now: whom it would reach, and what it would cost."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, sqrt

from app.catalog.service import CatalogService
from app.coupons.facts import FactGathering
from app.members.model import Member
from app.members.service import MemberService
from app.offers.conditions import MemberFacts, holds
from app.offers.costs import BY_SPENDING, FORMULAS, CostGrounds, cost_of_use
from app.offers.model import OfferTerms
from app.offers.needed_facts import Fact, needed_facts
from app.offers.service import OfferService
from app.point_rules.service import PointRulesService
from app.shared.i18n import Language

MEMBERS_AT_ONCE = 500
MOST_EXAMINED = 10_000  # of whom a share is off by half a percentage point at most: see `error_points`
SAMPLE_SIZE = 10


@dataclass(frozen=True, slots=True)
class OfferPreview:
    """How many members would get the offer now, and the numbers of some of them.

    `is_exact` unless there are more members than were examined, who are then a random sample of all.
    `cost_if_all_use` is in yen: what it costs if each of those found uses one coupon, within the limits; None
    where that cannot be told. `formula` says by what.
    """

    examined: int
    is_exact: bool
    eligible: int
    sample: tuple[str, ...]
    cost_if_all_use: int | None
    formula: Mapping[Language, str]

    @property
    def error_points(self) -> float:
        """The standard error of the share that is eligible, in percentage points: 0 when it is exact."""
        if self.is_exact:
            return 0.0
        share = self.eligible / self.examined
        return 100 * sqrt(share * (1 - share) / self.examined)


class OfferPreviews:
    """Evaluates an offer for the members there are."""

    def __init__(
        self,
        offers: OfferService,
        members: MemberService,
        catalog: CatalogService,
        point_rules: PointRulesService,
        facts: FactGathering,
    ) -> None:
        self._offers = offers
        self._members = members
        self._catalog = catalog
        self._point_rules = point_rules
        self._facts = facts

    async def preview(self, offer_id: str) -> OfferPreview:
        """Whom the offer would reach now, of up to 10,000 members. Raises OfferNotFound."""
        offer = await self._offers.require(offer_id, ["offerId"])
        condition = await self._offers.evaluable(offer.terms.issued_if)
        benefit, scope = offer.terms.benefit, offer.terms.scope
        price = await self._catalog.average_price(scope.sku_ids, scope.category_ids, scope.brands)
        needed = needed_facts(condition)
        if benefit.kind in BY_SPENDING:
            needed |= {Fact.PURCHASES}
        grounds = CostGrounds(price, (await self._point_rules.current()).yen_per_point)
        examined = eligible = 0
        costs: list[float] = []
        sample: list[str] = []
        async for members in self._batches():
            examined += len(members)
            numbers = {member.id: member.number for member in members}
            facts = await self._facts.of_members(members, needed)
            found = [each for each in facts if holds(condition, each)]
            eligible += len(found)
            costs += [cost_of_use(benefit, scope, _average(each), grounds) for each in found]
            sample += [numbers[each.member_id] for each in found[: SAMPLE_SIZE - len(sample)]]
        return OfferPreview(
            examined=examined,
            is_exact=examined < MOST_EXAMINED,
            eligible=eligible,
            sample=tuple(sample),
            cost_if_all_use=_within_limits(offer.terms, costs),
            formula=FORMULAS[benefit.kind],
        )

    async def _batches(self) -> AsyncIterator[list[Member]]:
        last, examined = "", 0
        while examined < MOST_EXAMINED:
            members = await self._members.batch_after(last, MEMBERS_AT_ONCE)
            if not members:
                return
            yield members
            examined += len(members)
            last = members[-1].number


def _average(facts: MemberFacts) -> int:
    """What she buys for at one time, in yen; 0 where that is not known."""
    spent = [each.yen for each in facts.purchases]
    return sum(spent) // len(spent) if spent else 0


def _within_limits(terms: OfferTerms, costs: Sequence[float]) -> int | None:
    """The dearest uses that the limits allow, together; None where one of them cannot be told."""
    if inf in costs:
        return None
    dearest = sorted(map(int, costs), reverse=True)
    counts = [each for each in (terms.limits.issued, terms.limits.redeemed) if each is not None]
    total = sum(dearest[: min(counts, default=len(dearest))])
    return total if terms.limits.budget is None else min(total, terms.limits.budget)
