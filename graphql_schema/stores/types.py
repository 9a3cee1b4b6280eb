"""Stores, as everybody may see them."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Annotated

import strawberry

from app.inventory.model import StockLevel as Level
from app.shared.channels import Channel
from app.shared.i18n import language_of
from app.shared.paging import Page, PageRequest
from app.stores import model, rules
from graphql_schema.columns import all_or_error, column
from graphql_schema.connections import After, Connection, First, connection_of
from graphql_schema.context import Info
from graphql_schema.inventory.levels import StockLevel, StockLevelConnection
from graphql_schema.inventory.reads import StockOfStore
from graphql_schema.locale import Locale
from graphql_schema.node import Node, encode_id

strawberry.enum(Channel, description="Through which kind of place a customer meets the retailer.")
strawberry.enum(
    model.StoreServiceKind,
    name="StoreService",
    description="What a store does beyond selling from its shelves.",
)

AtMoment = Annotated[
    datetime | None,
    strawberry.argument(description="At which moment, up to 400 days before or after now; none for now."),
]


@strawberry.enum(description="A day of the week.")
class Weekday(Enum):
    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


@strawberry.type(description="A place on the earth (WGS 84). Readable by everybody.")
class GeoPoint:
    latitude: float = strawberry.field(description="Degrees, -90 to 90.")
    longitude: float = strawberry.field(description="Degrees, -180 to 180.")


@strawberry.input(description="A place on the earth (WGS 84).")
class GeoPointInput:
    latitude: float = strawberry.field(description="Degrees, -90 to 90.")
    longitude: float = strawberry.field(description="Degrees, -180 to 180.")


@strawberry.type(description="One opening in a week. Readable by everybody.")
class OpeningHours:
    weekday: Weekday = strawberry.field(description="The day on which the opening begins.")
    opens: str = strawberry.field(description="The store's wall clock when it opens, as in `10:00`.")
    closes: str = strawberry.field(
        description="The store's wall clock when it closes; past midnight it counts on, as in `25:00`."
    )


@strawberry.type(description="One opening on one day. Readable by everybody.")
class DayHours:
    opens: str = strawberry.field(description="The store's wall clock when it opens, as in `10:00`.")
    closes: str = strawberry.field(
        description="The store's wall clock when it closes; past midnight it counts on, as in `25:00`."
    )


@strawberry.type(description="A day whose hours take the place of its weekday's. Readable by everybody.")
class SpecialDay:
    day: date = strawberry.field(description="The day of the store's calendar.")
    name: str | None = strawberry.field(description="What day it is, in the language of the request.")
    hours: list[DayHours] = strawberry.field(
        description="The openings that begin on it; none when the store stays closed."
    )


@strawberry.type(description="Where a store is. Readable by everybody.")
class Address:
    postal_code: str = strawberry.field(description="In the form of its country.")
    country: str = strawberry.field(description="ISO 3166-1, two letters.")
    text: str = strawberry.field(description="The address in the language of the request.")


@strawberry.type(description="A beacon by what it sends, as iBeacons do. Readable by whoever was given it.")
class Beacon:
    uuid: str = strawberry.field(description="The UUID, in lower case: one for many beacons of a retailer.")
    major: int = strawberry.field(description="0 to 65,535.")
    minor: int = strawberry.field(description="0 to 65,535.")


@strawberry.type(
    description="A place with an address, hours, a location and a time zone. Readable by everybody."
)
class Store(Node):
    found: strawberry.Private[model.StoreFound]

    @property
    def _store(self) -> model.Store:
        return self.found.store

    @strawberry.field(description="The store's short code, unique within the retailer.")
    def code(self) -> str:
        return self._store.code

    @strawberry.field(description="The kind of place.")
    def channel(self) -> Channel:
        return self._store.channel

    @strawberry.field(description="The store's name.")
    def name(self, info: Info, locale: Locale = None) -> str:
        return self._store.names[language_of(locale) or info.context.language]

    @strawberry.field(description="The name's reading in hiragana.")
    def kana(self) -> str:
        return self._store.kana

    @strawberry.field(description="The postal address.")
    def address(self, info: Info) -> Address:
        address = self._store.address
        return Address(
            postal_code=address.postal_code,
            country=address.country,
            text=address.lines[info.context.language],
        )

    @strawberry.field(description="Where the store stands.")
    def location(self) -> GeoPoint:
        return GeoPoint(latitude=self._store.location.latitude, longitude=self._store.location.longitude)

    @strawberry.field(description="How far from `location` one can check in, in metres.")
    def check_in_radius_meters(self) -> int:
        return self._store.radius_meters

    @strawberry.field(description="Metres from the place that was asked about; null when none was.")
    def distance_meters(self) -> int | None:
        distance = self.found.distance_meters
        return None if distance is None else round(distance)

    @strawberry.field(description="The IANA time zone of the store's hours and days.")
    def time_zone(self) -> str:
        return self._store.time_zone

    @strawberry.field(description="The openings of a week.")
    def hours(self) -> list[OpeningHours]:
        return [
            OpeningHours(
                weekday=Weekday(hours.weekday), opens=wall_time(hours.opens), closes=wall_time(hours.closes)
            )
            for hours in self._store.hours
        ]

    @strawberry.field(description="Days with other hours than their weekday's, the earliest first.")
    def special_days(self, info: Info) -> list[SpecialDay]:
        return [
            SpecialDay(
                day=each.day,
                name=each.names[info.context.language] if each.names else None,
                hours=[
                    DayHours(opens=wall_time(opens), closes=wall_time(closes)) for opens, closes in each.hours
                ],
            )
            for each in sorted(self._store.special_days, key=lambda special: special.day)
        ]

    @strawberry.field(description="A popup store's first day; null for other stores.")
    def first_day(self) -> date | None:
        return self._store.first_day

    @strawberry.field(description="A popup store's last day; null for other stores.")
    def last_day(self) -> date | None:
        return self._store.last_day

    @strawberry.field(description="The telephone number, as people of its country write it.")
    def phone(self) -> str | None:
        return self._store.phone

    @strawberry.field(description="What the store does beyond selling from its shelves.")
    def services(self) -> list[model.StoreServiceKind]:
        return sorted(self._store.services)

    @strawberry.field(description="Pictures of the store: https addresses.")
    def photo_urls(self) -> list[str]:
        return list(self._store.photo_urls)

    @column(
        description=("The beacons that stand in it, for an app to listen to. Readable by members and staff.")
    )
    @staticmethod
    async def beacons(stores: Sequence["Store"], info: Info) -> Sequence[list[Beacon]]:
        store_ids = [each.found.store.id for each in stores]
        keys = await info.context.services.beacons.keys_at(store_ids)
        return [
            [Beacon(uuid=each.uuid, major=each.major, minor=each.minor) for each in keys[store_id]]
            for store_id in store_ids
        ]

    @column(
        description=(
            "The store's stock, in the order of the SKUs' ids; with words, that of up to 300 SKUs of the "
            "most relevant products. That of products that are not published is for staff, and partners with "
            "a scope to write stock or the catalogue; others' pages are so much shorter. A list of stores "
            "reads it in one go."
        )
    )
    @staticmethod
    async def stock(
        stores: Sequence["Store"],
        info: Info,
        query: Annotated[
            str | None,
            strawberry.argument(description="Words, a JAN or a code, as `products` takes them."),
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Sequence[StockLevelConnection | Exception]:
        request = PageRequest(first, after)
        wanted = [StockOfStore(each.found.store.id, request, query) for each in stores]
        return [_stock_of(page) for page in await info.context.stock.find(wanted)]

    @strawberry.field(description="Whether the store is open.")
    def is_open(self, info: Info, at: AtMoment = None) -> bool:
        return rules.is_open(self._store, rules.asked_moment(at, info.context.now))

    @strawberry.field(
        description="When the store, then closed, opens next; null while it is open, or closed for a year."
    )
    def opens_next(self, info: Info, at: AtMoment = None) -> datetime | None:
        return rules.opens_next(self._store, rules.asked_moment(at, info.context.now))


StoreConnection = Connection[Store]


def store_node(found: model.StoreFound) -> Store:
    return Store(id=encode_id("Store", found.store.id), found=found)


async def load_store(store_id: str, info: Info) -> Store | None:
    """The store with this key."""
    (found,) = await load_stores([store_id], info)
    if isinstance(found, Exception):
        raise found
    return found


async def load_stores(store_ids: Sequence[str | None], info: Info) -> list[Store | Exception | None]:
    """The stores with these keys, in their order, read together with all others that the request asks for.

    Null for no key, or one of no store.
    """
    keys = [store_id for store_id in store_ids if store_id]
    found = dict(zip(keys, await info.context.stores.find(keys), strict=True))
    return [_store_of(found[store_id]) if store_id else None for store_id in store_ids]


async def load_lists_of_stores(lists: Sequence[Collection[str]], info: Info) -> list[list[Store] | Exception]:
    """The stores of each list of keys, in their order; keys of no store are left out."""
    keys = list({store_id for store_ids in lists for store_id in store_ids})
    found = dict(zip(keys, await load_stores(keys, info), strict=True))
    stores = ([found[store_id] for store_id in store_ids] for store_ids in lists)
    return [all_or_error([store for store in of_list if store is not None]) for of_list in stores]


async def load_audiences(
    audiences: Sequence[Collection[str] | None], info: Info
) -> list[list[Store] | Exception | None]:
    """The stores of each, in the order of their keys; null for all stores."""
    lists = await load_lists_of_stores([sorted(store_ids or ()) for store_ids in audiences], info)
    return [
        None if store_ids is None else of_list for store_ids, of_list in zip(audiences, lists, strict=True)
    ]


def _store_of(found: model.Store | Exception | None) -> Store | Exception | None:
    return store_node(model.StoreFound(found)) if isinstance(found, model.Store) else found


def _stock_of(page: Page[Level] | Exception) -> StockLevelConnection | Exception:
    return page if isinstance(page, Exception) else connection_of(page, lambda level: StockLevel(stock=level))


def wall_time(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
