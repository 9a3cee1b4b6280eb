"""What a member searched for, through GraphQL: hers to see and to forget."""

from typing import Any

import pytest

from app.services import Services
from app.shared.mongodb.database import Database
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id, key_of
from tests.api.callers import Caller
from tests.arrangements import add_catalog, allow

SEARCH, MINE, CLEAR = (TEXTS[name] for name in ("search_products", "my_searches", "clear_search_history"))


@pytest.fixture(autouse=True)
async def shop(database: Database, services: Services, member: Caller, other_member: Caller) -> None:
    await add_catalog(database)
    for each in (member, other_member):
        await allow(services, key_of(each.member_id, "Member", []))


async def searches_of(member: Caller) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await member.send(MINE))["me"]["recentSearches"]
    return found


async def test_a_member_sees_what_she_searched_for(
    member: Caller, other_member: Caller, anonymous: Caller
) -> None:
    towels = encode_id("Category", "bath")
    wish = {"categoryId": towels, "brands": ["Tsumugi"]}
    first = (await member.send(SEARCH, {"query": "のーと", "first": 1}))["products"]
    await member.send(SEARCH, {"query": "のーと", "first": 1, "after": first["pageInfo"]["endCursor"]})
    await member.send(SEARCH, {"filter": wish})
    await member.send(SEARCH)
    await anonymous.send(SEARCH, {"query": "umbrella"})
    chosen, typed = await searches_of(member)
    assert (chosen["words"], chosen["category"]["id"], chosen["brands"]) == ("", towels, ["Tsumugi"])
    assert (typed["words"], typed["category"], typed["brands"]) == ("のーと", None, [])
    assert await searches_of(other_member) == []


async def test_a_search_that_is_refused_is_not_kept(member: Caller) -> None:
    await member.errors(SEARCH, {"query": "x" * 101})
    await member.errors(SEARCH, {"filter": {"categoryId": encode_id("Category", "none")}})
    assert await searches_of(member) == []


async def test_cleared_is_gone(member: Caller) -> None:
    await member.send(SEARCH, {"query": "のーと"})
    assert (await member.send(CLEAR))["clearSearchHistory"]["clearedAt"]
    assert await searches_of(member) == []
    await member.send(CLEAR)
