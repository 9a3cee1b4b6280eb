"""Builds what notices the moments at which members may be given coupons."""

from dataclasses import dataclass

from app.catalog.service import CatalogService
from app.check_ins.service import CheckInService
from app.decisions.service import OfferDecisions
from app.events.service import EventService
from app.members.service import MemberService
from app.moments.absences import Absences
from app.moments.birthdays import Birthdays
from app.moments.following import MomentFollowing
from app.moments.searches import FruitlessSearches
from app.moments.windows import Windows
from app.offers.service import OfferService
from app.purchases.history import PurchaseHistory
from app.search_history.service import SearchHistoryService
from app.shared.foundation import Foundation
from app.stores.service import StoreService


@dataclass(frozen=True, slots=True)
class MomentServices:
    """All that notices moments."""

    following: MomentFollowing
    birthdays: Birthdays
    absences: Absences
    searches: FruitlessSearches


def build_moment_services(
    foundation: Foundation,
    event_feed: EventService,
    decisions: OfferDecisions,
    offers: OfferService,
    members: MemberService,
    check_ins: CheckInService,
    purchases: PurchaseHistory,
    searches: SearchHistoryService,
    catalog: CatalogService,
    stores: StoreService,
) -> MomentServices:
    """The services, on what they need."""
    database, clock = foundation.database, foundation.clock
    windows = Windows(database, clock)
    return MomentServices(
        following=MomentFollowing(event_feed, decisions, members, check_ins, purchases, stores, clock),
        birthdays=Birthdays(database, offers, members, decisions, clock, foundation.time_zone),
        absences=Absences(windows, offers, members, check_ins, purchases, decisions),
        searches=FruitlessSearches(
            windows, offers, searches, purchases, catalog, decisions, foundation.time_zone
        ),
    )
