"""Builds what learns from members, and what it is recommended by."""

from dataclasses import dataclass

from app.beacons.service import BeaconService
from app.catalog.search_service import ProductSearch
from app.catalog.service import CatalogService
from app.check_ins.service import CheckInService
from app.decisions.service import OfferDecisions
from app.events.service import EventService
from app.interests.service import InterestService
from app.inventory.service import StockService
from app.learning.facts import FactLearning
from app.learning.related import RelatedSkus
from app.purchases.history import PurchaseHistory
from app.recommendations.beacons import BeaconRecommendations
from app.recommendations.service import RecommendationService
from app.shared.foundation import Foundation
from app.stores.service import StoreService


@dataclass(frozen=True, slots=True)
class RecommendationServices:
    """All that is learnt and recommended."""

    fact_learning: FactLearning
    related_skus: RelatedSkus
    recommendations: RecommendationService
    at_beacons: BeaconRecommendations


def build_recommendation_services(
    foundation: Foundation,
    event_feed: EventService,
    check_ins: CheckInService,
    purchases: PurchaseHistory,
    interests: InterestService,
    beacons: BeaconService,
    catalog: CatalogService,
    product_search: ProductSearch,
    stock: StockService,
    stores: StoreService,
    decisions: OfferDecisions,
) -> RecommendationServices:
    """The services, on what they need."""
    database, clock = foundation.database, foundation.clock
    related_skus = RelatedSkus(database, clock)
    recommendations = RecommendationService(
        database, interests, related_skus, catalog, product_search, stock, stores, clock
    )
    return RecommendationServices(
        fact_learning=FactLearning(database, event_feed, check_ins, purchases, catalog, interests),
        related_skus=related_skus,
        recommendations=recommendations,
        at_beacons=BeaconRecommendations(beacons, recommendations, decisions, stores),
    )
