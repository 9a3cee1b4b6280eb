"""What the worker does: the one list of it."""

from app.coupons.building import CouponServices
from app.moments.building import MomentServices
from app.notifications.building import NotificationServices
from app.orders.building import OrderServices
from app.payments.service import PaymentService
from app.purchases.building import PurchaseServices
from app.recommendations.building import RecommendationServices
from app.shared.processes.lanes import Lanes
from app.webhooks.building import WebhookServices
from app.worker import Job

DISPATCH_SECONDS = 0.5  # how long an event waits for its number, when little else happens
NEWS_SECONDS = 5.0
ORDER_SECONDS = 5.0
PAYMENT_SECONDS = 60.0
COUPON_SECONDS = 5.0
FACT_SECONDS = 2.0
MOMENT_SECONDS = 1.0
DAY_SECONDS = 60.0  # how late what comes once a day is noticed
RELATED_SKU_SECONDS = 300.0


def jobs_of(
    webhooks: WebhookServices,
    notifications: NotificationServices,
    orders: OrderServices,
    payments: PaymentService,
    coupons: CouponServices,
    purchases: PurchaseServices,
    learning: RecommendationServices,
    moments: MomentServices,
) -> list[Job]:
    """Each with the pause after it; the lanes look for themselves what is due."""
    return [
        Job("dispatch_events", DISPATCH_SECONDS, webhooks.dispatch.dispatch),
        Job("deliver_webhooks", DISPATCH_SECONDS, Lanes(webhooks.deliverer).run, everywhere=True),
        Job("tell_members", DISPATCH_SECONDS, notifications.service_messages.tell),
        Job("tell_of_coupons", DISPATCH_SECONDS, notifications.coupon_messages.tell),
        Job("push_news", NEWS_SECONDS, notifications.news_pushes.push),
        Job("deliver_pushes", DISPATCH_SECONDS, notifications.push_deliverer.run, everywhere=True),
        Job("end_orders", ORDER_SECONDS, orders.timekeeping.sweep),
        Job("settle_orders", ORDER_SECONDS, orders.settling.sweep),
        Job("give_back_coupon_limits", COUPON_SECONDS, coupons.takes.give_back),
        Job("give_coupon_points", FACT_SECONDS, purchases.coupon_points.follow),
        Job("sweep_payments", PAYMENT_SECONDS, payments.sweep),
        Job("follow_moments", MOMENT_SECONDS, moments.following.follow),
        Job("notice_birthdays", DAY_SECONDS, moments.birthdays.notice),
        Job("notice_absences", DAY_SECONDS, moments.absences.notice),
        Job("notice_fruitless_searches", DAY_SECONDS, moments.searches.notice),
        Job("learn_facts", FACT_SECONDS, learning.fact_learning.follow),
        Job("learn_related_skus", RELATED_SKU_SECONDS, learning.related_skus.refresh),
    ]
