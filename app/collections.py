"""Every collection there is: what a database is prepared with."""

from app.auth.partners import PARTNERS
from app.auth.sessions import SESSIONS
from app.beacons.repository import BEACON_VISITS, BEACONS
from app.cards.repository import CARD_VERIFICATIONS
from app.carts.repository import CARTS
from app.catalog.repository import CATEGORY_TREES, PRODUCTS
from app.catalog.search_repository import PRODUCT_SEARCH
from app.check_ins.repository import CHECK_INS
from app.consents.repository import CONSENT_ENTRIES
from app.coupons.redemption_repository import REDEMPTIONS
from app.coupons.repository import COUPON_CODES, COUPONS
from app.decisions.repository import OFFER_DECISIONS, OFFER_RECEIPTS
from app.events.repository import EVENT_SEQUENCES
from app.favourites.repository import FAVOURITES
from app.inbox.documents import INBOX_ENTRIES
from app.interests.repository import INTEREST_EVENTS, INTERESTS
from app.inventory.hold_repository import STOCK_HOLDS
from app.inventory.level_repository import STOCK_LEVELS
from app.inventory.movement_repository import STOCK_MOVEMENTS
from app.learning.progress import LEARNING_PROGRESS
from app.learning.related_repository import RELATED_SKUS
from app.members.rank_repository import RANK_CHANGES
from app.members.repository import MEMBERS
from app.messages.outbox import DEVELOPMENT_OUTBOX
from app.news.repository import NEWS, NEWS_BOARDS
from app.notifications.marketing import MARKETING_COUNTS
from app.notifications.news_pushes import NEWS_PUSHES
from app.offers.counter_repository import OFFER_COUNTERS
from app.offers.repository import OFFER_VERSIONS, OFFERS, SEGMENTS
from app.orders.checkout_repository import CHECKOUTS
from app.orders.repository import ORDERS
from app.orders.slot_repository import PICKUP_POLICIES, PICKUP_SLOTS
from app.payments.repository import PAYMENT_ACTS, PAYMENT_NOTICES, PAYMENTS
from app.payments.sandbox import SANDBOX_CHARGES
from app.point_rules.repository import POINT_CAMPAIGNS, POINT_RULES
from app.points.repository import POINT_ENTRIES
from app.purchases.repository import PURCHASES
from app.purchases.return_repository import PURCHASE_RETURNS, RECEIPT_CONFLICTS
from app.push.device_repository import PUSH_DEVICES
from app.push.push_repository import PUSHES
from app.search_history.repository import SEARCH_HISTORIES
from app.shared.development_clock import DEVELOPMENT_CLOCKS
from app.shared.events import EVENTS
from app.shared.idempotency import IDEMPOTENCY_KEYS
from app.shared.lockouts import LOCKOUTS
from app.shared.processes.leases import LEASES
from app.shared.rate_limits import RATE_COUNTS
from app.sign_in.repository import GUEST_MERGES, SIGN_IN_ADDRESSES, SIGN_IN_ANSWERS, SIGN_IN_CHALLENGES
from app.staff.device_repository import ENROLMENT_CODES, STORE_DEVICES
from app.staff.repository import STAFF
from app.stores.repository import STORES
from app.webhooks.delivery_repository import WEBHOOK_DELIVERIES
from app.webhooks.endpoint_repository import WEBHOOK_ENDPOINTS

COLLECTIONS = (
    EVENTS,
    EVENT_SEQUENCES,
    IDEMPOTENCY_KEYS,
    LEASES,
    DEVELOPMENT_CLOCKS,
    RATE_COUNTS,
    DEVELOPMENT_OUTBOX,
    LOCKOUTS,
    PAYMENTS,
    PAYMENT_ACTS,
    PAYMENT_NOTICES,
    SANDBOX_CHARGES,
    SESSIONS,
    PARTNERS,
    MEMBERS,
    RANK_CHANGES,
    STORES,
    STAFF,
    STORE_DEVICES,
    ENROLMENT_CODES,
    PRODUCTS,
    PRODUCT_SEARCH,
    CATEGORY_TREES,
    SEARCH_HISTORIES,
    CONSENT_ENTRIES,
    FAVOURITES,
    INTERESTS,
    INTEREST_EVENTS,
    LEARNING_PROGRESS,
    RELATED_SKUS,
    BEACONS,
    BEACON_VISITS,
    STOCK_LEVELS,
    STOCK_MOVEMENTS,
    STOCK_HOLDS,
    OFFERS,
    OFFER_VERSIONS,
    SEGMENTS,
    OFFER_DECISIONS,
    OFFER_RECEIPTS,
    COUPONS,
    COUPON_CODES,
    REDEMPTIONS,
    OFFER_COUNTERS,
    POINT_ENTRIES,
    POINT_RULES,
    POINT_CAMPAIGNS,
    PURCHASES,
    PURCHASE_RETURNS,
    RECEIPT_CONFLICTS,
    CHECK_INS,
    CARD_VERIFICATIONS,
    SIGN_IN_ANSWERS,
    SIGN_IN_CHALLENGES,
    SIGN_IN_ADDRESSES,
    GUEST_MERGES,
    CARTS,
    ORDERS,
    CHECKOUTS,
    PICKUP_SLOTS,
    PICKUP_POLICIES,
    NEWS,
    NEWS_BOARDS,
    NEWS_PUSHES,
    INBOX_ENTRIES,
    PUSH_DEVICES,
    PUSHES,
    MARKETING_COUNTS,
    WEBHOOK_ENDPOINTS,
    WEBHOOK_DELIVERIES,
)
