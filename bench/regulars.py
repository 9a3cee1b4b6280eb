"""Members who were at the store yesterday and are signed in: made in bulk, each with points and a session."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp

from app.auth.refresh_tokens import RefreshToken, new_family
from app.auth.session_service import AT_THE_MOST, UNUSED_FOR
from app.auth.sessions import MemberSession, SessionRepository
from app.check_ins.model import CheckIn, GeoPosition
from app.check_ins.repository import CheckInRepository
from app.members.model import Member, Profile, YearMiles
from app.members.repository import MemberRepository
from app.members.rules import new_member_number
from app.points import rules as point_rules
from app.points.model import PointAccount, PointEntry, PointReason, PointSource
from app.points.repository import PointRepository
from app.services import Services
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.shared.mongodb.database import Database
from app.stores.model import Store
from app.stores.rules import store_day

ACCURACY_METERS = 12.5
AWARDED = 10
VALID_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Regular:
    """A member who was at the store yesterday, and the device that she is signed in on."""

    member: Member
    device: MemberSession
    refresh_token: str
    visit: CheckIn
    entry: PointEntry
    access_token: str

    @property
    def customer(self) -> "Customer":
        return Customer(
            self.member.id,
            self.member.number,
            self.access_token,
            self.device.id,
            self.device.card_secret,
            self.refresh_token,
        )


@dataclass(frozen=True, slots=True)
class Customer:
    """What a member's own device knows. `card_secret` draws her card's code."""

    id: str
    number: str
    access_token: str
    session_id: str
    card_secret: str
    refresh_token: str


def new_regular(store: Store, services: Services) -> Regular:
    """A member to be; the token is as the server would issue it: by its own code, with its own key."""
    now = services.clock.now()
    yesterday = now - timedelta(days=1)
    member = Member(
        id=new_id(),
        number=new_member_number(),
        language=Language.JA,
        is_guest=True,
        registered_at=yesterday,
        profile=Profile(
            nickname="さくら", postal_code=store.address.postal_code, favourite_store_ids=(store.id,)
        ),
        mile_years=(YearMiles(yesterday.astimezone(services.time_zone).year, 4_200),),
    )
    check_in_id = new_id()
    source = PointSource(f"check-in:{check_in_id}", PointReason.CHECK_IN, yesterday, store.id)
    expires_at = point_rules.expiry(yesterday, VALID_MONTHS, services.time_zone)
    account = PointAccount(member.id)
    change = point_rules.earn(account, AWARDED, expires_at, source)
    entry = point_rules.entry_for(account, change, new_id(), yesterday)
    device, refresh_token = new_device(member, now)
    token = services.access_tokens.issue(member.id, device.id, member.language, now).text
    visit = _visit(check_in_id, store, entry, yesterday)
    return Regular(member, device, refresh_token, visit, entry, token)


async def add_regulars(regulars: Sequence[Regular], database: Database) -> None:
    """Writes them with all that happened to them."""
    await MemberRepository(database).add_many(((each.member, None) for each in regulars), session=None)
    await SessionRepository(database).add_many((each.device for each in regulars), session=None)
    await CheckInRepository(database).add_many([each.visit for each in regulars], session=None)
    await PointRepository(database).add_many([each.entry for each in regulars], session=None)


def new_device(member: Member, now: datetime) -> tuple[MemberSession, str]:
    """A device that a member has just signed in on, and its refresh token."""
    session_id, family = new_id(), new_family()
    token = RefreshToken.new(session_id, family)
    device = MemberSession(
        id=session_id,
        member_id=member.id,
        device_name=None,
        language=member.language,
        card_secret=pyotp.random_base32(),
        refresh_token_hash=token.hash,
        token_family=family,
        created_at=now,
        last_used_at=now,
        expires_at=now + UNUSED_FOR,
        ends_at=now + AT_THE_MOST,
    )
    return device, token.text


def _visit(check_in_id: str, store: Store, entry: PointEntry, moment: datetime) -> CheckIn:
    return CheckIn(
        id=check_in_id,
        member_id=entry.member_id,
        seq=1,
        store_id=store.id,
        store_day=store_day(store, moment),
        checked_in_at=moment,
        position=GeoPosition(store.location, ACCURACY_METERS, moment),
        distance_meters=0.0,
        points_awarded=entry.amount,
        point_balance=entry.balance_after,
    )
