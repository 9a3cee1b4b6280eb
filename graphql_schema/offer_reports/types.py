"""What offers have brought. Readable by headquarters."""

import strawberry

from app.offer_reports import model
from app.shared.money import yen
from graphql_schema.money import Money, money_of


@strawberry.type(
    description="By how much those who were given an offer do better, with an interval of 95 % confidence."
)
class OfferEffect:
    difference: float = strawberry.field(
        description="What they do less what those do who were held out: a part of 1, or yen."
    )
    low: float = strawberry.field(description="The lower end of the interval.")
    high: float = strawberry.field(description="Its upper end; where 0 lies within, nothing is shown.")
    lift_percent: float | None = strawberry.field(
        description="The difference in percent of what those do who were held out; null where that is 0."
    )


@strawberry.type(description="Members who were given an offer, or held out of it; who allow personalization.")
class OfferGroup:
    group: strawberry.Private[model.Group]

    @strawberry.field(description="How many members.")
    def members(self) -> int:
        return self.group.members

    @strawberry.field(description="How many of them bought anything in the days that count.")
    def buyers(self) -> int:
        return self.group.buyers

    @strawberry.field(description="The part of them who bought, 0 to 1.")
    def buying_rate(self) -> float:
        return self.group.rate

    @strawberry.field(description="Yen a member of all that they bought in those days, less what came back.")
    def revenue_per_member(self) -> float:
        return self.group.mean


@strawberry.type(description="What came of a variant of an offer.")
class OfferVariantReport:
    report: strawberry.Private[model.VariantReport]

    @strawberry.field(description="The variant; null: the offer as it is.")
    def name(self) -> str | None:
        return self.report.name

    @strawberry.field(description="Coupons that were given.")
    def issued(self) -> int:
        return self.report.coupons.issued

    @strawberry.field(description="Those that a wallet has shown.")
    def seen(self) -> int:
        return self.report.coupons.seen

    @strawberry.field(description="Those that were used.")
    def redeemed(self) -> int:
        return self.report.coupons.redeemed

    @strawberry.field(description="Those who were given it.")
    def given(self) -> OfferGroup:
        return OfferGroup(group=self.report.given)

    @strawberry.field(
        description="The part who bought, against all who were held out (Newcombe); null: there are none."
    )
    def buying_rate_effect(self) -> OfferEffect | None:
        return effect_node(self.report.lift.buying_rate)

    @strawberry.field(
        description="Yen a member, against all who were held out (Welch); null: fewer than two of either."
    )
    def revenue_effect(self) -> OfferEffect | None:
        return effect_node(self.report.lift.revenue_per_member)


@strawberry.type(description="What an offer has brought by now. Readable by headquarters.")
class OfferReport:
    report: strawberry.Private[model.OfferReport]

    @strawberry.field(description="Coupons that were given.")
    def issued(self) -> int:
        return self.report.coupons.issued

    @strawberry.field(description="Those that a wallet has shown.")
    def seen(self) -> int:
        return self.report.coupons.seen

    @strawberry.field(description="Those that were used.")
    def redeemed(self) -> int:
        return self.report.coupons.redeemed

    @strawberry.field(
        description=(
            "What they took off in all, those that are held included. What was rolled back counts until the "
            "worker has given it back, some seconds later; `redeemed` leaves it out at once."
        )
    )
    def discount(self) -> Money:
        return money_of(yen(self.report.discount))

    @strawberry.field(description="Those who were given it, by a rule.")
    def given(self) -> OfferGroup:
        return OfferGroup(group=self.report.given)

    @strawberry.field(description="Those who would have been given it, and were held out.")
    def held_out(self) -> OfferGroup:
        return OfferGroup(group=self.report.held_out)

    @strawberry.field(
        description="The part who bought, given less held out (Newcombe's interval); null: a group is empty."
    )
    def buying_rate_effect(self) -> OfferEffect | None:
        return effect_node(self.report.lift.buying_rate)

    @strawberry.field(
        description="Yen a member, given less held out (Welch's interval); null: fewer than two of either."
    )
    def revenue_effect(self) -> OfferEffect | None:
        return effect_node(self.report.lift.revenue_per_member)

    @strawberry.field(description="The offer as it is, and each of its variants.")
    def variants(self) -> list[OfferVariantReport]:
        return [OfferVariantReport(report=each) for each in self.report.variants]

    @strawberry.field(description="Whether all decisions were looked at: of more than 200,000, the first.")
    def is_exact(self) -> bool:
        return self.report.is_exact


def effect_node(estimate: model.Estimate | None) -> OfferEffect | None:
    if estimate is None:
        return None
    lift = None if estimate.lift is None else 100 * estimate.lift
    return OfferEffect(
        difference=estimate.difference, low=estimate.low, high=estimate.high, lift_percent=lift
    )
