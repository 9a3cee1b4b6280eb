"""What headquarters give to define offers and segments."""

from datetime import datetime

import strawberry

from app.offers import model
from app.offers.conditions import Condition
from app.shared.channels import Channel
from app.shared.clock import whole_milliseconds
from graphql_schema.catalog.upsert_types import BilingualTextInput
from graphql_schema.node import key_of
from graphql_schema.offers.condition_inputs import ConditionInput, condition_of
from graphql_schema.offers.enums import Distribution, OfferMoment, Pick
from graphql_schema.repetition import KEY
from graphql_schema.stores.types import Weekday

TERMS = ("input", "terms")


@strawberry.input(description="What a coupon gives: exactly one of these.", one_of=True)
class BenefitInput:
    percent: int | None = strawberry.field(default=strawberry.UNSET, description="Percent off: 1 to 100.")
    amount: int | None = strawberry.field(default=strawberry.UNSET, description="Yen off: 1 to 1,000,000.")
    fixed_price: int | None = strawberry.field(
        default=strawberry.UNSET, description="Yen a piece: 0 to 1,000,000."
    )
    free_items: int | None = strawberry.field(
        default=strawberry.UNSET, description="So many of the cheapest pieces are free: 1 to 99."
    )
    points_multiplier: int | None = strawberry.field(
        default=strawberry.UNSET, description="So many times the points: 2 to 50."
    )
    bonus_points: int | None = strawberry.field(
        default=strawberry.UNSET, description="Points on top: 1 to 100,000."
    )
    free_shipping: bool | None = strawberry.field(default=strawberry.UNSET, description="True.")


@strawberry.input(description="What an offer applies to. Lists that are empty mean everything.")
class OfferScopeInput:
    sku_ids: list[strawberry.ID] = strawberry.field(default_factory=list, description="At most 200 SKUs.")
    category_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="At most 200 categories, with all below them."
    )
    brands: list[str] = strawberry.field(default_factory=list, description="At most 200 brands.")
    minimum_basket: int = strawberry.field(
        default=0, description="So much of it, in yen, must be in the basket: 0 to 100,000,000."
    )
    pick: Pick | None = strawberry.field(
        default=None, description="Whether just the cheapest or the dearest pieces count."
    )
    pieces: int | None = strawberry.field(default=None, description="How many of these: 1 to 99.")


@strawberry.input(description="When and where a coupon may be used. Lists that are empty mean all.")
class UsableWhenInput:
    weekdays: list[Weekday] = strawberry.field(default_factory=list, description="Days of the week.")
    from_minute: int = strawberry.field(
        default=0, description="From so many minutes after midnight by the store's clock: 0 to 1,439."
    )
    until_minute: int = strawberry.field(
        default=24 * 60,
        description="Until just before so many: 1 to 1,440; less than the first: over midnight.",
    )
    store_ids: list[strawberry.ID] = strawberry.field(default_factory=list, description="At most 200 stores.")
    channels: list[Channel] = strawberry.field(default_factory=list, description="Channels.")


@strawberry.input(description="How often at the most. What is left out has no limit.")
class OfferLimitsInput:
    issued: int | None = strawberry.field(default=None, description="Coupons that are given in all.")
    per_member: int | None = strawberry.field(default=None, description="Coupons that a member is given.")
    per_member_a_day: int | None = strawberry.field(
        default=None, description="Coupons that a member is given on one day of the retailer's calendar."
    )
    redeemed: int | None = strawberry.field(default=None, description="Uses in all.")
    a_day: int | None = strawberry.field(
        default=None, description="Uses in all on one day of the retailer's calendar."
    )
    per_store: int | None = strawberry.field(default=None, description="Uses at each store.")
    budget: int | None = strawberry.field(
        default=None,
        description="Discounts of all uses together, in yen. A use that would take more is refused whole.",
    )


@strawberry.input(description="What some of the members get instead, to learn what works better.")
class OfferVariantInput:
    name: str = strawberry.field(description="At most 40 small letters and digits, joined by hyphens.")
    percent: int = strawberry.field(
        description="How many percent of the members: 1 to 100, of all variants at most 100 together."
    )
    benefit: BenefitInput = strawberry.field(description="What a coupon gives.")
    maximum_discount: int | None = strawberry.field(
        default=None, description="What one use takes off at the most, in yen."
    )
    names: BilingualTextInput | None = strawberry.field(
        default=None, description="1 to 60 characters; without it, the offer's own."
    )
    descriptions: BilingualTextInput | None = strawberry.field(
        default=None, description="At most 500 characters; without it, the offer's own."
    )

    def to_model(self) -> model.OfferVariant:
        return model.OfferVariant(
            self.name,
            self.percent,
            _benefit_of(self.benefit, self.maximum_discount),
            self.names.to_model() if self.names else None,
            self.descriptions.to_model() if self.descriptions else None,
        )


@strawberry.input(description="All that an offer says.")
class OfferTermsInput:
    names: BilingualTextInput = strawberry.field(description="1 to 60 characters.")
    descriptions: BilingualTextInput = strawberry.field(description="At most 500 characters.")
    benefit: BenefitInput = strawberry.field(description="What a coupon gives.")
    maximum_discount: int | None = strawberry.field(
        default=None, description="What one use takes off at the most, in yen."
    )
    distribution: Distribution = strawberry.field(description="How members get it.")
    starts_at: datetime = strawberry.field(description="From when it is given.")
    ends_at: datetime = strawberry.field(description="Until just before when; within 3 years.")
    scope: OfferScopeInput = strawberry.field(
        default_factory=OfferScopeInput, description="What it applies to."
    )
    usable_when: UsableWhenInput = strawberry.field(
        default_factory=UsableWhenInput, description="When and where."
    )
    limits: OfferLimitsInput = strawberry.field(default_factory=OfferLimitsInput, description="How often.")
    issued_if: ConditionInput | None = strawberry.field(default=None, description="Who may have it.")
    usable_if: ConditionInput | None = strawberry.field(
        default=None, description="Who may use it, asked when it is used."
    )
    code: str | None = strawberry.field(
        default=None, description="For the distribution CODE: 4 to 20 capital letters and digits."
    )
    valid_until: datetime | None = strawberry.field(
        default=None, description="When coupons expire; without it, when the offer ends."
    )
    valid_days: int | None = strawberry.field(
        default=None, description="Days from its issue after which a coupon expires: 1 to 1,000."
    )
    stacking_group: str | None = strawberry.field(
        default=None,
        description=(
            "Coupons of different groups are used together, one of each; without a group it is used alone. "
            "Small letters, digits and hyphens."
        ),
    )
    priority: int = strawberry.field(default=0, description="The higher comes first: 0 to 1,000.")
    moments: list[OfferMoment] = strawberry.field(
        default_factory=list,
        description="For the distribution RULE, at least one. ABSENCE wants a condition `absentForDays`.",
    )
    holdout_percent: int = strawberry.field(
        default=0,
        description=(
            "So many percent of the members are given none, always the same, to tell what it brings: 0 to 90."
        ),
    )
    variants: list[OfferVariantInput] = strawberry.field(
        default_factory=list, description="At most 5; who is in none of them gets the offer as it is."
    )


@strawberry.input(description="An offer to be.")
class CreateOfferInput:
    terms: OfferTermsInput = strawberry.field(description="All that it says.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="What an offer shall say from now on, for coupons that are issued later.")
class UpdateOfferInput:
    offer_id: strawberry.ID = strawberry.field(description="The offer.")
    version: int = strawberry.field(
        description="The version that the caller has seen: an older one is refused."
    )
    terms: OfferTermsInput = strawberry.field(description="All that it says.")


@strawberry.input(description="An offer.")
class OfferInput:
    offer_id: strawberry.ID = strawberry.field(description="The offer.")


@strawberry.input(description="A named set of members, by rule.")
class DefineSegmentInput:
    code: str = strawberry.field(description="At most 40 small letters and digits, joined by hyphens.")
    names: BilingualTextInput = strawberry.field(description="1 to 40 characters.")
    condition: ConditionInput = strawberry.field(description="Who belongs to it; no other segments.")


def terms_of(terms: OfferTermsInput) -> model.OfferTerms:
    """What is wanted, its ids read. Raises InvalidId."""
    scope, when, limits = terms.scope, terms.usable_when, terms.limits
    return model.OfferTerms(
        names=terms.names.to_model(),
        descriptions=terms.descriptions.to_model(),
        benefit=_benefit_of(terms.benefit, terms.maximum_discount),
        distribution=terms.distribution,
        starts_at=whole_milliseconds(terms.starts_at),
        ends_at=whole_milliseconds(terms.ends_at),
        scope=model.OfferScope(
            _keys(scope.sku_ids, "Sku", "scope", "skuIds"),
            _keys(scope.category_ids, "Category", "scope", "categoryIds"),
            frozenset(scope.brands),
            scope.minimum_basket,
            scope.pick,
            scope.pieces,
        ),
        usable_when=model.UsableWhen(
            frozenset(day.value for day in when.weekdays),
            when.from_minute,
            when.until_minute,
            _keys(when.store_ids, "Store", "usableWhen", "storeIds"),
            frozenset(when.channels),
        ),
        limits=model.OfferLimits(
            limits.issued,
            limits.per_member,
            limits.per_member_a_day,
            limits.redeemed,
            limits.a_day,
            limits.per_store,
            limits.budget,
        ),
        issued_if=_condition(terms.issued_if, "issuedIf"),
        usable_if=_condition(terms.usable_if, "usableIf"),
        code=terms.code,
        valid_until=whole_milliseconds(terms.valid_until) if terms.valid_until else None,
        valid_days=terms.valid_days,
        stacking_group=terms.stacking_group,
        priority=terms.priority,
        moments=frozenset(terms.moments),
        holdout_percent=terms.holdout_percent,
        variants=tuple(each.to_model() for each in terms.variants),
    )


def _benefit_of(benefit: BenefitInput, maximum_discount: int | None) -> model.Benefit:
    values = {
        model.BenefitKind.PERCENT: benefit.percent,
        model.BenefitKind.AMOUNT: benefit.amount,
        model.BenefitKind.FIXED_PRICE: benefit.fixed_price,
        model.BenefitKind.FREE_ITEM: benefit.free_items,
        model.BenefitKind.POINTS_MULTIPLIER: benefit.points_multiplier,
        model.BenefitKind.BONUS_POINTS: benefit.bonus_points,
    }
    kind, value = next(
        ((kind, value) for kind, value in values.items() if isinstance(value, int)),
        (model.BenefitKind.FREE_SHIPPING, 0),
    )
    return model.Benefit(kind, value, maximum_discount)


def _condition(condition: ConditionInput | None, field: str) -> Condition | None:
    return condition_of(condition, (*TERMS, field)) if condition else None


def _keys(ids: list[strawberry.ID], type_name: str, *path: str) -> frozenset[str]:
    return frozenset(key_of(each, type_name, [*TERMS, *path, str(number)]) for number, each in enumerate(ids))
