"""Builds the services of orders, which quote, hold, take money and change orders together."""

from dataclasses import dataclass

from app.auth.keys import KeyRing
from app.cards.service import CardService
from app.carts.service import CartService
from app.catalog.service import CatalogService
from app.coupons.use import CouponUse
from app.inventory.hold_service import StockHoldService
from app.inventory.service import StockService
from app.members.service import MemberService
from app.orders.alternatives import Alternatives
from app.orders.changing import OrderChanging
from app.orders.checkout import CardCheckout
from app.orders.collecting import OrderCollecting
from app.orders.counter_service import CounterService
from app.orders.coupon_use import OrderCoupons
from app.orders.drafting import OrderDrafting
from app.orders.earning import OrderEarning
from app.orders.grounds import OrderGrounds
from app.orders.holding import OrderHolding
from app.orders.live import OrderWatchService
from app.orders.placing import OrderPlacing
from app.orders.point_use import OrderPoints
from app.orders.policy_service import PickupPolicyService
from app.orders.quoting import OrderQuoting
from app.orders.receipt_service import ReceiptService, Retailer
from app.orders.refunding import OrderRefunding
from app.orders.service import OrderService
from app.orders.settling import OrderSettling
from app.orders.slot_service import SlotService
from app.orders.timekeeping import OrderTimekeeping
from app.payments.service import PaymentService
from app.points.service import PointService
from app.purchases.ordered import OrderPurchases
from app.shared.foundation import Foundation
from app.stores.known_stores import KnownStores
from app.stores.service import StoreService


@dataclass(frozen=True, slots=True)
class OrderServices:
    """All that is done with orders."""

    orders: OrderService
    counter: CounterService
    slots: SlotService
    policies: PickupPolicyService
    watch: OrderWatchService
    timekeeping: OrderTimekeeping
    settling: OrderSettling
    refunding: OrderRefunding
    receipts: ReceiptService


def build_order_services(
    foundation: Foundation,
    members: MemberService,
    points: PointService,
    stores: StoreService,
    known_stores: KnownStores,
    catalog: CatalogService,
    stock: StockService,
    stock_holds: StockHoldService,
    carts: CartService,
    cards: CardService,
    coupon_use: CouponUse,
    purchases: OrderPurchases,
    payments: PaymentService,
    signing_keys: KeyRing,
) -> OrderServices:
    """The services, on what they need."""
    settings, database, clock = foundation.settings, foundation.database, foundation.clock
    events, idempotency = foundation.events, foundation.idempotency
    earning = OrderEarning(purchases, members, catalog, clock)
    slots = SlotService(database, stores, clock)
    holding = OrderHolding(stock_holds, slots)
    order_points = OrderPoints(points, clock)
    coupons = OrderCoupons(coupon_use, catalog, earning, clock)
    alternatives = Alternatives(stock, stores, clock)
    grounds = OrderGrounds(database, members, points, stores, slots, catalog, stock, idempotency, clock)
    quoting = OrderQuoting(grounds, points, slots, alternatives, coupons, earning, clock)
    drafting = OrderDrafting(quoting, clock)
    placing = OrderPlacing(database, drafting, holding, order_points, coupons, carts, idempotency, events)
    checkout = CardCheckout(
        database, drafting, placing, order_points, holding, slots, payments, idempotency, clock
    )
    settling = OrderSettling(database, payments, events, clock)
    retailer = Retailer(settings.retailer_name, settings.invoice_registration_number)
    receipts = ReceiptService(database, known_stores, signing_keys, retailer, clock)
    collecting = OrderCollecting(
        database, holding, order_points, purchases, coupons, settling, receipts, clock
    )
    changing = OrderChanging(
        database, holding, slots, order_points, coupons, earning, collecting, settling, events, clock
    )
    return OrderServices(
        orders=OrderService(
            database, quoting, placing, checkout, coupons, changing, stores, idempotency, clock
        ),
        counter=CounterService(database, changing, collecting, catalog, cards, idempotency, clock),
        slots=slots,
        policies=PickupPolicyService(database, stores, events, clock),
        watch=OrderWatchService(database, clock),
        timekeeping=OrderTimekeeping(database, changing, clock),
        settling=settling,
        refunding=OrderRefunding(
            database, changing, catalog, order_points, purchases, stock, idempotency, clock
        ),
        receipts=receipts,
    )
