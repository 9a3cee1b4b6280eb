"""The demo retailer's members and what they did in its stores, the same for the same seed and day."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.check_ins.model import CheckIn, GeoPosition
from app.demo.history import DemoHistory
from app.demo.purchases import DemoPurchases
from app.members.model import Member, Profile
from app.members.ranks import RankChange
from app.members.rules import new_member_number
from app.messages.model import MessageChannel
from app.points.model import PointEntry, PointReason, PointSource
from app.purchases.model import Purchase
from app.shared.clock import whole_milliseconds
from app.shared.geo import GeoPoint, distance_meters
from app.shared.hashing import secret_hash
from app.shared.i18n import Language
from app.sign_in.model import Address
from app.stores.model import Store
from app.stores.rules import is_open, store_day

POINTS_PER_CHECK_IN = 10
LONGEST_MEMBERSHIP_DAYS = 300
NICKNAMES = (
    "さくら",
    "けん",
    "はな",
    "ゆうき",
    "みお",
    "そら",
    "りく",
    "あおい",
    "Emma",
    "Liam",
    "Yuki",
    "Mei",
)
CATEGORIES = ("stationery", "kitchen", "food", "bath", "garden", "books", "clothing")


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody whom anyone may be: a guest by her phone's device id, or a member by her email address."""

    nickname: str
    language: Language
    home: str
    visits: int
    device_id: str | None = None
    email: str | None = None


SIGN_INS = (
    DemoPerson("さくら", Language.JA, "umeda", 40, device_id="demo-phone-of-sakura-umeda"),
    DemoPerson("Emma", Language.EN, "shinjuku", 12, device_id="demo-phone-of-emma-shinjuku"),
    DemoPerson("けん", Language.JA, "hakata", 0, device_id="demo-phone-of-ken-hakata-new"),
    DemoPerson("みお", Language.JA, "umeda", 25, email="mio@example.com"),
)


@dataclass(frozen=True, slots=True)
class DemoMember:
    """A member and all that happened to her."""

    member: Member
    device_id_hash: str | None
    address: Address | None
    check_ins: tuple[CheckIn, ...]
    entries: tuple[PointEntry, ...]
    purchases: tuple[Purchase, ...]
    rank_changes: tuple[RankChange, ...]


class DemoPeople:
    """Makes members who live near a store, visit it and those around it when they are open, and buy there."""

    def __init__(
        self,
        stores: Sequence[Store],
        today: datetime,
        seed: int,
        time_zone: ZoneInfo,
        shopping: DemoPurchases,
    ) -> None:
        self._stores = stores
        self._today = today
        self._chance = random.Random(seed)
        self._time_zone = time_zone
        self._shopping = shopping
        self._neighbours: dict[str, list[Store]] = {}

    def members(self, number: int) -> Iterator[DemoMember]:
        """This many members, those of SIGN_INS first."""
        homes = {store.code: store for store in self._stores}
        for person in SIGN_INS[:number]:
            home = homes.get(person.home, self._stores[0])
            yield self._member(person, home)
        for _ in range(number - len(SIGN_INS)):
            language = Language.EN if self._chance.random() < 0.15 else Language.JA
            visits = min(int(self._chance.expovariate(1 / 10)), 80)
            person = DemoPerson(self._chance.choice(NICKNAMES), language, "", visits)
            yield self._member(person, self._chance.choice(self._stores))

    def _member(self, person: DemoPerson, home: Store) -> DemoMember:
        chance = self._chance
        days = chance.randint(30, LONGEST_MEMBERSHIP_DAYS)
        member = Member(
            id=self._id(),
            number=new_member_number(chance.randrange),
            language=person.language,
            is_guest=person.device_id is not None or (person.email is None and chance.random() < 0.4),
            registered_at=self._today - timedelta(days=days),
            profile=Profile(
                nickname=person.nickname,
                birthday=date(chance.randint(1950, 2008), chance.randint(1, 12), chance.randint(1, 28)),
                postal_code=home.address.postal_code if home.address.country == "JP" else None,
                favourite_store_ids=(home.id,),
                favourite_categories=tuple(chance.sample(CATEGORIES, 2)),
            ),
        )
        history = DemoHistory(member, self._id, self._time_zone, self._shopping.paths)
        check_ins, purchases = self._visits(history, home, person.visits, days)
        return DemoMember(
            history.member,
            secret_hash(person.device_id) if person.device_id else None,
            Address(MessageChannel.EMAIL, person.email) if person.email else None,
            tuple(check_ins),
            tuple(history.entries),
            tuple(purchases),
            tuple(history.rank_changes),
        )

    def _visits(
        self, history: DemoHistory, home: Store, visits: int, days: int
    ) -> tuple[list[CheckIn], list[Purchase]]:
        """At most one visit a day, each with its points, and what was bought on some of them."""
        check_ins: list[CheckIn] = []
        purchases: list[Purchase] = []
        for days_ago in sorted(self._chance.sample(range(1, days), min(visits, days - 1)), reverse=True):
            store = self._chance.choice(self._around(home))
            moment = self._visit_time(store, days_ago)
            check_in_id = self._id()
            source = PointSource(f"check-in:{check_in_id}", PointReason.CHECK_IN, moment, store.id)
            entry = history.earn(POINTS_PER_CHECK_IN, source)
            check_ins.append(self._check_in(check_in_id, len(check_ins) + 1, store, moment, entry))
            purchase = self._shopping.of_visit(history.member, check_ins[-1])
            if purchase is not None:
                purchases.append(history.buy(purchase))
        return check_ins, purchases

    def _check_in(
        self, check_in_id: str, seq: int, store: Store, moment: datetime, entry: PointEntry
    ) -> CheckIn:
        point = GeoPoint(
            store.location.latitude + self._chance.uniform(-0.0005, 0.0005),
            store.location.longitude + self._chance.uniform(-0.0005, 0.0005),
        )
        return CheckIn(
            id=check_in_id,
            member_id=entry.member_id,
            seq=seq,
            store_id=store.id,
            store_day=store_day(store, moment),
            checked_in_at=moment,
            position=GeoPosition(point, round(self._chance.uniform(5, 40), 1), moment),
            distance_meters=distance_meters(point, store.location),
            points_awarded=POINTS_PER_CHECK_IN,
            point_balance=entry.balance_after,
        )

    def _visit_time(self, store: Store, days_ago: int) -> datetime:
        """A time on that day of the store at which it is open."""
        day = self._today.astimezone(ZoneInfo(store.time_zone)) - timedelta(days=days_ago)
        while True:
            seconds = self._chance.randint(8 * 3600, 23 * 3600)
            moment = whole_milliseconds(day.replace(hour=0, minute=0, second=0) + timedelta(seconds=seconds))
            if is_open(store, moment):
                return moment

    def _around(self, home: Store) -> list[Store]:
        """The home store, most likely, and the nearest others."""
        if home.id not in self._neighbours:
            reachable = [store for store in self._stores if store.address.country == home.address.country]
            nearest = sorted(reachable, key=lambda store: distance_meters(store.location, home.location))
            self._neighbours[home.id] = [home, home, home, *nearest[1:4]]
        return self._neighbours[home.id]

    def _id(self) -> str:
        return f"{self._chance.getrandbits(128):032x}"
