"""The demo retailer's stores: Koharu, a shop for everyday things, at real stations and towns."""

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import count, islice
from pathlib import Path

from app.beacons.model import Beacon, BeaconKey
from app.shared.channels import Channel
from app.shared.geo import GeoPoint
from app.shared.i18n import Language
from app.stores.model import Address, OpeningHours, SpecialDay, Store, StoreServiceKind
from app.stores.rules import MINUTES_A_DAY

TABLE = Path(__file__).with_name("stores.csv")
RADIUS_METERS = 150
BEACON_UUID = "6b6f6861-7275-4000-8000-000000000001"
BEACON_CATEGORIES = ("stationery", "clothing")
BRANCH_SPREAD_DEGREES = 0.03  # about three kilometres
ALWAYS = "always"
NEW_YEAR_NAMES = {Language.JA: "元日", Language.EN: "New Year's Day"}
NEW_YEARS_DAYS = tuple(SpecialDay(date(year, 1, 1), (), NEW_YEAR_NAMES) for year in range(2026, 2036))
# Beside PICKUP, which all have: every so many stores have it.
SERVICES_EVERY = {
    StoreServiceKind.TRY_ON: 2,
    StoreServiceKind.TAX_FREE: 3,
    StoreServiceKind.ALTERATION: 4,
    StoreServiceKind.DELIVERY: 5,
    StoreServiceKind.CAFE: 7,
    StoreServiceKind.PARKING: 8,
}


def demo_stores(number: int, seed: int) -> list[Store]:
    """This many stores, the same for the same seed: first those of the table, then branches around them."""
    towns = list(_towns())
    return list(islice([*towns, *islice(_branches(towns, seed), max(0, number - len(towns)))], number))


def demo_beacons(stores: Sequence[Store]) -> list[Beacon]:
    """Two beacons a store: at the stationery, and where clothes hang."""
    return [
        Beacon(BeaconKey(BEACON_UUID, number, minor), store.id, (category,))
        for number, store in enumerate(stores, start=1)
        for minor, category in enumerate(BEACON_CATEGORIES, start=1)
    ]


def town_count() -> int:
    """How many stores the table has."""
    return sum(1 for _ in _towns())


def _towns() -> Iterator[Store]:
    with TABLE.open(encoding="utf-8", newline="") as table:
        for number, row in enumerate(csv.DictReader(table), start=1):
            yield Store(
                id=f"{number:032x}",
                code=row["code"],
                channel=Channel.STORE,
                names={Language.JA: f"こはる {row['ja']}店", Language.EN: f"Koharu {row['en']}"},
                kana=f"こはる {row['kana']}てん",
                address=Address(
                    row["postal_code"],
                    row["country"],
                    {Language.JA: row["address_ja"], Language.EN: row["address_en"]},
                ),
                location=GeoPoint(float(row["latitude"]), float(row["longitude"])),
                radius_meters=RADIUS_METERS,
                time_zone=row["time_zone"],
                hours=_hours(row["hours"]),
                special_days=() if row["hours"] == ALWAYS else NEW_YEARS_DAYS,
                phone=f"050-0000-{number:04d}",
                services=_services(number, row["country"]),
            )


def _branches(towns: list[Store], seed: int) -> Iterator[Store]:
    """Second, third … stores of each town."""
    chance = random.Random(seed)
    for number in count(len(towns)):
        town, branch = towns[number % len(towns)], number // len(towns) + 1
        yield replace(
            town,
            id=f"{number + 1:032x}",
            code=f"{town.code}-{branch}",
            names={
                Language.JA: town.names[Language.JA].removesuffix("店") + f"第{branch}店",
                Language.EN: f"{town.names[Language.EN]} {branch}",
            },
            kana=town.kana.removesuffix("てん") + f"だい{branch}てん",
            phone=f"050-0000-{number + 1:04d}",
            services=_services(number + 1, town.address.country),
            location=GeoPoint(
                town.location.latitude + chance.uniform(-1, 1) * BRANCH_SPREAD_DEGREES,
                town.location.longitude + chance.uniform(-1, 1) * BRANCH_SPREAD_DEGREES,
            ),
        )


def _services(number: int, country: str) -> frozenset[StoreServiceKind]:
    """Goods travel between the stores of the home country only."""
    services = {StoreServiceKind.PICKUP}
    services |= {service for service, every in SERVICES_EVERY.items() if number % every == 0}
    return frozenset(services | {StoreServiceKind.TRANSFER} if country == "JP" else services)


def _hours(text: str) -> tuple[OpeningHours, ...]:
    """`always`, or the same hours every day as in `10:00-25:00`."""
    opens, closes = (0, MINUTES_A_DAY) if text == ALWAYS else map(_minutes, text.split("-"))
    return tuple(OpeningHours(weekday, opens, closes) for weekday in range(7))


def _minutes(wall_time: str) -> int:
    hours, minutes = wall_time.split(":")
    return int(hours) * 60 + int(minutes)
