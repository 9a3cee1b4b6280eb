"""The demo retailer's members and what they did in its stores, the same for the same seed and day."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.check_ins.model import CheckIn, GeoPosition
from app.demo.belongings import Belongings, demo_belongings
from app.demo.history import DemoHistory
from app.demo.ids import demo_id
from app.demo.offers import demo_offers
from app.demo.plan import DemoPlan
from app.demo.purchases import DemoPurchases
from app.members.model import Member, Profile
from app.members.ranks import RankChange
from app.members.rules import new_member_number
from app.messages.model import MessageChannel
from app.offers.model import OfferMoment
from app.points.model import PointEntry, PointReason, PointSource
from app.purchases.model import Purchase
from app.shared.clock import midnight, whole_milliseconds
from app.shared.geo import GeoPoint, distance_meters
from app.shared.hashing import secret_hash
from app.shared.i18n import Language
from app.sign_in.model import Address
from app.stores.model import Store
from app.stores.rules import store_day

POINTS_PER_CHECK_IN = 10
MEMBERSHIP_DAYS = (30, 300)  # at the least and at the most
VISITS_OF_REGULARS, VISITS_OF_OTHERS, VISITS_AT_MOST = 10, 2, 80
OUT_AND_ABOUT = (8 * 60, 23 * 60)  # minutes of the day between which members visit stores
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
    belongings: Belongings


class DemoPeople:
    """Makes members who live near a store, visit it and those around it when they are open, and buy there.

    They are made part by part, each by its own chance, so that many processes can make them. Those of the
    first part come often; of all others most come seldom, as at any retailer.
    """

    def __init__(self, plan: DemoPlan, stores: Sequence[Store], shopping: DemoPurchases) -> None:
        self._plan = plan
        self._today = today = plan.today
        self._stores = stores
        self._chance = random.Random()
        self._shopping = shopping
        self._welcome = next(
            offer for offer in demo_offers(today) if OfferMoment.SIGN_UP in offer.terms.moments
        )
        self._neighbours: dict[str, list[Store]] = {}

    def part(self, part: int) -> Iterator[DemoMember]:
        """The members of a part, whose numbers begin with 0; the first has those of SIGN_INS.

        Those of the first part registered at any time, those of an earlier part earlier than of a later one.
        """
        self._chance = random.Random(f"{self._plan.seed}/{part}")
        shortest, longest = MEMBERSHIP_DAYS
        number, others = self._plan.members_of(part), self._plan.parts - 1
        known = SIGN_INS[:number] if part == 0 else ()
        homes = {store.code: store for store in self._stores}
        for person in known:
            days = self._chance.randint(shortest, longest)
            yield self._member(person, homes.get(person.home, self._stores[0]), days)
        average = VISITS_OF_REGULARS if part == 0 else VISITS_OF_OTHERS
        for _ in range(number - len(known)):
            share = (part - 1 + self._chance.random()) / others if part else self._chance.random()
            days = round(longest - share * (longest - shortest))
            language = Language.EN if self._chance.random() < 0.15 else Language.JA
            visits = min(int(self._chance.expovariate(1 / average)), VISITS_AT_MOST)
            person = DemoPerson(self._chance.choice(NICKNAMES), language, "", visits)
            yield self._member(person, self._chance.choice(self._stores), days)

    def _member(self, person: DemoPerson, home: Store, days: int) -> DemoMember:
        """Somebody who has been a member for so many days."""
        chance = self._chance
        registered_at = self._today - timedelta(days=days)
        member = Member(
            id=demo_id(chance, registered_at),
            number=new_member_number(chance.randrange),
            language=person.language,
            is_guest=person.device_id is not None or (person.email is None and chance.random() < 0.4),
            registered_at=registered_at,
            profile=Profile(
                nickname=person.nickname,
                birthday=date(chance.randint(1950, 2008), chance.randint(1, 12), chance.randint(1, 28)),
                postal_code=home.address.postal_code if home.address.country == "JP" else None,
                favourite_store_ids=(home.id,),
                favourite_categories=tuple(chance.sample(CATEGORIES, 2)),
            ),
        )
        history = DemoHistory(member, chance, self._plan.time_zone, self._shopping.paths)
        check_ins, purchases = self._visits(history, home, person.visits, days)
        is_anyone = person not in SIGN_INS
        return DemoMember(
            history.member,
            secret_hash(person.device_id) if person.device_id else None,
            Address(MessageChannel.EMAIL, person.email) if person.email else None,
            tuple(check_ins),
            tuple(history.entries),
            tuple(purchases),
            tuple(history.rank_changes),
            self._belongings(history.member, purchases) if is_anyone else Belongings(),
        )

    def _belongings(self, member: Member, purchases: Sequence[Purchase]) -> Belongings:
        return demo_belongings(self._chance, member, purchases, self._today, self._welcome)

    def _visits(
        self, history: DemoHistory, home: Store, visits: int, days: int
    ) -> tuple[list[CheckIn], list[Purchase]]:
        """At most one visit a day, each with its points, and what was bought on some of them."""
        check_ins: list[CheckIn] = []
        purchases: list[Purchase] = []
        for days_ago in sorted(self._chance.sample(range(1, days), min(visits, days - 1)), reverse=True):
            store = self._chance.choice(self._around(home))
            moment = self._visit_time(store, days_ago)
            if moment is None:
                continue
            check_in_id = demo_id(self._chance, history.member.registered_at)
            source = PointSource(f"check-in:{check_in_id}", PointReason.CHECK_IN, moment, store.id)
            entry = history.earn(POINTS_PER_CHECK_IN, source)
            check_ins.append(self._check_in(check_in_id, len(check_ins) + 1, store, moment, entry))
            purchase = self._shopping.of_visit(history.member, check_ins[-1], self._chance)
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

    def _visit_time(self, store: Store, days_ago: int) -> datetime | None:
        """A time on that day of the store at which it is open; None on a day on which it stays closed."""
        day = self._today.astimezone(ZoneInfo(store.time_zone)) - timedelta(days=days_ago)
        hours = store.hours[day.weekday()]
        if any(special.day == day.date() for special in store.special_days):
            return None
        earliest, latest = max(hours.opens, OUT_AND_ABOUT[0]), min(hours.closes, OUT_AND_ABOUT[1])
        seconds = self._chance.randrange(earliest * 60, latest * 60)
        return whole_milliseconds(midnight(day) + timedelta(seconds=seconds))

    def _around(self, home: Store) -> list[Store]:
        """The home store, most likely, and the nearest others."""
        if home.id not in self._neighbours:
            reachable = [store for store in self._stores if store.address.country == home.address.country]
            nearest = sorted(reachable, key=lambda store: distance_meters(store.location, home.location))
            self._neighbours[home.id] = [home, home, home, *nearest[1:4]]
        return self._neighbours[home.id]
