"""Tells members of coupons that they did not ask for: a message each, and pushes to who allows it."""

from zoneinfo import ZoneInfo

from app.catalog.service import CatalogService
from app.coupons.explaining import CouponExplanation, named_categories, named_stores
from app.coupons.model import CouponWithTerms
from app.coupons.service import WalletService
from app.events.model import SequencedEvent
from app.events.service import EventService
from app.inbox.model import MessageClass, OwnMessage
from app.inbox.service import InboxService
from app.notifications.marketing import MarketingGate
from app.offers.model import OfferMoment
from app.offers.texts import Names, benefit_text
from app.push.model import PushWish
from app.push.rules import MARKETING_IS_NEWS_FOR
from app.push.service import PushService
from app.shared.clock import Clock
from app.shared.i18n import Language
from app.shared.mongodb.database import Database, Session
from app.stores.service import StoreService

READER = "coupon_messages"
EVENTS_AT_ONCE = 20
SHOWN_AT_ONCE = {OfferMoment.CHECK_IN.value, OfferMoment.BEACON.value}  # in the answer that she waits for
TITLES = {Language.JA: "クーポンが届きました", Language.EN: "A coupon for you"}
_SEPARATORS = {Language.JA: "。", Language.EN: ". "}


class CouponMessages:
    """Turns events into messages of the class MARKETING. Several may run at once: each event is one's."""

    def __init__(
        self,
        database: Database,
        events: EventService,
        wallet: WalletService,
        stores: StoreService,
        catalog: CatalogService,
        inbox: InboxService,
        gate: MarketingGate,
        push: PushService,
        clock: Clock,
        time_zone: ZoneInfo,
    ) -> None:
        self._database = database
        self._events = events
        self._wallet = wallet
        self._stores = stores
        self._catalog = catalog
        self._inbox = inbox
        self._gate = gate
        self._push = push
        self._clock = clock
        self._time_zone = time_zone

    async def tell(self) -> None:
        """Tells of all coupons that were given until now."""
        while await self._database.transaction(self._tell_some):
            pass

    async def _tell_some(self, session: Session) -> int:
        events = await self._events.read_on(READER, {"CouponIssued"}, EVENTS_AT_ONCE, session)
        for event in events:
            moment = event.data.get("moment")
            is_news = self._clock.now() < event.occurred_at + MARKETING_IS_NEWS_FOR
            if moment is not None and moment not in SHOWN_AT_ONCE and is_news:
                await self._tell_of(event, session)
        return len(events)

    async def _tell_of(self, event: SequencedEvent, session: Session) -> None:
        """The message for whoever has the coupon by now, and a push if she may have one more today."""
        coupon = await self._wallet.get(event.data["coupon_id"])
        now = self._clock.now()
        if coupon is None or coupon.expires_at <= now:
            return
        (held,) = await self._wallet.with_terms([coupon])
        explained = CouponExplanation(held, await self._names(held), self._time_zone)
        message = OwnMessage(
            source_id=event.id,
            kind=event.type,
            member_id=coupon.member_id,
            message_class=MessageClass.MARKETING,
            titles=TITLES,
            texts={language: _text(explained, language) for language in Language},
            told_at=event.occurred_at,
            coupon_id=coupon.id,
        )
        await self._inbox.add([message], session)
        with_devices = await self._push.untold(event.id, [coupon.member_id], session)
        admitted = await self._gate.admit(with_devices, now, session) if with_devices else []
        wishes = [
            PushWish(
                member_id=member_id,
                message_id=event.id,
                message_class=MessageClass.MARKETING,
                collapse_key=f"offer-{coupon.offer_id}",
                due_at=now,
                expires_at=min(coupon.expires_at, event.occurred_at + MARKETING_IS_NEWS_FOR),
            )
            for member_id in admitted
        ]
        if wishes:
            await self._push.wish(wishes, session)

    async def _names(self, held: CouponWithTerms) -> Names:
        """What the stores and categories are called that the explanation names."""
        stores = await self._stores.get_many(named_stores(held))
        tree = await self._catalog.categories()
        categories = [tree.get(each) for each in named_categories(held)]
        return {each.id: each.names for each in (*stores, *categories) if each is not None}


def _text(explained: CouponExplanation, language: Language) -> str:
    """What it is called, what it gives, and why she has it."""
    terms = explained.held.terms
    parts = [terms.names[language], benefit_text(terms.benefit, language), explained.text(language)]
    return _SEPARATORS[language].join(parts)
