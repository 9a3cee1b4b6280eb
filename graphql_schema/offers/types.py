"""Offers and segments. Readable by headquarters; members see what their coupons say of them."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from app.offers import conditions, model, segments
from app.offers.condition_documents import leaf_document
from app.offers.texts import benefit_text
from app.shared.channels import Channel
from app.shared.i18n import language_of
from graphql_schema.columns import column
from graphql_schema.connections import Connection
from graphql_schema.context import Info
from graphql_schema.locale import Locale
from graphql_schema.node import Node, encode_id
from graphql_schema.offers.enums import BenefitKind, Distribution, OfferMoment, OfferState, Pick
from graphql_schema.stores.types import Store, Weekday, load_lists_of_stores


@strawberry.type(description="What a coupon gives.")
class Benefit:
    benefit: strawberry.Private[model.Benefit]

    @strawberry.field(description="What kind of benefit.")
    def kind(self) -> BenefitKind:
        return self.benefit.kind

    @strawberry.field(description="Percent, yen, yen a piece, pieces, times or points, by its kind.")
    def value(self) -> int:
        return self.benefit.value

    @strawberry.field(description="What one use takes off at the most, in yen; null: no limit.")
    def maximum_discount(self) -> int | None:
        return self.benefit.maximum_discount

    @strawberry.field(description="In words, as in `10 % off`.")
    def text(self, info: Info, locale: Locale = None) -> str:
        return benefit_text(self.benefit, language_of(locale) or info.context.language)


@strawberry.type(description="What an offer applies to. Lists that are empty mean everything.")
class OfferScope:
    scope: strawberry.Private[model.OfferScope]

    @strawberry.field(description="SKUs, by the retailer's own codes.")
    def sku_codes(self) -> list[str]:
        return sorted(self.scope.sku_ids)

    @strawberry.field(description="Categories with all below them, by the retailer's own codes.")
    def category_codes(self) -> list[str]:
        return sorted(self.scope.category_ids)

    @strawberry.field(description="Brands.")
    def brands(self) -> list[str]:
        return sorted(self.scope.brands)

    @strawberry.field(description="So much of it, in yen, must be in the basket.")
    def minimum_basket(self) -> int:
        return self.scope.minimum_basket

    @strawberry.field(description="Whether just the cheapest or dearest pieces count; null: all.")
    def pick(self) -> Pick | None:
        return self.scope.pick

    @strawberry.field(description="How many of these.")
    def pieces(self) -> int | None:
        return self.scope.pieces


@strawberry.type(description="When and where a coupon may be used. Lists that are empty mean all.")
class UsableWhen:
    when: strawberry.Private[model.UsableWhen]

    @strawberry.field(description="Days of the week.")
    def weekdays(self) -> list[Weekday]:
        return [Weekday(day) for day in sorted(self.when.weekdays)]

    @strawberry.field(description="From so many minutes after midnight by the store's clock.")
    def from_minute(self) -> int:
        return self.when.from_minute

    @strawberry.field(description="Until just before so many minutes; less than the first: over midnight.")
    def until_minute(self) -> int:
        return self.when.until_minute

    @column(description="Stores.")
    @staticmethod
    async def stores(windows: Sequence["UsableWhen"], info: Info) -> Sequence[list[Store] | Exception]:
        return await load_lists_of_stores([sorted(each.when.store_ids) for each in windows], info)

    @strawberry.field(description="Channels.")
    def channels(self) -> list[Channel]:
        return sorted(self.when.channels)


@strawberry.type(description="How often at the most; null: no limit.")
class OfferLimits:
    issued: int | None = strawberry.field(description="Coupons that are given in all.")
    per_member: int | None = strawberry.field(description="Coupons that a member is given.")
    per_member_a_day: int | None = strawberry.field(description="Coupons that a member is given on one day.")
    redeemed: int | None = strawberry.field(description="Uses in all.")
    a_day: int | None = strawberry.field(description="Uses in all on one day.")
    per_store: int | None = strawberry.field(description="Uses at each store.")
    budget: int | None = strawberry.field(description="Discounts of all uses together, in yen.")


@strawberry.type(description="What some of the members get instead of what the offer says.")
class OfferVariant:
    variant: strawberry.Private[model.OfferVariant]
    terms: strawberry.Private[model.OfferTerms]
    name: str = strawberry.field(description="Names it within the offer.")
    percent: int = strawberry.field(description="How many percent of the members get it.")

    @strawberry.field(description="What a coupon gives.")
    def benefit(self) -> Benefit:
        return Benefit(benefit=self.variant.benefit)

    @strawberry.field(description="What the coupon is called.")
    def title(self, info: Info, locale: Locale = None) -> str:
        names = self.terms.as_variant(self.variant.name).names
        return names[language_of(locale) or info.context.language]


@strawberry.type(description="A value of a condition.")
class ConditionValue:
    name: str = strawberry.field(description="What it is.")
    value: str = strawberry.field(description="As text.")


@strawberry.type(description="A node of a condition.")
class OfferCondition:
    condition: strawberry.Private[conditions.Condition]

    @strawberry.field(description="What it says, such as `AllOf` or `RankAtLeast`.")
    def kind(self) -> str:
        return type(self.condition).__name__

    @strawberry.field(description="Its values; none for what joins others.")
    def values(self) -> list[ConditionValue]:
        if isinstance(self.condition, conditions.AllOf | conditions.AnyOf | conditions.Not):
            return []
        found = leaf_document(self.condition)
        return [
            ConditionValue(name=name, value=str(value)) for name, value in found.items() if name != "kind"
        ]

    @strawberry.field(description="The conditions that it joins or turns round.")
    def conditions(self) -> list["OfferCondition"]:
        match self.condition:
            case conditions.AllOf(conditions=inner) | conditions.AnyOf(conditions=inner):
                return [OfferCondition(condition=each) for each in inner]
            case conditions.Not(condition=negated):
                return [OfferCondition(condition=negated)]
            case _:
                return []


@strawberry.type(description="What headquarters define and members get as coupons. Readable by headquarters.")
class Offer(Node):
    offer: strawberry.Private[model.Offer]

    @strawberry.field(description="The version of its terms; coupons keep the one they were issued under.")
    def version(self) -> int:
        return self.offer.version

    @strawberry.field(description="Where it stands at this moment.")
    def state(self, info: Info) -> OfferState:
        return self.offer.state_at(info.context.now)

    @strawberry.field(description="Its name.")
    def name(self, info: Info, locale: Locale = None) -> str:
        return self.offer.terms.names[language_of(locale) or info.context.language]

    @strawberry.field(description="What it says; perhaps empty.")
    def description(self, info: Info, locale: Locale = None) -> str:
        return self.offer.terms.descriptions[language_of(locale) or info.context.language]

    @strawberry.field(description="What a coupon gives.")
    def benefit(self) -> Benefit:
        return Benefit(benefit=self.offer.terms.benefit)

    @strawberry.field(description="How members get it.")
    def distribution(self) -> Distribution:
        return self.offer.terms.distribution

    @strawberry.field(description="From when it is given.")
    def starts_at(self) -> datetime:
        return self.offer.terms.starts_at

    @strawberry.field(description="Until just before when.")
    def ends_at(self) -> datetime:
        return self.offer.terms.ends_at

    @strawberry.field(description="When coupons expire; null: when the offer ends.")
    def valid_until(self) -> datetime | None:
        return self.offer.terms.valid_until

    @strawberry.field(description="Days from its issue after which a coupon expires.")
    def valid_days(self) -> int | None:
        return self.offer.terms.valid_days

    @strawberry.field(description="What it applies to.")
    def scope(self) -> OfferScope:
        return OfferScope(scope=self.offer.terms.scope)

    @strawberry.field(description="When and where a coupon may be used.")
    def usable_when(self) -> UsableWhen:
        return UsableWhen(when=self.offer.terms.usable_when)

    @strawberry.field(description="How often at the most.")
    def limits(self) -> OfferLimits:
        limits = self.offer.terms.limits
        return OfferLimits(
            issued=limits.issued,
            per_member=limits.per_member,
            per_member_a_day=limits.per_member_a_day,
            redeemed=limits.redeemed,
            a_day=limits.a_day,
            per_store=limits.per_store,
            budget=limits.budget,
        )

    @strawberry.field(description="Who may have it; null: everybody.")
    def issued_if(self) -> OfferCondition | None:
        return _condition_node(self.offer.terms.issued_if)

    @strawberry.field(description="Who may use it; null: everybody.")
    def usable_if(self) -> OfferCondition | None:
        return _condition_node(self.offer.terms.usable_if)

    @strawberry.field(description="The code that members type in, where it is given so.")
    def code(self) -> str | None:
        return self.offer.terms.code

    @strawberry.field(description="Coupons of different groups are used together; null: it is used alone.")
    def stacking_group(self) -> str | None:
        return self.offer.terms.stacking_group

    @strawberry.field(description="The higher comes first.")
    def priority(self) -> int:
        return self.offer.terms.priority

    @strawberry.field(description="At which moments members are given it without asking.")
    def moments(self) -> list[OfferMoment]:
        return sorted(self.offer.terms.given_at)

    @strawberry.field(description="So many percent of the members are given none, to tell what it brings.")
    def holdout_percent(self) -> int:
        return self.offer.terms.holdout_percent

    @strawberry.field(description="What some of the members get instead, at most 5.")
    def variants(self) -> list[OfferVariant]:
        terms = self.offer.terms
        return [
            OfferVariant(variant=each, terms=terms, name=each.name, percent=each.percent)
            for each in terms.variants
        ]


@strawberry.type(description="A named set of members, by rule. Readable by headquarters.")
class Segment:
    code: str = strawberry.field(description="Names it once and for all.")
    segment: strawberry.Private[segments.Segment]

    @strawberry.field(description="What it is called.")
    def name(self, info: Info, locale: Locale = None) -> str:
        return self.segment.names[language_of(locale) or info.context.language]

    @strawberry.field(description="Who belongs to it.")
    def condition(self) -> OfferCondition:
        return OfferCondition(condition=self.segment.condition)


OfferConnection = Connection[Offer]


def offer_node(offer: model.Offer) -> Offer:
    return Offer(id=encode_id("Offer", offer.id), offer=offer)


def segment_node(segment: segments.Segment) -> Segment:
    return Segment(code=segment.code, segment=segment)


def _condition_node(condition: conditions.Condition | None) -> OfferCondition | None:
    return OfferCondition(condition=condition) if condition else None
