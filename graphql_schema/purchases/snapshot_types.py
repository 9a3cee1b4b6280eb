"""What a till goes on by while it is offline. Readable by the partner who asked."""

from datetime import datetime

import strawberry

from app.offers.model import Offer, OfferTerms
from app.purchases import snapshot
from app.shared.i18n import Language
from app.shared.paging import PageRequest
from graphql_schema.connections import After, Connection, First, connection_of
from graphql_schema.context import Info
from graphql_schema.node import encode_id
from graphql_schema.offers.types import Benefit, OfferScope, UsableWhen
from graphql_schema.point_rules.types import (
    PointCampaign,
    PointRules,
    point_campaign_node,
    point_rules_node,
)


@strawberry.type(description="A card that is none any more. For tills.")
class RevokedCard:
    number: str = strawberry.field(description="The member number that was on it.")
    revoked_at: datetime = strawberry.field(description="Since when.")


RevokedCardConnection = Connection[RevokedCard]


@strawberry.type(description="What some members' coupons of an offer give instead. For tills.")
class PosOfferVariant:
    terms: strawberry.Private[OfferTerms]

    @strawberry.field(description="What such a coupon is called in Japanese.")
    def name_ja(self) -> str:
        return self.terms.names[Language.JA]

    @strawberry.field(description="What such a coupon is called in English.")
    def name_en(self) -> str:
        return self.terms.names[Language.EN]

    @strawberry.field(description="What such a coupon gives.")
    def benefit(self) -> Benefit:
        return Benefit(benefit=self.terms.benefit)


@strawberry.type(
    description=(
        "What everybody may know of an offer that is given now: neither its limits and codes nor who may "
        "have it. Whether a coupon is good is known here alone. For tills."
    )
)
class PosOffer:
    offer: strawberry.Private[Offer]

    @strawberry.field(description="The offer, as coupons name it.")
    def id(self) -> strawberry.ID:
        return encode_id("Offer", self.offer.id)

    @strawberry.field(description="The version of its terms.")
    def version(self) -> int:
        return self.offer.version

    @strawberry.field(description="What it is called in Japanese.")
    def name_ja(self) -> str:
        return self.offer.terms.names[Language.JA]

    @strawberry.field(description="What it is called in English.")
    def name_en(self) -> str:
        return self.offer.terms.names[Language.EN]

    @strawberry.field(description="What a coupon gives.")
    def benefit(self) -> Benefit:
        return Benefit(benefit=self.offer.terms.benefit)

    @strawberry.field(description="What some members' coupons give instead, told by their names; at most 5.")
    def variants(self) -> list[PosOfferVariant]:
        terms = self.offer.terms
        return [PosOfferVariant(terms=terms.as_variant(each.name)) for each in terms.variants]

    @strawberry.field(description="What it applies to.")
    def scope(self) -> OfferScope:
        return OfferScope(scope=self.offer.terms.scope)

    @strawberry.field(description="When and where a coupon may be used.")
    def usable_when(self) -> UsableWhen:
        return UsableWhen(when=self.offer.terms.usable_when)

    @strawberry.field(description="Until just before when it is given.")
    def ends_at(self) -> datetime:
        return self.offer.terms.ends_at

    @strawberry.field(description="Coupons of different groups are used together; null: it is used alone.")
    def stacking_group(self) -> str | None:
        return self.offer.terms.stacking_group

    @strawberry.field(description="The higher comes first.")
    def priority(self) -> int:
        return self.offer.terms.priority


@strawberry.type(description="What a till goes on by while it cannot reach us. For tills.")
class PosSnapshot:
    snapshot: strawberry.Private[snapshot.PosSnapshot]

    @strawberry.field(description="The moment of the snapshot.")
    def taken_at(self) -> datetime:
        return self.snapshot.taken_at

    @strawberry.field(description="Give it as `since` when you ask for the next snapshot.")
    def next_since(self) -> datetime:
        return self.snapshot.next_since

    @strawberry.field(description="What purchases earn now.")
    def point_rules(self) -> PointRules:
        return point_rules_node(self.snapshot.rules)

    @strawberry.field(description="All campaigns that have not ended, the first to end first; at most 1,000.")
    def point_campaigns(self) -> list[PointCampaign]:
        return [point_campaign_node(campaign) for campaign in self.snapshot.campaigns]

    @strawberry.field(description="The offers that are given now, by the public part of their terms.")
    def offers(self) -> list[PosOffer]:
        return [PosOffer(offer=offer) for offer in self.snapshot.offers]

    @strawberry.field(
        description=(
            "Cards that were revoked since the moment that was asked for, the first revoked first. A receipt "
            "with such a number is still taken, for the member whom its holder became."
        )
    )
    async def revoked_cards(
        self, info: Info, first: First = 100, after: After = None
    ) -> RevokedCardConnection:
        snapshots = info.context.services.pos_snapshots
        page = await snapshots.revoked_cards(self.snapshot.since, PageRequest(first, after))
        return connection_of(page, lambda card: RevokedCard(number=card.number, revoked_at=card.revoked_at))
