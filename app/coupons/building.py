"""Builds the services of coupons, which share the transactions that use coupons together."""

from dataclasses import dataclass

from app.catalog.service import CatalogService
from app.coupons.baskets import Baskets
from app.coupons.facts import FactGathering
from app.coupons.figures import CouponFigures
from app.coupons.issuing import CouponIssuing
from app.coupons.preview import OfferPreviews
from app.coupons.service import WalletService
from app.coupons.take_groups import TakeGroups
from app.coupons.taking_over import CouponTakeover
from app.coupons.till import CouponTill
from app.coupons.use import CouponUse
from app.members.service import MemberService
from app.offers.service import OfferService
from app.point_rules.service import PointRulesService
from app.shared.foundation import Foundation
from app.shared.mongodb.group_commit import GroupCommit
from app.stores.known_stores import KnownStores
from app.stores.service import StoreService


@dataclass(frozen=True, slots=True)
class CouponServices:
    """All that is done with coupons."""

    issuing: CouponIssuing
    figures: CouponFigures
    wallet: WalletService
    till: CouponTill
    takes: TakeGroups
    use: CouponUse
    previews: OfferPreviews
    takeover: CouponTakeover


def build_coupon_services(
    foundation: Foundation,
    offers: OfferService,
    stores: StoreService,
    known_stores: KnownStores,
    catalog: CatalogService,
    members: MemberService,
    point_rules: PointRulesService,
    facts: FactGathering,
) -> CouponServices:
    """The services, on what they need."""
    database, clock, time_zone = foundation.database, foundation.clock, foundation.time_zone
    events, idempotency, limits = foundation.events, foundation.idempotency, foundation.limits
    baskets = Baskets(catalog)
    takes = TakeGroups(database, offers, idempotency, events, clock, time_zone)
    groups = GroupCommit(takes.take)
    return CouponServices(
        issuing=CouponIssuing(database, offers, facts, idempotency, limits, events, clock, time_zone),
        figures=CouponFigures(database, clock, time_zone),
        wallet=WalletService(database, offers, stores, baskets, facts, clock),
        till=CouponTill(
            database, offers, stores, known_stores, baskets, facts, groups, idempotency, limits, events, clock
        ),
        takes=takes,
        use=CouponUse(database, offers, baskets, facts, groups, events, clock),
        previews=OfferPreviews(offers, members, catalog, point_rules, facts),
        takeover=CouponTakeover(database, offers, events, clock, time_zone),
    )
