"""The composition root: builds every service once."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from app.auth.door import Door
from app.auth.keys import KeyRing
from app.auth.partner_service import PartnerService
from app.auth.session_service import SessionService
from app.auth.tokens import AccessTokens
from app.beacons.service import BeaconService
from app.cards.service import CardService
from app.carts.service import CartService
from app.catalog.remembered_categories import RememberedCategories
from app.catalog.search_service import ProductSearch
from app.catalog.service import CatalogService
from app.check_ins.repository import CheckInRepository
from app.check_ins.service import CheckInService
from app.consents.service import ConsentService
from app.coupons.building import CouponServices, build_coupon_services
from app.coupons.facts import FactGathering
from app.events.service import EventService
from app.favourites.service import FavouriteService
from app.inbox.service import InboxService
from app.interests.service import InterestService
from app.inventory.availability_service import AvailabilityService
from app.inventory.hold_service import StockHoldService
from app.inventory.live import StockWatchService
from app.inventory.service import StockService
from app.inventory.stocked_products import StockedProducts
from app.jobs import jobs_of
from app.learning.facts import FactLearning
from app.learning.related import RelatedSkus
from app.members.rank_service import RankService
from app.members.ranks import RankRules
from app.members.service import MemberService
from app.messages.delivery import MessageDelivery, message_delivery
from app.messages.outbox import DevelopmentOutbox
from app.news.service import NewsService
from app.notifications.marketing import MarketingGate
from app.notifications.news_pushes import NewsPushes
from app.notifications.service_messages import ServiceMessages
from app.offers.service import OfferService
from app.orders.alternatives import Alternatives
from app.orders.changing import OrderChanging
from app.orders.checkout import CardCheckout
from app.orders.counter_service import CounterService
from app.orders.coupon_use import OrderCoupons
from app.orders.grounds import OrderGrounds
from app.orders.holding import OrderHolding
from app.orders.live import OrderWatchService
from app.orders.placing import OrderPlacing
from app.orders.point_use import OrderPoints
from app.orders.policy_service import PickupPolicyService
from app.orders.quoting import OrderQuoting
from app.orders.receipt_service import ReceiptService, Retailer
from app.orders.refunding import OrderRefunding
from app.orders.repository import OrderRepository
from app.orders.service import OrderService
from app.orders.settling import OrderSettling
from app.orders.slot_service import SlotService
from app.orders.timekeeping import OrderTimekeeping
from app.payments.gateways import gateways_of
from app.payments.service import PaymentService
from app.point_rules.service import PointRulesService
from app.points.service import PointService
from app.purchases.history import PurchaseHistory
from app.purchases.ordered import OrderPurchases
from app.purchases.recording import PurchaseRecording
from app.purchases.reporting import ReceiptReports
from app.purchases.rewarding import PurchaseRewards
from app.purchases.service import PurchaseService
from app.purchases.snapshot import PosSnapshots
from app.push.delivery import PushDeliverer
from app.push.senders import push_senders
from app.push.service import PushService
from app.recommendations.beacons import BeaconRecommendations
from app.recommendations.service import RecommendationService
from app.search_history.service import SearchHistoryService
from app.shared.clock import Clock, SystemClock
from app.shared.database import Database
from app.shared.events import EventLog
from app.shared.idempotency import Idempotency
from app.shared.lockouts import Lockouts
from app.shared.push_settings import QuietHours
from app.shared.rate_limits import RateLimits
from app.shared.settings import Settings
from app.sign_in.codes import SignInCodes
from app.sign_in.merging import GuestMerging
from app.sign_in.service import SignInService
from app.staff.device_service import StoreDeviceService
from app.staff.pin_tries import PinTries
from app.staff.pins import PinHasher
from app.staff.service import StaffService
from app.staff.sign_in_service import StaffSignInService
from app.stores.nearby import NearbyStores
from app.stores.service import StoreService
from app.webhooks.delivery import WebhookDeliverer
from app.webhooks.dispatch import WebhookDispatch
from app.webhooks.posting import WebhookPoster
from app.webhooks.service import WebhookService
from app.worker import Worker

KEYS_FOLDER = "keys"


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the API can ask for."""

    database: Database
    clock: Clock
    messages: MessageDelivery
    development_outbox: DevelopmentOutbox
    payments: PaymentService
    signing_keys: KeyRing
    access_tokens: AccessTokens
    door: Door
    sessions: SessionService
    partners: PartnerService
    members: MemberService
    ranks: RankService
    stores: StoreService
    staff: StaffService
    staff_sign_in: StaffSignInService
    store_devices: StoreDeviceService
    catalog: CatalogService
    product_search: ProductSearch
    search_history: SearchHistoryService
    favourites: FavouriteService
    interests: InterestService
    beacons: BeaconService
    consents: ConsentService
    stock: StockService
    stock_holds: StockHoldService
    stock_watch: StockWatchService
    availability: AvailabilityService
    offers: OfferService
    coupons: CouponServices
    points: PointService
    check_ins: CheckInService
    point_rules: PointRulesService
    purchases: PurchaseService
    purchase_history: PurchaseHistory
    pos_snapshots: PosSnapshots
    cards: CardService
    carts: CartService
    receipts: ReceiptService
    sign_in: SignInService
    orders: OrderService
    counter: CounterService
    pickup_slots: SlotService
    pickup_policies: PickupPolicyService
    order_watch: OrderWatchService
    order_timekeeping: OrderTimekeeping
    order_settling: OrderSettling
    order_refunding: OrderRefunding
    news: NewsService
    inbox: InboxService
    push: PushService
    fact_learning: FactLearning
    recommendations: RecommendationService
    beacon_recommendations: BeaconRecommendations
    related_skus: RelatedSkus
    events: EventService
    webhooks: WebhookService
    worker: Worker
    time_zone: ZoneInfo


def open_database(settings: Settings) -> Database:
    """The database that the settings name. `MONGODB_URI` must be set by now."""
    if settings.mongodb_uri is None:
        raise ValueError("MONGODB_URI is not set")
    return Database.connect(
        settings.mongodb_uri,
        settings.mongodb_database,
        settings.mongo_driver,
        settings.mongodb_connections,
    )


def build_services(settings: Settings, database: Database, clock: Clock | None = None) -> Services:
    """The services on this database. Makes the signing key in the data folder at the first call."""
    clock = clock or SystemClock()
    time_zone = ZoneInfo(settings.time_zone)
    development_outbox = DevelopmentOutbox(database, clock)
    signing_keys = KeyRing(settings.data_dir / KEYS_FOLDER, clock.now())
    access_tokens = AccessTokens(
        signing_keys,
        settings.issuer,
        settings.audience,
        timedelta(minutes=settings.access_token_minutes),
    )
    sessions = SessionService(database, access_tokens, clock)
    events = EventLog(database)
    idempotency = Idempotency(database, clock)
    limits = RateLimits(database, clock)
    pin_tries = PinTries(Lockouts(database, clock))
    pins = PinHasher()
    stores = StoreService(database)
    nearby_stores = NearbyStores(database, clock)
    event_feed = EventService(database, stores)
    partners = PartnerService(database, sessions, access_tokens, events, stores, clock)
    members = MemberService(
        database, sessions, events, stores, limits, clock, time_zone, settings.new_guests_per_network
    )
    ranks = RankService(database, events, clock, RankRules(time_zone, settings.rank_grace_months))
    categories = RememberedCategories(database, clock)
    points = PointService(database, clock, settings.point_validity_months, time_zone)
    messages = message_delivery(settings, development_outbox, clock)
    codes = SignInCodes(
        database,
        messages,
        limits,
        clock,
        settings.retailer_name,
        urlsplit(settings.issuer).hostname or settings.issuer,
        settings.sms_countries,
        settings.sign_in_codes_per_network,
    )
    cards = CardService(
        database, members, ranks, sessions, stores, points, idempotency, limits, events, clock
    )
    search_history = SearchHistoryService(database, clock)
    catalog = CatalogService(database, categories, events, clock)
    point_rules = PointRulesService(database, sessions, stores, events, clock)
    reports = ReceiptReports(stores, catalog, point_rules, time_zone)
    rewards = PurchaseRewards(members, ranks, points, clock, time_zone, settings.return_window_days)
    recording = PurchaseRecording(database, members, ranks, cards, rewards, events, clock)
    purchase_history = PurchaseHistory(database, members, reports, rewards, limits, events, clock)
    product_search = ProductSearch(database, categories, StockedProducts(nearby_stores), clock)
    favourites = FavouriteService(database)
    beacons = BeaconService(database, stores, events, clock)
    interests = InterestService(database, catalog, favourites, search_history, clock)
    offers = OfferService(database, stores, catalog, events, clock)
    facts = FactGathering(
        database,
        members,
        ranks,
        catalog,
        search_history,
        CheckInRepository(database),
        OrderRepository(database),
        clock,
        time_zone,
    )
    coupons = build_coupon_services(
        database,
        offers,
        stores,
        catalog,
        members,
        points,
        facts,
        idempotency,
        limits,
        events,
        clock,
        time_zone,
    )
    check_ins = CheckInService(
        database, stores, points, coupons.issuing, idempotency, events, clock, settings.check_in_points
    )
    transfer_time = timedelta(hours=settings.transfer_hours)
    stock = StockService(database, catalog, product_search, stores, events, clock)
    stock_holds = StockHoldService(database, clock)
    carts = CartService(database, catalog, stock, stores, clock)
    slots = SlotService(database, stores, clock)
    holding = OrderHolding(stock_holds, slots)
    order_points = OrderPoints(points, clock)
    order_coupons = OrderCoupons(coupons.use, catalog, clock, settings.order_earn_percent)
    alternatives = Alternatives(stock, stores, clock)
    earn_percent = settings.order_earn_percent
    grounds = OrderGrounds(database, members, points, stores, slots, catalog, stock, clock)
    quoting = OrderQuoting(grounds, points, slots, alternatives, order_coupons, clock, earn_percent)
    placing = OrderPlacing(
        database,
        quoting,
        stock,
        alternatives,
        holding,
        slots,
        order_points,
        order_coupons,
        carts,
        events,
        clock,
    )
    payments = PaymentService(database, gateways_of(settings, database, clock), events, clock)
    checkout = CardCheckout(database, placing, holding, slots, payments, idempotency, clock)
    settling = OrderSettling(database, payments, events, clock)
    retailer = Retailer(settings.retailer_name, settings.invoice_registration_number)
    receipts = ReceiptService(database, stores, signing_keys, retailer, clock)
    order_purchases = OrderPurchases(
        database, members, ranks, stores, point_rules, reports, rewards, recording, clock
    )
    changing = OrderChanging(
        database,
        holding,
        slots,
        order_points,
        order_purchases,
        order_coupons,
        settling,
        receipts,
        events,
        clock,
        earn_percent,
    )
    refunding = OrderRefunding(
        database, changing, order_points, order_purchases, stock, idempotency, clock, earn_percent
    )
    orders = OrderService(
        database, quoting, placing, checkout, order_coupons, changing, stores, idempotency, clock
    )
    news = NewsService(database, sessions, members, ranks, stores, check_ins, idempotency, events, clock)
    inbox = InboxService(database, news, clock)
    merging = GuestMerging(
        database,
        members,
        ranks,
        points,
        check_ins,
        purchase_history,
        orders,
        carts,
        coupons.wallet,
        search_history,
        inbox,
        interests,
        beacons,
        events,
        clock,
    )
    consents = ConsentService(database, search_history, interests, beacons, events, clock)
    quiet = QuietHours.read(settings.quiet_hours)
    senders = push_senders(settings, clock)
    push = PushService(database, senders, quiet, clock, time_zone)
    push_deliverer = PushDeliverer(
        database, senders, sessions, members, consents, inbox, quiet, clock, time_zone
    )
    timekeeping = OrderTimekeeping(database, changing, clock)
    may_post_privately = settings.webhook_private_addresses
    webhooks = WebhookService(
        database, sessions, partners, event_feed, limits, events, clock, may_post_privately
    )
    dispatch = WebhookDispatch(database, event_feed, partners, clock)
    deliverer = WebhookDeliverer(
        database, event_feed, events, partners, WebhookPoster(may_post_privately), clock
    )
    service_messages = ServiceMessages(database, event_feed, orders, stores, inbox, push, clock)
    gate = MarketingGate(database, consents, quiet, time_zone, settings.marketing_pushes_per_day)
    news_pushes = NewsPushes(database, news, event_feed, stores, gate, push, quiet, clock)
    fact_learning = FactLearning(database, event_feed, check_ins, orders, catalog, interests)
    related_skus = RelatedSkus(database, clock)
    recommendations = RecommendationService(
        interests, related_skus, catalog, product_search, stock, stores, clock
    )
    jobs = jobs_of(
        dispatch,
        deliverer,
        service_messages,
        news_pushes,
        push_deliverer,
        timekeeping,
        settling,
        payments,
        coupons.takes,
        fact_learning,
        related_skus,
    )
    return Services(
        database=database,
        clock=clock,
        messages=messages,
        development_outbox=development_outbox,
        payments=payments,
        signing_keys=signing_keys,
        access_tokens=access_tokens,
        sessions=sessions,
        partners=partners,
        door=Door(access_tokens, sessions, partners, clock),
        cards=cards,
        carts=carts,
        receipts=receipts,
        members=members,
        ranks=ranks,
        stores=stores,
        staff=StaffService(database, sessions, stores, pins, pin_tries, events, clock),
        staff_sign_in=StaffSignInService(database, sessions, pins, pin_tries, events, clock),
        store_devices=StoreDeviceService(database, sessions, stores, limits, events, clock),
        catalog=catalog,
        product_search=product_search,
        search_history=search_history,
        consents=consents,
        favourites=favourites,
        interests=interests,
        beacons=beacons,
        stock=stock,
        stock_holds=stock_holds,
        stock_watch=StockWatchService(database, catalog, nearby_stores, clock),
        availability=AvailabilityService(
            database, catalog, product_search, nearby_stores, clock, transfer_time
        ),
        offers=offers,
        coupons=coupons,
        points=points,
        check_ins=check_ins,
        point_rules=point_rules,
        purchases=PurchaseService(database, reports, recording, clock),
        purchase_history=purchase_history,
        pos_snapshots=PosSnapshots(members, point_rules, offers, clock),
        sign_in=SignInService(database, codes, members, sessions, merging, events, clock),
        orders=orders,
        counter=CounterService(database, changing, catalog, cards, idempotency, clock),
        pickup_slots=slots,
        pickup_policies=PickupPolicyService(database, stores, events, clock),
        order_watch=OrderWatchService(database),
        order_settling=settling,
        order_refunding=refunding,
        order_timekeeping=timekeeping,
        news=news,
        inbox=inbox,
        push=push,
        fact_learning=fact_learning,
        recommendations=recommendations,
        beacon_recommendations=BeaconRecommendations(beacons, recommendations),
        related_skus=related_skus,
        events=event_feed,
        webhooks=webhooks,
        worker=Worker(database, jobs, clock),
        time_zone=time_zone,
    )
