"""Finding stores by place and by words, page by page."""

import random
from datetime import date
from typing import Any

import pytest

from app.demo.retailer import demo_stores
from app.services import Services
from app.shared.errors import CursorInvalid, SearchTooLong
from app.shared.geo import GeoPoint, distance_meters
from app.shared.i18n import Language
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from app.stores import repository
from app.stores.errors import PlaceInvalid, RadiusInvalid, StoreNotFound
from app.stores.model import SpecialDay, Store, StoreServiceKind
from app.stores.repository import store_from
from tests.arrangements import add_stores
from tests.examples import UMEDA, a_store
from tests.profiler import Profiled, all_commands

STORES = demo_stores(120, seed=1)


@pytest.fixture
async def retailer(database: Database) -> list[Store]:
    await add_stores(database, *STORES)
    return STORES


async def codes(services: Services, query: str | None, near: GeoPoint | None = None) -> list[str]:
    page = await services.stores.search(near, 50_000, query, PageRequest(100))
    return [found.store.code for found, _ in page.items]


@pytest.mark.parametrize(
    "query", ["梅田", "うめだ", "ウメダ", "ｳﾒﾀﾞ", "umeda", "ＵＭＥＤＡ", " 梅 田 ", "Koharu Umeda"]
)
async def test_a_store_is_found_in_both_languages(services: Services, retailer: object, query: str) -> None:
    assert "umeda" in await codes(services, query)


async def test_words_must_be_contained(services: Services, retailer: object) -> None:
    assert "namba" not in await codes(services, "梅田")
    assert await codes(services, "田梅") == []
    assert await codes(services, "ここにはない店") == []


async def test_one_character_is_enough(services: Services, retailer: object) -> None:
    found = await codes(services, "梅")
    assert "umeda" in found
    assert set(found) == {"umeda", "umeda-2"} & set(found)


@pytest.mark.parametrize(
    "query", ["$where", ".*", "{$gt: 0}", "\\", '"', "$$ROOT", "a" * 100, "\x00", "[", "（"]
)
async def test_words_are_never_anything_but_words(services: Services, retailer: object, query: str) -> None:
    assert await codes(services, query) == []


@pytest.mark.parametrize("near", [None, UMEDA])
async def test_what_stores_are_found_by_is_not_fetched(
    services: Services, retailer: object, near: GeoPoint | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: set[str] = set()

    def noting(found: dict[str, Any]) -> Store:
        fetched.update(found)
        return store_from(found)

    monkeypatch.setattr(repository, "store_from", noting)
    assert await codes(services, "梅田", near)
    assert "names" in fetched
    assert not fetched & {"search_text", "search_terms"}


async def test_no_words_mean_all_stores(services: Services, retailer: object) -> None:
    assert len(await codes(services, None)) == 100
    assert await codes(services, "  ") == await codes(services, None)


async def test_the_nearest_come_first(services: Services, retailer: list[Store]) -> None:
    page = await services.stores.search(UMEDA, 60_000, None, PageRequest(100))
    expected = sorted(
        (distance_meters(UMEDA, store.location), store.code)
        for store in retailer
        if distance_meters(UMEDA, store.location) <= 60_000
    )
    assert [found.store.code for found, _ in page.items] == [code for _, code in expected]
    for (found, _), (distance, _) in zip(page.items, expected, strict=True):
        assert found.distance_meters == pytest.approx(distance, abs=0.01)


async def test_words_and_place_together(services: Services, retailer: object) -> None:
    assert await codes(services, "京都", UMEDA) != []
    assert await codes(services, "新宿", UMEDA) == []


@pytest.mark.parametrize("near", [None, UMEDA])
async def test_pages_cover_the_list_without_gap_or_repetition(
    services: Services, retailer: object, near: GeoPoint | None
) -> None:
    whole: list[str] = []
    after = None
    while True:
        page = await services.stores.search(near, 20_000_000, None, PageRequest(7, after))
        whole += [found.store.id for found, _ in page.items]
        after = page.items[-1][1]
        if not page.has_next:
            break
    assert len(whole) == len(set(whole)) == 120


async def test_pages_go_on_among_stores_in_one_place(services: Services, database: Database) -> None:
    """A department store: twenty shops at the very same coordinates."""
    shops = [a_store(kana="おなじ") for _ in range(20)]
    random.Random(1).shuffle(shops)
    await add_stores(database, *shops)
    for near in (None, UMEDA):
        first = await services.stores.search(near, 1000, None, PageRequest(13))
        second = await services.stores.search(near, 1000, None, PageRequest(13, first.items[-1][1]))
        found = [each.store.id for each, _ in first.items + second.items]
        assert sorted(found) == sorted(shop.id for shop in shops)


async def test_a_cursor_of_the_other_list_is_refused(services: Services, retailer: object) -> None:
    by_kana = await services.stores.search(None, 1000, None, PageRequest(2))
    with pytest.raises(CursorInvalid):
        await services.stores.search(UMEDA, 1000, None, PageRequest(2, by_kana.items[-1][1]))


@pytest.mark.parametrize("near", [None, UMEDA])
async def test_only_stores_with_all_the_services(
    services: Services, retailer: list[Store], near: GeoPoint | None
) -> None:
    wanted = {StoreServiceKind.TAX_FREE, StoreServiceKind.TRY_ON}
    page = await services.stores.search(near, 20_000_000, None, PageRequest(100), wanted)
    expected = {store.id for store in retailer if wanted <= store.services}
    assert {found.store.id for found, _ in page.items} == expected
    assert 0 < len(expected) < len(retailer)


async def test_bad_questions_are_refused(services: Services) -> None:
    with pytest.raises(PlaceInvalid):
        await services.stores.search(GeoPoint(91, 0), 1000, None, PageRequest())
    with pytest.raises(PlaceInvalid):
        await services.stores.search(GeoPoint(float("nan"), 0), 1000, None, PageRequest())
    for radius in (0, -1, 20_000_001):
        with pytest.raises(RadiusInvalid):
            await services.stores.search(UMEDA, radius, None, PageRequest())
    with pytest.raises(SearchTooLong):
        await services.stores.search(None, 1000, "x" * 101, PageRequest())


async def test_a_store_is_read_back_as_it_was_written(
    services: Services, database: Database, retailer: list[Store]
) -> None:
    popup = a_store(
        first_day=date(2026, 12, 1),
        last_day=date(2026, 12, 24),
        photo_urls=("https://images.example/popup.jpg",),
        special_days=(SpecialDay(date(2026, 12, 2), ((600, 1500),)),),
    )
    await add_stores(database, popup)
    for store in (retailer[0], retailer[-1], popup):
        assert await services.stores.get(store.id) == store
    assert await services.stores.get("nowhere") is None
    assert {store.id for store in await services.stores.get_many([retailer[3].id, "nowhere"])} == {
        retailer[3].id
    }
    with pytest.raises(StoreNotFound):
        await services.stores.require("nowhere", ["id"])


async def test_the_antimeridian_and_the_poles_are_no_edges(services: Services, database: Database) -> None:
    fiji = a_store(location=GeoPoint(-17.0, 179.99), names={Language.JA: "フィジー", Language.EN: "Fiji"})
    await add_stores(database, fiji)
    page = await services.stores.search(GeoPoint(-17.0, -179.99), 5_000, None, PageRequest())
    assert [found.store.id for found, _ in page.items] == [fiji.id]
    whole_earth = await services.stores.search(GeoPoint(90.0, 180.0), 20_000_000, None, PageRequest())
    assert [found.store.id for found, _ in whole_earth.items] == [fiji.id]


async def test_a_search_reads_no_more_than_which_stores_and_where(
    services: Services, retailer: object, profiled: Profiled
) -> None:
    await services.stores.search(None, 1, None, PageRequest(1))  # each process knows the stores by heart
    with all_commands(profiled) as commands:
        await services.stores.search(None, 1, "店", PageRequest(100))
        await services.stores.search(UMEDA, 20_000_000, "店", PageRequest(100))
    assert [each["nreturned"] for each in commands] == [101, 101]
    for each in commands:
        assert each["responseLength"] < 130 * each["nreturned"], each["command"]
