"""What the worker does: the one list of it."""

from app.coupons.take_groups import TakeGroups
from app.learning.facts import FactLearning
from app.learning.related import RelatedSkus
from app.notifications.news_pushes import NewsPushes
from app.notifications.service_messages import ServiceMessages
from app.orders.settling import OrderSettling
from app.orders.timekeeping import OrderTimekeeping
from app.payments.service import PaymentService
from app.push.delivery import PushDeliverer
from app.shared.lanes import Lanes
from app.webhooks.delivery import WebhookDeliverer
from app.webhooks.dispatch import WebhookDispatch
from app.worker import Job

DISPATCH_SECONDS = 0.5  # how long an event waits for its number, when little else happens
NEWS_SECONDS = 5.0
ORDER_SECONDS = 5.0
PAYMENT_SECONDS = 60.0
COUPON_SECONDS = 5.0
FACT_SECONDS = 2.0
RELATED_SKU_SECONDS = 300.0


def jobs_of(
    dispatch: WebhookDispatch,
    deliverer: WebhookDeliverer,
    service_messages: ServiceMessages,
    news_pushes: NewsPushes,
    push_deliverer: PushDeliverer,
    timekeeping: OrderTimekeeping,
    settling: OrderSettling,
    payments: PaymentService,
    coupon_takes: TakeGroups,
    facts: FactLearning,
    related_skus: RelatedSkus,
) -> list[Job]:
    """Each with the pause after it; the lanes look for themselves what is due."""
    return [
        Job("dispatch_events", DISPATCH_SECONDS, dispatch.dispatch),
        Job("deliver_webhooks", DISPATCH_SECONDS, Lanes(deliverer).run, everywhere=True),
        Job("tell_members", DISPATCH_SECONDS, service_messages.tell),
        Job("push_news", NEWS_SECONDS, news_pushes.push),
        Job("deliver_pushes", DISPATCH_SECONDS, push_deliverer.run, everywhere=True),
        Job("end_orders", ORDER_SECONDS, timekeeping.sweep),
        Job("settle_orders", ORDER_SECONDS, settling.sweep),
        Job("give_back_coupon_limits", COUPON_SECONDS, coupon_takes.give_back),
        Job("sweep_payments", PAYMENT_SECONDS, payments.sweep),
        Job("learn_facts", FACT_SECONDS, facts.follow),
        Job("learn_related_skus", RELATED_SKU_SECONDS, related_skus.refresh),
    ]
