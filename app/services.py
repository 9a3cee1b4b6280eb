"""Everything that the API can ask for."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.auth.door import Door
from app.auth.keys import KeyRing
from app.auth.partner_service import PartnerService
from app.auth.session_service import SessionService
from app.auth.tokens import AccessTokens
from app.beacons.service import BeaconService
from app.cards.service import CardService
from app.carts.service import CartService
from app.catalog.search_service import ProductSearch
from app.catalog.service import CatalogService
from app.check_ins.service import CheckInService
from app.consents.service import ConsentService
from app.coupons.building import CouponServices
from app.decisions.service import OfferDecisions
from app.events.service import EventService
from app.favourites.service import FavouriteService
from app.inbox.service import InboxService
from app.interests.service import InterestService
from app.inventory.availability_service import AvailabilityService
from app.inventory.hold_service import StockHoldService
from app.inventory.live import StockWatchService
from app.inventory.service import StockService
from app.learning.facts import FactLearning
from app.learning.related import RelatedSkus
from app.members.rank_service import RankService
from app.members.service import MemberService
from app.messages.delivery import MessageDelivery
from app.messages.outbox import DevelopmentOutbox
from app.moments.building import MomentServices
from app.news.service import NewsService
from app.offer_reports.service import OfferReports
from app.offers.service import OfferService
from app.orders.counter_service import CounterService
from app.orders.live import OrderWatchService
from app.orders.policy_service import PickupPolicyService
from app.orders.receipt_service import ReceiptService
from app.orders.refunding import OrderRefunding
from app.orders.service import OrderService
from app.orders.settling import OrderSettling
from app.orders.slot_service import SlotService
from app.orders.timekeeping import OrderTimekeeping
from app.payments.service import PaymentService
from app.point_rules.service import PointRulesService
from app.points.service import PointService
from app.purchases.coupon_points import CouponPoints
from app.purchases.history import PurchaseHistory
from app.purchases.service import PurchaseService
from app.purchases.snapshot import PosSnapshots
from app.push.service import PushService
from app.recommendations.beacons import BeaconRecommendations
from app.recommendations.service import RecommendationService
from app.search_history.service import SearchHistoryService
from app.shared.clock import Clock
from app.shared.development_clock import DevelopmentClock
from app.shared.mongodb.database import Database
from app.shared.mongodb.snapshots import Snapshots
from app.sign_in.service import SignInService
from app.staff.device_service import StoreDeviceService
from app.staff.service import StaffService
from app.staff.sign_in_service import StaffSignInService
from app.stores.service import StoreService
from app.webhooks.service import WebhookService
from app.worker import Worker


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the API can ask for. `development_clock` is the clock itself where it can be moved."""

    database: Database
    clock: Clock
    development_clock: DevelopmentClock | None
    snapshots: Snapshots
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
    decisions: OfferDecisions
    moments: MomentServices
    offer_reports: OfferReports
    points: PointService
    check_ins: CheckInService
    point_rules: PointRulesService
    purchases: PurchaseService
    purchase_history: PurchaseHistory
    coupon_points: CouponPoints
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
