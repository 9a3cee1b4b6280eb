"""Search histories on MongoDB: short, each search once, whoever searches at the same moment."""

import asyncio

import pytest
from pymongo.errors import AutoReconnect

from app.catalog.search_query import ProductFilter, ProductRequest
from app.consents.model import ConsentKind
from app.search_history.repository import SEARCH_HISTORIES, SearchHistoryRepository
from app.search_history.rules import MAXIMUM_SEARCHES
from app.services import Services
from app.shared.i18n import Language
from app.shared.mongodb.database import Database
from tests.arrangements import a_code, a_guest, a_member, allow
from tests.conftest import MovableClock
from tests.examples import minutes
from tests.integration.members.test_merging import PHONE, a_guest_on

HANA = "hana@example.com"


async def a_remembered_guest(services: Services) -> str:
    """A guest who allows that her searches are kept."""
    member_id = await a_guest(services)
    await allow(services, member_id)
    return member_id


async def words_of(services: Services, member_id: str) -> list[str]:
    return [search.words for search in await services.search_history.of_member(member_id)]


async def test_the_newest_searches_are_kept_each_once(services: Services, clock: MovableClock) -> None:
    member_id = await a_remembered_guest(services)
    for number in range(MAXIMUM_SEARCHES + 5):
        clock.advance(minutes(1))
        await services.search_history.remember(member_id, ProductRequest(f"cup {number}"))
    newest = [f"cup {number}" for number in reversed(range(5, MAXIMUM_SEARCHES + 5))]
    assert await words_of(services, member_id) == newest
    await services.search_history.remember(member_id, ProductRequest("CUP  20"))
    assert await words_of(services, member_id) == ["CUP  20", *(each for each in newest if each != "cup 20")]


async def test_what_looks_like_an_expression_is_kept_as_it_is(services: Services) -> None:
    member_id = await a_remembered_guest(services)
    words = ["$searches", "{$ne: 1}", "$$ROOT"]
    for each in words:
        request = ProductRequest(each, ProductFilter(brands=("$key",)))
        await services.search_history.remember(member_id, request)
    assert await words_of(services, member_id) == words[::-1]


async def test_many_searches_at_once_are_all_kept(services: Services) -> None:
    member_id = await a_remembered_guest(services)
    requests = [ProductRequest(f"cup {number % 32}") for number in range(64)]
    await asyncio.gather(*(services.search_history.remember(member_id, each) for each in requests))
    assert set(await words_of(services, member_id)) == {f"cup {number}" for number in range(32)}


async def test_a_search_that_cannot_be_kept_is_no_failure(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise AutoReconnect("gone")

    monkeypatch.setattr(SearchHistoryRepository, "add", fail)
    await services.search_history.remember("member", ProductRequest("cup"))
    assert await words_of(services, "member") == []


async def test_cleared_is_gone(services: Services, database: Database) -> None:
    member_id, other_id = await a_remembered_guest(services), await a_remembered_guest(services)
    for each in (member_id, other_id):
        await services.search_history.remember(each, ProductRequest("cup"))
    await services.search_history.clear(member_id)
    assert await words_of(services, member_id) == []
    assert await words_of(services, other_id) == ["cup"]
    await services.search_history.remember(member_id, ProductRequest("pen"))
    assert await words_of(services, member_id) == ["pen"]


async def test_without_consent_nothing_is_kept(services: Services, database: Database) -> None:
    member_id = await a_guest(services)
    await allow(services, member_id, ConsentKind.LOCATION, ConsentKind.MARKETING_PUSH)
    await services.search_history.remember(member_id, ProductRequest("cup"))
    assert await words_of(services, member_id) == []
    assert await database.collection(SEARCH_HISTORIES).count({}) == 0


async def test_withdrawn_is_gone_whoever_searches_at_that_moment(
    services: Services, database: Database
) -> None:
    member_id, other_id = await a_remembered_guest(services), await a_remembered_guest(services)
    for each in (member_id, other_id):
        await services.search_history.remember(each, ProductRequest("cup"))
    searches = [ProductRequest(f"pen {number}") for number in range(32)]
    await asyncio.gather(
        allow(services, member_id, is_given=False),
        *(services.search_history.remember(member_id, each) for each in searches),
    )
    assert await database.collection(SEARCH_HISTORIES).count({"_id": member_id}) == 0
    assert await words_of(services, other_id) == ["cup"]
    await allow(services, member_id)
    assert await words_of(services, member_id) == []


async def test_a_guests_searches_become_the_members(
    services: Services, database: Database, clock: MovableClock
) -> None:
    hana = await a_member(services, HANA)
    guest = await a_guest_on(services, PHONE)
    for each in (hana, guest.member_id):
        await allow(services, each)
    for member_id, words in (
        (hana, "cup"),
        (guest.member_id, "towel"),
        (hana, "pen"),
        (guest.member_id, "Cup"),
    ):
        clock.advance(minutes(1))
        await services.search_history.remember(member_id, ProductRequest(words))
    given = await a_code(services, HANA)
    later = [ProductRequest(f"ink {number}") for number in range(16)]
    await asyncio.gather(
        services.sign_in.sign_in(given, None, Language.JA, guest),
        *(services.search_history.remember(hana, request) for request in later),
    )
    kept = await words_of(services, hana)
    assert set(kept) == {"Cup", "pen", "towel", *(f"ink {number}" for number in range(16))}
    assert [each for each in kept if not each.startswith("ink")] == ["Cup", "pen", "towel"]
    assert await database.collection(SEARCH_HISTORIES).count({"_id": guest.member_id}) == 0


async def test_a_guests_searches_are_forgotten_when_the_member_allows_none(
    services: Services, database: Database
) -> None:
    hana = await a_member(services, HANA)
    guest = await a_guest_on(services, PHONE)
    await allow(services, guest.member_id)
    await services.search_history.remember(guest.member_id, ProductRequest("cup"))
    await services.sign_in.sign_in(await a_code(services, HANA), None, Language.JA, guest)
    assert not await services.consents.has(hana, ConsentKind.PERSONALIZATION)
    assert await services.consents.standing(hana) == ()
    assert await database.collection(SEARCH_HISTORIES).count({}) == 0
