"""What a demo member has besides her history: a phone, consents, interests, favourites and a coupon."""

import base64
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.auth.session_service import AT_THE_MOST, UNUSED_FOR
from app.auth.sessions import MemberSession
from app.consents.model import ConsentDecision, ConsentEntry, ConsentKind
from app.coupons.codes import ALPHABET, RANDOM_CHARACTERS, check_character
from app.coupons.model import Coupon, CouponState
from app.demo.ids import demo_id
from app.favourites.model import FavouriteMark
from app.interests.model import InterestEvent, InterestEventKind, Interests
from app.interests.rules import NO_INTERESTS, with_events
from app.members.model import Member
from app.offers.model import Offer, OfferMoment
from app.purchases.model import Purchase
from app.shared.channels import Channel

# How likely a member has each.
ALLOWS_PERSONALIZATION, HAS_FAVOURITES, HAS_COUPON = 0.3, 0.25, 0.5
MOST_FAVOURITES = 3
TEXT_VERSION = "demo"
CARD_SECRET_BYTES = 20
INTEREST_DAYS = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Belongings:
    """What a member has; she has interests as soon as she allows personalization."""

    session: MemberSession | None = None
    consents: tuple[ConsentEntry, ...] = ()
    interests: Interests | None = None
    interest_events: tuple[InterestEvent, ...] = ()
    favourites: tuple[FavouriteMark, ...] = ()
    coupons: tuple[Coupon, ...] = ()


def demo_belongings(
    chance: random.Random, member: Member, purchases: Sequence[Purchase], today: datetime, welcome: Offer
) -> Belongings:
    """What chance gives her, perhaps with a coupon of this offer. What she likes is what she bought."""
    session = _session(chance, member, today)
    favourites = _favourites(chance, purchases) if chance.random() < HAS_FAVOURITES else ()
    coupons = (_coupon(chance, member, welcome, today),) if chance.random() < HAS_COUPON else ()
    if chance.random() >= ALLOWS_PERSONALIZATION:
        return Belongings(session, favourites=favourites, coupons=coupons)
    events = tuple(
        event
        for purchase in purchases
        if purchase.occurred_at >= today - INTEREST_DAYS
        for event in _events(purchase)
    )
    interests = with_events(NO_INTERESTS, events)
    return Belongings(session, (_consent(chance, member),), interests, events, favourites, coupons)


def _session(chance: random.Random, member: Member, today: datetime) -> MemberSession:
    """Her phone, signed in. Nobody knows a refresh token of it: its hash is made up."""
    return MemberSession(
        id=demo_id(chance, member.registered_at),
        member_id=member.id,
        device_name=None,
        language=member.language,
        card_secret=base64.b32encode(chance.randbytes(CARD_SECRET_BYTES)).decode(),
        refresh_token_hash=f"{chance.getrandbits(256):064x}",
        token_family=f"{chance.getrandbits(256):064x}",
        created_at=member.registered_at,
        last_used_at=today,
        expires_at=today + UNUSED_FOR,
        ends_at=member.registered_at + AT_THE_MOST,
    )


def _consent(chance: random.Random, member: Member) -> ConsentEntry:
    moment = member.registered_at
    decision = ConsentDecision(ConsentKind.PERSONALIZATION, True, TEXT_VERSION, Channel.STORE, moment)
    return ConsentEntry(demo_id(chance, moment), member.id, 1, decision, (decision,))


def _events(purchase: Purchase) -> list[InterestEvent]:
    """What a purchase tells of her: the store, and each SKU once."""
    kind, moment = InterestEventKind.BOUGHT, purchase.occurred_at
    at_store = InterestEvent(f"purchase:{purchase.id}", kind, moment, store_id=purchase.name.store_id)
    goods = {line.item.sku_id: line.item.category_id for line in purchase.lines}
    return [
        at_store,
        *(
            InterestEvent(f"purchase:{purchase.id}:{sku_id}", kind, moment, sku_id, category_id)
            for sku_id, category_id in goods.items()
        ),
    ]


def _favourites(chance: random.Random, purchases: Sequence[Purchase]) -> tuple[FavouriteMark, ...]:
    """Some of what she bought, the newest mark first."""
    bought = {
        line.item.sku_id: purchase.occurred_at
        for purchase in purchases
        for line in purchase.lines
        if line.item.sku_id
    }
    marked = chance.sample(sorted(bought), min(len(bought), chance.randint(1, MOST_FAVOURITES)))
    marks = [FavouriteMark(sku_id, True, bought[sku_id]) for sku_id in marked]
    return tuple(sorted(marks, key=lambda mark: (mark.marked_at, mark.sku_id), reverse=True))


def _coupon(chance: random.Random, member: Member, offer: Offer, today: datetime) -> Coupon:
    """A coupon that was given when its offer began."""
    text = "".join(chance.choices(ALPHABET, k=RANDOM_CHARACTERS))
    coupon_id = demo_id(chance, member.registered_at)
    return Coupon(
        id=coupon_id,
        offer_id=offer.id,
        offer_version=offer.version,
        member_id=member.id,
        code=text + check_character(text),
        state=CouponState.ISSUED,
        issued_at=today,
        expires_at=offer.terms.expiry(today),
        source=f"demo:{coupon_id}",
        moment=OfferMoment.SIGN_UP,
    )
