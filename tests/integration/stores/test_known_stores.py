"""Stores around a place from memory: the same as MongoDB finds them, and no older than ten seconds."""

import asyncio
import random
from datetime import timedelta

import pytest

from app.demo.retailer import demo_stores
from app.services import Services
from app.shared.geo import Circle, GeoPoint
from app.shared.mongodb.database import Database
from app.shared.mongodb.snapshots import Snapshots
from app.shared.paging import PageRequest
from app.stores.errors import PlaceInvalid, RadiusInvalid, StoreNotFound
from app.stores.known_stores import KnownStores
from tests.arrangements import add_stores
from tests.conftest import COMMANDS, MovableClock
from tests.examples import UMEDA, a_store, north_of

EVERYWHERE = 20_000_000


@pytest.fixture
def known(database: Database, clock: MovableClock) -> KnownStores:
    return KnownStores(database, Snapshots(database, clock))


async def whole_list(known: KnownStores, circle: Circle, first: int) -> list[tuple[str, float | None]]:
    """All pages."""
    listed: list[tuple[str, float | None]] = []
    after = None
    while True:
        page = await known.page(circle, PageRequest(first, after))
        listed += [(found.store.id, found.distance_meters) for found, _ in page.items]
        if not page.has_next:
            return listed
        after = page.items[-1][1]


async def test_they_are_the_stores_that_mongodb_finds(
    known: KnownStores, services: Services, database: Database
) -> None:
    await add_stores(database, *demo_stores(300, seed=1))
    chance = random.Random(1)
    places = [UMEDA, GeoPoint(35.69, 139.70), GeoPoint(-17, 179.99), GeoPoint(90, 0)]
    places += [GeoPoint(chance.uniform(-89, 89), chance.uniform(-180, 180)) for _ in range(4)]
    for place in places:
        for radius in (5_000, 100_000, EVERYWHERE):
            page = await services.stores.search(place, radius, None, PageRequest(100))
            listed = await whole_list(known, Circle(place, radius), 100)
            assert [id for id, _ in listed][:100] == [found.store.id for found, _ in page.items]
            for (found, _), (_, distance) in zip(page.items, listed, strict=False):
                assert distance == pytest.approx(found.distance_meters, abs=0.01)


async def test_pages_have_no_gap_and_no_repetition_among_stores_in_one_place(
    known: KnownStores, database: Database
) -> None:
    shops = [a_store() for _ in range(30)] + [a_store(location=north_of(UMEDA, 100)) for _ in range(30)]
    await add_stores(database, *shops)
    circle = Circle(UMEDA, 1_000)
    whole = await whole_list(known, circle, 100)
    assert {id for id, _ in whole} == {shop.id for shop in shops}
    assert await whole_list(known, circle, 7) == whole


async def test_of_many_who_ask_at_once_one_asks_mongodb(known: KnownStores, database: Database) -> None:
    await add_stores(database, a_store())
    COMMANDS.clear()
    found = await asyncio.gather(*(known.all() for _ in range(64)))
    assert COMMANDS == ["aggregate"]
    assert all(stores is found[0] for stores in found)


async def test_what_changes_is_seen_after_ten_seconds_and_the_same_object_until_then(
    known: KnownStores, database: Database, clock: MovableClock
) -> None:
    shop = a_store()
    await add_stores(database, shop)
    first = await known.all()
    clock.advance(timedelta(seconds=10))
    assert await known.all() is first
    later = a_store()
    await add_stores(database, later)
    assert await known.all() is first
    clock.advance(timedelta(seconds=10))
    assert {store.id for store in await known.all()} == {shop.id, later.id}
    assert await known.require(later.id, ["id"]) == later
    with pytest.raises(StoreNotFound):
        await known.require("nowhere", ["id"])


async def test_known_stores_are_looked_up_without_a_command_and_new_ones_are_looked_for(
    known: KnownStores, database: Database
) -> None:
    one, other = a_store(), a_store()
    await add_stores(database, one, other)
    await known.all()
    COMMANDS.clear()
    assert await known.get_many([other.id, one.id, other.id]) == [other, one]
    assert COMMANDS == []
    new = a_store()
    await add_stores(database, new)
    COMMANDS.clear()
    assert await known.get_many(["nowhere", new.id, one.id]) == [one, new]
    assert COMMANDS == ["find"]
    assert await known.get_many([]) == []


async def test_bad_circles_are_refused(known: KnownStores) -> None:
    for latitude in (91.0, float("nan"), float("inf")):
        with pytest.raises(PlaceInvalid):
            await known.page(Circle(GeoPoint(latitude, 0), 1_000), PageRequest())
    for radius in (0, -1, EVERYWHERE + 1):
        with pytest.raises(RadiusInvalid):
            await known.page(Circle(UMEDA, radius), PageRequest())
