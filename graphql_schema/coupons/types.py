"""Coupons and redemptions. A coupon is readable by the member who has it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from app.coupons import model, service
from app.coupons.codes import shown_code
from app.coupons.explaining import CouponExplanation, named_categories, named_stores
from app.coupons.model import CouponState, RedemptionState
from app.offers.model import OfferMoment, OfferTerms
from app.offers.texts import reason_text
from app.shared.i18n import Language, language_of
from app.shared.money import yen
from graphql_schema.columns import all_or_error, column
from graphql_schema.connections import Connection
from graphql_schema.context import Info
from graphql_schema.coupons.inputs import CouponLineInput, items_of
from graphql_schema.locale import Locale
from graphql_schema.money import Money, money_of
from graphql_schema.node import Node, encode_id, key_of
from graphql_schema.offers.types import Benefit, OfferScope, UsableWhen
from graphql_schema.permissions import may_read
from graphql_schema.results import UserError, user_errors
from graphql_schema.stores.types import Store, load_stores

strawberry.enum(CouponState, description="Where a coupon stands.")
strawberry.enum(RedemptionState, description="Where a use of a coupon stands.")


@strawberry.type(description="What a coupon says, in the version that it was issued under.")
class CouponOffer:
    terms: strawberry.Private[OfferTerms]

    @strawberry.field(description="Its name.")
    def name(self, info: Info, locale: Locale = None) -> str:
        return self.terms.names[language_of(locale) or info.context.language]

    @strawberry.field(description="What it says; perhaps empty.")
    def description(self, info: Info, locale: Locale = None) -> str:
        return self.terms.descriptions[language_of(locale) or info.context.language]

    @strawberry.field(description="What it gives.")
    def benefit(self) -> Benefit:
        return Benefit(benefit=self.terms.benefit)

    @strawberry.field(description="What it applies to.")
    def scope(self) -> OfferScope:
        return OfferScope(scope=self.terms.scope)

    @strawberry.field(description="When and where it may be used.")
    def usable_when(self) -> UsableWhen:
        return UsableWhen(when=self.terms.usable_when)

    @strawberry.field(description="Coupons of different groups are used together; null: it is used alone.")
    def stacking_group(self) -> str | None:
        return self.terms.stacking_group


@strawberry.type(description="One reason why a member has a coupon.")
class ExplanationReason:
    kind: str = strawberry.field(description="The condition that held, such as `InterestedInCategory`.")
    text: str = strawberry.field(description="In words.")


@strawberry.type(description="Why a member has a coupon, in words and in data.")
class Explanation:
    text: str = strawberry.field(description="In words, with when and where it can be used.")
    moment: OfferMoment | None = strawberry.field(
        description="When she was given it without asking; null where she asked for it."
    )
    reasons: list[ExplanationReason] = strawberry.field(
        description="The conditions that held when it was given; none where it is for everybody."
    )


@strawberry.type(description="Whether a coupon can be used, and what it would do; nothing is held.")
class Usability:
    is_usable: bool = strawberry.field(description="Whether nothing is in the way.")
    discount: Money = strawberry.field(description="What it takes off these lines by itself.")
    bonus_points: int = strawberry.field(description="Points on top.")
    points_multiplier: int = strawberry.field(description="How many times the points; 1: no more than usual.")
    obstacles: list[UserError] = strawberry.field(
        description="All that is in the way, in words and as codes, as in `Needs ¥1,200 more of food.`"
    )


Lines = Annotated[
    list[CouponLineInput] | None,
    strawberry.argument(description="What is bought, 1 to 200 lines; without it, that is not asked."),
]


@strawberry.type(description="A coupon in a member's wallet. Readable by the member herself.")
class Coupon(Node):
    held: strawberry.Private[model.CouponWithTerms]

    @property
    def owner_id(self) -> str:
        return self.held.coupon.member_id

    @strawberry.field(description="What it says.")
    def offer(self) -> CouponOffer:
        return CouponOffer(terms=self.held.terms)

    @strawberry.field(description="Where it stands at this moment.")
    def state(self, info: Info) -> CouponState:
        return self.held.coupon.state_at(info.context.now)

    @strawberry.field(
        description="What the till takes: 17 characters in groups, of which the last checks the others."
    )
    def code(self) -> str:
        return shown_code(self.held.coupon.code)

    @strawberry.field(description="When it was given.")
    def issued_at(self) -> datetime:
        return self.held.coupon.issued_at

    @strawberry.field(description="When it expires: from that very moment on it cannot be used.")
    def expires_at(self) -> datetime:
        return self.held.coupon.expires_at

    @strawberry.field(description="When it was used.")
    def used_at(self) -> datetime | None:
        return self.held.coupon.used_at

    @column(description="Where it was used.")
    @staticmethod
    async def used_store(coupons: Sequence["Coupon"], info: Info) -> Sequence[Store | Exception | None]:
        return await load_stores([each.held.coupon.used_store_id for each in coupons], info)

    @column(description="Why she has it.")
    @staticmethod
    async def why(coupons: Sequence["Coupon"], info: Info, locale: Locale = None) -> Sequence[Explanation]:
        language = language_of(locale) or info.context.language
        explained = await explain([each.held for each in coupons], info)
        return [_explanation_node(each, language) for each in explained]

    @strawberry.field(description="Whether it can be used at a store now, for these lines if they are given.")
    async def usability(
        self,
        info: Info,
        store_id: Annotated[strawberry.ID, strawberry.argument(description="The store.")],
        lines: Lines = None,
    ) -> Usability:
        usability = await info.context.services.coupons.wallet.usability(
            self.held.coupon, key_of(store_id, "Store", ["storeId"]), items_of(lines or [], ["lines"])
        )
        return usability_node(usability, info)


@strawberry.type(description="A use of a coupon. Readable by the till or staff who asked for it.")
class Redemption:
    redemption: strawberry.Private[model.Redemption]

    @strawberry.field(description="For `rollbackRedemption`; opaque and stable.")
    def id(self) -> strawberry.ID:
        return encode_id("Redemption", self.redemption.id)

    @strawberry.field(description="Where it stands at this moment.")
    def state(self, info: Info) -> RedemptionState:
        return self.redemption.state_at(info.context.now)

    @strawberry.field(description="What it takes off in all.")
    def discount(self) -> Money:
        return money_of(yen(self.redemption.discount))

    @strawberry.field(
        description="Points that it gives on top, earned with the purchase that the receipt becomes."
    )
    def bonus_points(self) -> int:
        return self.redemption.bonus_points

    @strawberry.field(
        description="How many times the points of the goods that it is for; 1: no more than usual."
    )
    def points_multiplier(self) -> int:
        return self.redemption.points_multiplier

    @strawberry.field(description="When it was made good.")
    def redeemed_at(self) -> datetime | None:
        return self.redemption.redeemed_at

    @strawberry.field(description="When it was taken back.")
    def rolled_back_at(self) -> datetime | None:
        return self.redemption.rolled_back_at


@strawberry.type(description="What a coupon takes off a line of a receipt.")
class LineDiscount:
    line: int = strawberry.field(description="The number of the line, from 1.")
    discount: Money = strawberry.field(description="Off the line, for all of its pieces.")


@strawberry.type(description="What an offer would do now.")
class OfferPreview:
    examined: int = strawberry.field(description="How many members were looked at: at most 10,000.")
    is_exact: bool = strawberry.field(
        description="Whether these are all members; else they are a random sample of all."
    )
    eligible: int = strawberry.field(description="How many of them would get it now.")
    error_points: float = strawberry.field(
        description=(
            "How far the share of them that is eligible may well be from that of all members: its standard "
            "error in percentage points, at most 0.5. 0 when exact."
        )
    )
    sample: list[str] = strawberry.field(description="The member numbers of up to 10 of these.")
    cost_if_all_use: Money | None = strawberry.field(
        description=(
            "What it costs if each of those found uses one coupon, within the limits: the dearest uses that "
            "these allow; null where that cannot be told."
        )
    )
    formula: str = strawberry.field(description="By what the cost of one use is foreseen, in words.")


CouponConnection = Connection[Coupon]


def coupon_node(held: model.CouponWithTerms) -> Coupon:
    return Coupon(id=encode_id("Coupon", held.coupon.id), held=held)


def shown_coupon(held: model.CouponWithTerms, info: Info) -> Coupon:
    """A coupon that its member is shown: after the answer, it is marked as seen."""
    if held.coupon.seen_at is None:
        info.context.shown_coupons.add(held.coupon.id)
    return coupon_node(held)


def usability_node(usability: service.Usability, info: Info) -> Usability:
    return Usability(
        is_usable=not usability.obstacles,
        discount=money_of(yen(usability.discount)),
        bonus_points=usability.bonus_points,
        points_multiplier=usability.points_multiplier,
        obstacles=user_errors(usability.obstacles, info.context.language),
    )


async def load_coupon(coupon_id: str, info: Info) -> Coupon | None:
    """The coupon with this key, if the caller may read it."""
    wallet = info.context.services.coupons.wallet
    found = await wallet.get(coupon_id)
    if found is None:
        return None
    (held,) = await wallet.with_terms([found])
    node = coupon_node(held)
    return node if may_read(info.context, "Coupon", node) else None


async def explain(coupons: Sequence[model.CouponWithTerms], info: Info) -> list[CouponExplanation]:
    """Why she has each coupon, with the names of all that they are about."""
    services = info.context.services
    store_ids = [store_id for held in coupons for store_id in named_stores(held)]
    stores = all_or_error(await info.context.stores.find(store_ids))
    if isinstance(stores, Exception):
        raise stores
    named = {each.id: each.names for each in stores if each is not None}
    for category_id in {category_id for held in coupons for category_id in named_categories(held)}:
        category = (await services.catalog.categories()).get(category_id)
        if category is not None:
            named[category_id] = category.names
    return [CouponExplanation(held, named, services.time_zone) for held in coupons]


def _explanation_node(explained: CouponExplanation, language: Language) -> Explanation:
    coupon = explained.held.coupon
    reasons = [
        ExplanationReason(kind=type(leaf).__name__, text=reason_text(leaf, explained.names, language))
        for leaf in coupon.reasons
    ]
    return Explanation(text=explained.text(language), moment=coupon.moment, reasons=reasons)
