"""Builds the services of purchases, which record, reward and show the same receipts."""

from dataclasses import dataclass

from app.cards.service import CardService
from app.catalog.service import CatalogService
from app.coupons.receipts import ReceiptUses
from app.members.rank_service import RankService
from app.members.service import MemberService
from app.offers.service import OfferService
from app.point_rules.service import PointRulesService
from app.points.service import PointService
from app.purchases.coupon_points import CouponPoints, EventFeed
from app.purchases.history import PurchaseHistory
from app.purchases.ordered import OrderPurchases
from app.purchases.recording import PurchaseRecording
from app.purchases.reporting import ReceiptReports
from app.purchases.rewarding import PurchaseRewards
from app.purchases.service import PurchaseService
from app.purchases.snapshot import PosSnapshots
from app.shared.foundation import Foundation
from app.stores.known_stores import KnownStores
from app.stores.service import StoreService


@dataclass(frozen=True, slots=True)
class PurchaseServices:
    """All that is done with purchases."""

    purchases: PurchaseService
    history: PurchaseHistory
    of_orders: OrderPurchases
    coupon_points: CouponPoints
    snapshots: PosSnapshots


def build_purchase_services(
    foundation: Foundation,
    members: MemberService,
    ranks: RankService,
    cards: CardService,
    stores: StoreService,
    known_stores: KnownStores,
    catalog: CatalogService,
    points: PointService,
    point_rules: PointRulesService,
    offers: OfferService,
    event_feed: EventFeed,
) -> PurchaseServices:
    """The services, on what they need."""
    database, events, clock = foundation.database, foundation.events, foundation.clock
    time_zone, return_window_days = foundation.time_zone, foundation.settings.return_window_days
    reports = ReceiptReports(database, stores, catalog, point_rules, time_zone)
    rewards = PurchaseRewards(members, ranks, points, clock, time_zone, return_window_days)
    recording = PurchaseRecording(database, members, ranks, cards, rewards, events, clock)
    return PurchaseServices(
        purchases=PurchaseService(database, reports, recording, events, clock),
        history=PurchaseHistory(database, members, reports, rewards, foundation.limits, events, clock),
        of_orders=OrderPurchases(
            database,
            members,
            ranks,
            catalog,
            known_stores,
            point_rules,
            reports,
            rewards,
            recording,
            clock,
        ),
        coupon_points=CouponPoints(database, event_feed, ReceiptUses(database), stores, points, clock),
        snapshots=PosSnapshots(members, point_rules, offers, clock),
    )
