"""The composition root: builds every service once."""

from app.auth.building import build_auth_services
from app.beacons.service import BeaconService
from app.cards.service import CardService
from app.carts.service import CartService
from app.catalog.remembered_categories import RememberedCategories
from app.catalog.search_service import ProductSearch
from app.catalog.service import CatalogService
from app.check_ins.repository import CHECK_INS, CheckInRepository
from app.check_ins.service import CheckInService
from app.consents.service import ConsentService
from app.coupons.building import build_coupon_services
from app.coupons.facts import FactGathering
from app.decisions.drafting import DecisionDrafting
from app.decisions.log import DecisionLog
from app.decisions.service import OfferDecisions
from app.events.service import EventService
from app.favourites.service import FavouriteService
from app.inbox.service import InboxService
from app.interests.service import InterestService
from app.inventory.building import build_stock_services
from app.inventory.stocked_products import StockedProducts
from app.jobs import jobs_of
from app.members.rank_service import RankService
from app.members.ranks import RankRules
from app.members.service import MemberService
from app.messages.delivery import message_delivery
from app.messages.outbox import DevelopmentOutbox
from app.moments.building import build_moment_services
from app.news.service import NewsService
from app.notifications.building import build_notification_services
from app.offer_reports.service import OfferReports
from app.offers.service import OfferService
from app.orders.building import build_order_services
from app.payments.gateways import gateways_of
from app.payments.service import PaymentService
from app.point_rules.service import PointRulesService
from app.points.service import PointService
from app.purchases.building import build_purchase_services
from app.purchases.repository import PurchaseRepository
from app.push.push_repository import PUSHES
from app.recommendations.building import build_recommendation_services
from app.search_history.service import SearchHistoryService
from app.services import Services
from app.shared.clock import Clock, SystemClock
from app.shared.development_clock import DevelopmentClock
from app.shared.foundation import Foundation
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from app.sign_in.building import build_sign_in_service
from app.sign_in.merging import GuestMerging
from app.staff.building import build_staff_services
from app.stores.known_stores import KnownStores
from app.stores.service import StoreService
from app.webhooks.building import build_webhook_services
from app.webhooks.delivery_repository import WEBHOOK_DELIVERIES
from app.worker import Worker


def build_services(settings: Settings, database: Database, clock: Clock | None = None) -> Services:
    """The services on this database. Makes the signing key in the data folder at the first call."""
    development_clock = None
    if clock is None and settings.is_development:
        clock = development_clock = DevelopmentClock(database, (WEBHOOK_DELIVERIES, PUSHES))
    clock = clock or SystemClock()
    foundation = Foundation.lay(settings, database, clock)
    time_zone, events = foundation.time_zone, foundation.events
    idempotency, limits = foundation.idempotency, foundation.limits
    development_outbox = DevelopmentOutbox(database, clock)
    known_stores = KnownStores(database, foundation.snapshots)
    stores = StoreService(database, known_stores)
    known_callers = build_auth_services(foundation, stores)
    sessions, partners = known_callers.sessions, known_callers.partners
    event_feed = EventService(database, stores, carriers=[CHECK_INS])
    members = MemberService(
        database, sessions, events, stores, limits, clock, time_zone, settings.new_guests_per_network
    )
    ranks = RankService(database, events, clock, RankRules(time_zone, settings.rank_grace_months))
    categories = RememberedCategories(database, foundation.snapshots)
    points = PointService(database, clock, settings.point_validity_months, time_zone)
    messages = message_delivery(settings, development_outbox, clock)
    cards = CardService(
        database, members, ranks, sessions, partners, stores, points, idempotency, limits, events, clock
    )
    search_history = SearchHistoryService(database, clock)
    catalog = CatalogService(database, partners, categories, events, clock)
    point_rules = PointRulesService(
        database, sessions, stores, idempotency, events, foundation.snapshots, clock
    )
    product_search = ProductSearch(database, categories, StockedProducts(known_stores), clock)
    favourites = FavouriteService(database)
    beacons = BeaconService(database, stores, events, clock)
    interests = InterestService(database, catalog, favourites, search_history, clock)
    offers = OfferService(database, stores, catalog, idempotency, events, foundation.snapshots, clock)
    bought = build_purchase_services(
        foundation,
        members,
        ranks,
        cards,
        stores,
        known_stores,
        catalog,
        points,
        point_rules,
        offers,
        event_feed,
    )
    facts = FactGathering(
        database,
        members,
        ranks,
        catalog,
        interests,
        CheckInRepository(database),
        PurchaseRepository(database),
        clock,
        time_zone,
    )
    coupons = build_coupon_services(
        foundation, offers, stores, known_stores, catalog, members, point_rules, facts
    )
    decision_log = DecisionLog(database, clock)
    consents = ConsentService(database, (search_history, interests, decision_log), (beacons,), events, clock)
    decisions = OfferDecisions(
        foundation,
        DecisionDrafting(foundation, offers, coupons.figures, facts, interests, catalog, consents),
        coupons.issuing,
    )
    check_ins = CheckInService(database, stores, points, decisions, clock, settings.check_in_points)
    stocking = build_stock_services(foundation, catalog, product_search, stores, known_stores)
    carts = CartService(database, catalog, stocking.stock, stores, clock)
    payments = PaymentService(database, gateways_of(settings, database, clock), events, clock)
    ordering = build_order_services(
        foundation,
        members,
        points,
        stores,
        known_stores,
        catalog,
        stocking.stock,
        stocking.holds,
        carts,
        cards,
        coupons.use,
        bought.of_orders,
        payments,
        known_callers.signing_keys,
    )
    news = NewsService(
        database,
        sessions,
        members,
        ranks,
        stores,
        check_ins,
        idempotency,
        events,
        foundation.snapshots,
        clock,
    )
    inbox = InboxService(database, news, clock, time_zone)
    merging = GuestMerging(
        database,
        members,
        ranks,
        points,
        check_ins,
        bought.history,
        ordering.orders,
        carts,
        coupons.takeover,
        search_history,
        inbox,
        interests,
        beacons,
        decision_log,
        events,
        clock,
    )
    notifications = build_notification_services(
        foundation,
        sessions,
        members,
        consents,
        stores,
        ordering.orders,
        news,
        inbox,
        event_feed,
        coupons.wallet,
        catalog,
    )
    webhooks = build_webhook_services(foundation, sessions, partners, event_feed)
    employed = build_staff_services(foundation, sessions, stores)
    learning = build_recommendation_services(
        foundation,
        event_feed,
        check_ins,
        bought.history,
        interests,
        beacons,
        catalog,
        product_search,
        stocking.stock,
        stores,
        decisions,
    )
    moments = build_moment_services(
        foundation,
        event_feed,
        decisions,
        offers,
        members,
        check_ins,
        bought.history,
        search_history,
        catalog,
        stores,
    )
    jobs = jobs_of(webhooks, notifications, ordering, payments, coupons, bought, learning, moments)
    return Services(
        database=database,
        clock=clock,
        development_clock=development_clock,
        snapshots=foundation.snapshots,
        messages=messages,
        development_outbox=development_outbox,
        payments=payments,
        signing_keys=known_callers.signing_keys,
        access_tokens=known_callers.access_tokens,
        sessions=sessions,
        partners=partners,
        door=known_callers.door,
        cards=cards,
        carts=carts,
        receipts=ordering.receipts,
        members=members,
        ranks=ranks,
        stores=stores,
        staff=employed.staff,
        staff_sign_in=employed.sign_in,
        store_devices=employed.devices,
        catalog=catalog,
        product_search=product_search,
        search_history=search_history,
        consents=consents,
        favourites=favourites,
        interests=interests,
        beacons=beacons,
        stock=stocking.stock,
        stock_holds=stocking.holds,
        stock_watch=stocking.watch,
        availability=stocking.availability,
        offers=offers,
        coupons=coupons,
        decisions=decisions,
        moments=moments,
        offer_reports=OfferReports(database, offers, coupons.figures),
        points=points,
        check_ins=check_ins,
        point_rules=point_rules,
        purchases=bought.purchases,
        coupon_points=bought.coupon_points,
        purchase_history=bought.history,
        pos_snapshots=bought.snapshots,
        sign_in=build_sign_in_service(foundation, messages, members, sessions, merging),
        orders=ordering.orders,
        counter=ordering.counter,
        pickup_slots=ordering.slots,
        pickup_policies=ordering.policies,
        order_watch=ordering.watch,
        order_settling=ordering.settling,
        order_refunding=ordering.refunding,
        order_timekeeping=ordering.timekeeping,
        news=news,
        inbox=inbox,
        push=notifications.push,
        fact_learning=learning.fact_learning,
        recommendations=learning.recommendations,
        beacon_recommendations=learning.at_beacons,
        related_skus=learning.related_skus,
        events=event_feed,
        webhooks=webhooks.webhooks,
        worker=Worker(database, jobs, clock),
        time_zone=time_zone,
    )
