"""Builds the services of coupons, which share the transactions that use coupons together."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.catalog.service import CatalogService
from app.coupons.baskets import Baskets
from app.coupons.facts import FactGathering
from app.coupons.issuing import CouponIssuing
from app.coupons.preview import OfferPreviews
from app.coupons.service import WalletService
from app.coupons.take_groups import TakeGroups
from app.coupons.till import CouponTill
from app.coupons.use import CouponUse
from app.members.service import MemberService
from app.offers.service import OfferService
from app.points.service import PointService
from app.shared.clock import Clock
from app.shared.database import Database
from app.shared.events import EventLog
from app.shared.group_commit import GroupCommit
from app.shared.idempotency import Idempotency
from app.shared.rate_limits import RateLimits
from app.stores.service import StoreService


@dataclass(frozen=True, slots=True)
class CouponServices:
    """All that is done with coupons."""

    issuing: CouponIssuing
    wallet: WalletService
    till: CouponTill
    takes: TakeGroups
    use: CouponUse
    previews: OfferPreviews


def build_coupon_services(
    database: Database,
    offers: OfferService,
    stores: StoreService,
    catalog: CatalogService,
    members: MemberService,
    points: PointService,
    facts: FactGathering,
    idempotency: Idempotency,
    limits: RateLimits,
    events: EventLog,
    clock: Clock,
    time_zone: ZoneInfo,
) -> CouponServices:
    """The services, on what they need."""
    baskets = Baskets(catalog)
    takes = TakeGroups(database, offers, idempotency, events, clock, time_zone)
    groups = GroupCommit(takes.take)
    return CouponServices(
        issuing=CouponIssuing(database, offers, facts, idempotency, limits, events, clock, time_zone),
        wallet=WalletService(database, offers, stores, baskets, facts, clock),
        till=CouponTill(
            database, offers, stores, baskets, facts, points, groups, idempotency, limits, events, clock
        ),
        takes=takes,
        use=CouponUse(database, offers, baskets, facts, groups, events, clock),
        previews=OfferPreviews(offers, members, facts),
    )
