"""Miles and ranks in MongoDB: changes with their reasons, years that end while nobody looks, and races."""

import asyncio
from datetime import datetime, timedelta

from app.auth.actor import MemberActor
from app.members.model import Rank
from app.members.ranks import RankReason
from app.services import Services
from app.shared.events import EVENTS
from app.shared.i18n import Language
from app.shared.mongodb.database import Database, Session
from app.shared.paging import PageRequest
from tests.arrangements import a_code, a_guest, a_member
from tests.conftest import MovableClock


async def add_miles(
    services: Services, member_id: str, miles: int, year: int = 2026, reason: RankReason = RankReason.PURCHASE
) -> None:
    async def act(session: Session) -> None:
        member = await services.members.get(member_id, session)
        assert member is not None
        await services.ranks.add_miles(member, {year: miles}, reason, "purchase", session)

    await services.database.transaction(act)


async def history(services: Services, member_id: str) -> list[tuple[Rank, Rank, RankReason, datetime]]:
    """Her changes, the oldest first."""
    member = await services.members.get(member_id)
    assert member is not None
    page = await services.ranks.history(member, PageRequest(100))
    return [(each.before, each.after, each.reason, each.changed_at) for each, _ in reversed(page.items)]


async def test_a_rank_changes_with_a_reason_up_and_down(services: Services, clock: MovableClock) -> None:
    member = await a_guest(services)
    await add_miles(services, member, 9_999)
    assert await history(services, member) == []
    first = clock.now()
    await add_miles(services, member, 1)
    clock.advance(timedelta(days=1))
    await add_miles(services, member, -1, reason=RankReason.RETURN)
    assert await history(services, member) == [
        (Rank.MEMBER, Rank.SILVER, RankReason.PURCHASE, first),
        (Rank.SILVER, Rank.MEMBER, RankReason.RETURN, clock.now()),
    ]


async def test_years_end_while_nobody_looks(
    services: Services, database: Database, clock: MovableClock
) -> None:
    member = await a_guest(services)
    await add_miles(services, member, 60_000)
    clock.advance(timedelta(days=365))
    await add_miles(services, member, 12_000, year=2027)
    clock.advance(timedelta(days=365))
    pages = await asyncio.gather(*(history(services, member) for _ in range(16)))
    assert all(page == pages[0] for page in pages)
    falls = [(before, after, reason) for before, after, reason, _ in pages[0][1:]]
    assert falls == [
        (Rank.GOLD, Rank.MEMBER, RankReason.YEAR_ENDED),  # the new year had earned nothing by then
        (Rank.MEMBER, Rank.SILVER, RankReason.PURCHASE),
        (Rank.SILVER, Rank.MEMBER, RankReason.YEAR_ENDED),
    ]
    told = await database.collection(EVENTS).find({"type": "RankChanged"}, sort=[("written_at", 1)])
    assert [event["data"]["to"] for event in told] == ["GOLD", "MEMBER", "SILVER", "MEMBER"]


async def test_32_purchases_at_once_lose_no_mile(services: Services) -> None:
    member = await a_guest(services)
    await asyncio.gather(*(add_miles(services, member, 1_000) for _ in range(32)))
    found = await services.members.get(member)
    assert found is not None
    assert found.miles_in(2026) == 32_000
    assert [change[1] for change in await history(services, member)] == [Rank.SILVER]


async def test_the_rank_of_then_is_the_one_she_held(services: Services, clock: MovableClock) -> None:
    member_id = await a_guest(services)
    before = clock.now()
    clock.advance(timedelta(days=1))
    await add_miles(services, member_id, 20_000)
    member = await services.members.get(member_id)
    assert member is not None

    async def rank(moment: datetime) -> Rank:
        return await services.database.transaction(
            lambda session: services.ranks.rank_then(member, moment, session)
        )

    assert await rank(before) is Rank.MEMBER
    assert await rank(clock.now()) is Rank.SILVER


async def test_a_guests_miles_become_the_members(services: Services) -> None:
    guest, member = await a_guest(services), await a_member(services, "hana@example.com")
    await add_miles(services, guest, 4_000)
    await add_miles(services, member, 7_000)
    await services.sign_in.sign_in(
        await a_code(services, "hana@example.com"),
        None,
        Language.JA,
        caller=MemberActor(guest, "session", Language.JA),
    )
    assert [change[1:3] for change in await history(services, member)] == [(Rank.SILVER, RankReason.MERGE)]
