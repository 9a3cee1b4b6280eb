"""The bench's data: the demo retailer with its stock, and members with one visit behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp

from app.auth.refresh_tokens import RefreshToken, new_family
from app.auth.session_service import AT_THE_MOST, UNUSED_FOR
from app.auth.sessions import MemberSession, SessionRepository
from app.check_ins.model import CheckIn, GeoPosition
from app.check_ins.repository import CheckInRepository
from app.collections import COLLECTIONS
from app.demo.catalog import demo_products
from app.demo.loading import DemoLoader
from app.demo.retailer import demo_stores
from app.members.model import Member, Profile, YearMiles
from app.members.repository import MemberRepository
from app.members.rules import new_member_number
from app.points import rules as point_rules
from app.points.model import PointAccount, PointEntry, PointReason, PointSource
from app.points.repository import PointRepository
from app.services import Services, build_services, open_database
from app.shared.database import Database
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.shared.settings import Settings
from app.stores.model import Store
from app.stores.rules import store_day
from bench.audience import Audience, gather_audience
from bench.pickups import Pickups, pickups_at, stock_up

ALWAYS_OPEN = "umeda"
READERS = 500
MEMBERS_AT_ONCE = 2_000
ACCURACY_METERS = 12.5
DEMO_MEMBERS = 1  # the bench has its own
SEED = 0


@dataclass(frozen=True, slots=True)
class BenchData:
    """The store that never closes, the SKUs, what can be ordered, and the access tokens of the members.

    Readers look at themselves and the shop, customers order, again and again; visitors check in, each once.
    """

    store: Store
    sku_ids: Sequence[str]
    pickups: Pickups
    audience: Audience
    readers: Sequence[str]
    customers: Sequence[str]
    visitors: Sequence[str]


@dataclass(frozen=True, slots=True)
class Regular:
    """A member who was at the store yesterday and is signed in."""

    member: Member
    device: MemberSession
    visit: CheckIn
    entry: PointEntry


async def load(
    settings: Sequence[Settings], customers: int, visitors: int, followers: int, stores: int, skus: int
) -> BenchData:
    """Writes the same retailer and members to all of the databases, which are empty."""
    databases = [open_database(each) for each in settings]
    try:
        services = build_services(settings[0], databases[0])
        now = services.clock.now()
        members = READERS + customers + visitors
        shops = demo_stores(stores, SEED)
        sku_ids = [sku.id for product in demo_products(skus, now) for sku in product.skus]
        pickups = pickups_at(shops, sku_ids, now)
        store = next(each for each in shops if each.code == ALWAYS_OPEN)
        for database in databases:
            await database.prepare(COLLECTIONS)
            await DemoLoader(database).load(now, services.time_zone, DEMO_MEMBERS, stores, skus, SEED)
            await stock_up(build_services(settings[0], database), pickups)
        tokens: list[str] = []
        member_ids: list[str] = []
        while len(tokens) < members:
            number = min(MEMBERS_AT_ONCE, members - len(tokens))
            regulars = [_regular(store, services, settings[0]) for _ in range(number)]
            for database in databases:
                await _add(regulars, database)
            tokens += [_token(regular, services) for regular in regulars]
            member_ids += [regular.member.id for regular in regulars]
        known = list(zip(member_ids, tokens, strict=True))
        audience = await gather_audience(services, pickups, known[:followers])
    finally:
        for database in databases:
            await database.close()
    return BenchData(
        store,
        sku_ids,
        pickups,
        audience,
        readers=tokens[:READERS],
        customers=tokens[READERS : READERS + customers],
        visitors=tokens[READERS + customers :],
    )


def _regular(store: Store, services: Services, settings: Settings) -> Regular:
    yesterday = services.clock.now() - timedelta(days=1)
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
    expires_at = point_rules.expiry(yesterday, settings.point_validity_months, services.time_zone)
    account = PointAccount(member.id)
    change = point_rules.earn(account, settings.check_in_points, expires_at, source)
    entry = point_rules.entry_for(account, change, new_id(), yesterday)
    visit = _visit(check_in_id, store, entry, yesterday)
    return Regular(member, _device(member, services.clock.now()), visit, entry)


def _device(member: Member, now: datetime) -> MemberSession:
    session_id, family = new_id(), new_family()
    return MemberSession(
        id=session_id,
        member_id=member.id,
        device_name=None,
        language=member.language,
        card_secret=pyotp.random_base32(),
        refresh_token_hash=RefreshToken.new(session_id, family).hash,
        token_family=family,
        created_at=now,
        last_used_at=now,
        expires_at=now + UNUSED_FOR,
        ends_at=now + AT_THE_MOST,
    )


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


async def _add(regulars: Sequence[Regular], database: Database) -> None:
    await MemberRepository(database).add_many(((each.member, None) for each in regulars), session=None)
    await SessionRepository(database).add_many((each.device for each in regulars), session=None)
    await CheckInRepository(database).add_many([each.visit for each in regulars], session=None)
    await PointRepository(database).add_many([each.entry for each in regulars], session=None)


def _token(regular: Regular, services: Services) -> str:
    """A token as the server would issue it: by its own code, with its own key."""
    member, now = regular.member, services.clock.now()
    return services.access_tokens.issue(member.id, regular.device.id, member.language, now).text
