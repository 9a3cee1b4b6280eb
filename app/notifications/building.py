"""Builds the services of push, and of what tells members by it."""

from dataclasses import dataclass

from app.auth.session_service import SessionService
from app.catalog.service import CatalogService
from app.consents.service import ConsentService
from app.coupons.service import WalletService
from app.events.service import EventService
from app.inbox.service import InboxService
from app.members.service import MemberService
from app.news.service import NewsService
from app.notifications.coupon_messages import CouponMessages
from app.notifications.marketing import MarketingGate
from app.notifications.news_pushes import NewsPushes
from app.notifications.service_messages import ServiceMessages
from app.orders.service import OrderService
from app.push.delivery import PushDeliverer
from app.push.senders import push_senders
from app.push.service import PushService
from app.shared.foundation import Foundation
from app.shared.settings.push import QuietHours
from app.stores.service import StoreService


@dataclass(frozen=True, slots=True)
class NotificationServices:
    """All that tells members something on their phones."""

    push: PushService
    push_deliverer: PushDeliverer
    service_messages: ServiceMessages
    news_pushes: NewsPushes
    coupon_messages: CouponMessages


def build_notification_services(
    foundation: Foundation,
    sessions: SessionService,
    members: MemberService,
    consents: ConsentService,
    stores: StoreService,
    orders: OrderService,
    news: NewsService,
    inbox: InboxService,
    event_feed: EventService,
    wallet: WalletService,
    catalog: CatalogService,
) -> NotificationServices:
    """The services, on what they need."""
    settings, database, clock = foundation.settings, foundation.database, foundation.clock
    time_zone = foundation.time_zone
    quiet = QuietHours.read(settings.quiet_hours)
    senders = push_senders(settings, clock)
    push = PushService(database, senders, quiet, clock, time_zone)
    gate = MarketingGate(
        database,
        consents,
        quiet,
        time_zone,
        settings.marketing_pushes_per_day,
        settings.marketing_place_meters,
    )
    return NotificationServices(
        push=push,
        push_deliverer=PushDeliverer(
            database, senders, sessions, members, consents, inbox, quiet, clock, time_zone
        ),
        service_messages=ServiceMessages(database, event_feed, orders, stores, inbox, push, clock),
        news_pushes=NewsPushes(database, news, event_feed, stores, gate, push, quiet, clock),
        coupon_messages=CouponMessages(
            database, event_feed, wallet, stores, catalog, inbox, gate, push, clock, time_zone
        ),
    )
