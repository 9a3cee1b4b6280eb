"""Returns: exactly what the pieces earned is taken back, in whatever parts, and no piece comes back twice."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.members.model import Member, Rank
from app.members.ranks import RankReason
from app.point_rules.model import PointRules
from app.point_rules.repository import PointRulesRepository
from app.points.audit import audit
from app.points.model import PointReason, PointSource
from app.purchases.model import Receipt
from app.services import Services
from app.shared.mongodb.database import Database, Session
from app.shared.paging import PageRequest
from app.stores.model import Store
from tests.conftest import MovableClock
from tests.integration.till import Till, codes
from tests.purchase_examples import a_line, a_receipt, a_return


@pytest.fixture
def till(services: Services, store: Store) -> Till:
    return Till(services, store)


async def bought(till: Till, member: Member, clock: MovableClock, points_used: int = 0) -> Receipt:
    """Three pieces for 3,300 yen and one for 1,100."""
    lines = (a_line(3_300, quantity=3), a_line(1_100))
    receipt = a_receipt(
        till.store.id, clock.now(), *lines, member_number=member.number, points_used=points_used
    )
    await till.sell(receipt)
    return receipt


async def earn(services: Services, member: Member, amount: int) -> None:
    async def act(session: Session) -> None:
        source = PointSource("gift", PointReason.CORRECTION, services.clock.now())
        await services.points.earn(member.id, amount, source, session)

    await services.database.transaction(act)


async def require_sound(database: Database) -> None:
    assert all([account.faults == () async for account in audit(database)])


async def test_partial_returns_take_back_what_their_pieces_earned(
    till: Till, services: Services, database: Database, clock: MovableClock
) -> None:
    member = await till.customer()
    receipt = await bought(till, member, clock)
    assert (await till.points(member), await till.miles(member)) == ((0, 40), 4_000)
    row = await till.take_back(a_return(receipt, clock.now(), {1: 1}))
    assert row.recorded is not None
    assert (row.recorded.given_back.amount, row.recorded.given_back.points_taken) == (1_100, 10)
    assert (await till.points(member), await till.miles(member)) == ((0, 30), 3_000)
    await till.take_back(a_return(receipt, clock.now(), {1: 2, 2: 1}))
    assert (await till.points(member), await till.miles(member)) == ((0, 0), 0)
    assert codes(await till.take(a_return(receipt, clock.now(), {1: 1}))) == ["RETURN_INVALID"]
    page = await services.points.entries(member.id, PageRequest(10))
    assert [entry.amount for entry, _ in page.items] == [-30, -10, 40]
    await require_sound(database)


async def test_points_that_paid_come_back_to_their_lots(
    till: Till, services: Services, database: Database, clock: MovableClock
) -> None:
    member = await till.customer()
    await earn(services, member, 1_500)
    before = (await services.points.account(member.id)).lots
    receipt = await bought(till, member, clock, points_used=1_500)
    assert (await till.points(member))[0] == 0
    row = await till.take_back(a_return(receipt, clock.now(), {1: 1}))
    assert row.recorded is not None
    assert row.recorded.given_back.points_returned == 1_100
    await till.take_back(a_return(receipt, clock.now(), {1: 2, 2: 1}))
    assert (await services.points.account(member.id)).lots == before
    await require_sound(database)


async def test_a_balance_falls_below_zero_and_what_is_earned_fills_it_first(
    till: Till, services: Services, database: Database, clock: MovableClock
) -> None:
    member = await till.customer()
    receipt = await bought(till, member, clock)
    clock.advance(timedelta(days=20))

    async def spend(session: Session) -> None:
        source = PointSource("spent", PointReason.PAYMENT, clock.now())
        await services.points.spend(member.id, 35, source, session)

    await database.transaction(spend)
    await till.take_back(a_return(receipt, clock.now(), {1: 3, 2: 1}))
    assert await till.points(member) == (-35, 0)
    await bought(till, member, clock)
    assert await till.points(member) == (0, 5)
    await require_sound(database)


async def test_rules_are_not_run_again(
    till: Till, services: Services, database: Database, clock: MovableClock
) -> None:
    """What was earned at other rates is taken back as it was earned."""

    member = await till.customer()
    receipt = await bought(till, member, clock)
    rules = PointRules(clock.now() - timedelta(days=1), yen_per_point=1)
    await PointRulesRepository(database).add_version(rules, None)
    await till.take_back(a_return(receipt, clock.now(), {1: 3, 2: 1}))
    assert await till.points(member) == (0, 0)


async def test_a_return_takes_its_miles_and_the_rank_with_them(
    till: Till, services: Services, clock: MovableClock
) -> None:
    member = await till.customer()
    receipt = a_receipt(till.store.id, clock.now(), a_line(66_000), member_number=member.number)
    await till.sell(receipt)
    await till.take_back(a_return(receipt, clock.now(), {1: 1}))
    current = await services.members.get(member.id)
    assert current is not None
    assert services.ranks.standing(current).rank is Rank.MEMBER
    page = await services.ranks.history(current, PageRequest(10))
    assert [(change.after, change.reason) for change, _ in page.items] == [
        (Rank.MEMBER, RankReason.RETURN),
        (Rank.GOLD, RankReason.PURCHASE),
    ]


async def test_a_return_that_comes_first_is_taken_when_it_comes_again(
    till: Till, clock: MovableClock
) -> None:
    member = await till.customer()
    receipt = a_receipt(till.store.id, clock.now(), member_number=member.number)
    coming_back = a_return(receipt, clock.now(), {1: 1})
    assert codes(await till.take(coming_back)) == ["PURCHASE_NOT_FOUND"]
    await till.sell(receipt)
    assert codes(await till.take(coming_back, coming_back)) == ["new", "again"]
    other = replace(coming_back, occurred_at=clock.now() - timedelta(days=1))
    assert codes(await till.take(other)) == ["RECEIPT_CONFLICTING"]
    assert await till.points(member) == (0, 0)


async def test_64_queues_return_one_piece_each_of_three(
    till: Till, database: Database, clock: MovableClock
) -> None:
    member = await till.customer()
    receipt = await bought(till, member, clock)
    rows = await asyncio.gather(
        *(till.take(a_return(receipt, clock.now(), {1: 1}, f"r-{number}")) for number in range(64))
    )
    outcomes = [code for row in rows for code in codes(row)]
    assert (outcomes.count("new"), outcomes.count("RETURN_INVALID")) == (3, 61)
    assert await till.points(member) == (0, 10)
    await require_sound(database)


async def test_32_repetitions_of_one_return_count_once(till: Till, clock: MovableClock) -> None:
    member = await till.customer()
    receipt = await bought(till, member, clock)
    coming_back = a_return(receipt, clock.now(), {1: 1})
    await asyncio.gather(*(till.take_back(coming_back) for _ in range(32)))
    assert await till.points(member) == (0, 30)


async def test_an_anonymous_purchase_is_returned_too(till: Till, clock: MovableClock) -> None:
    receipt = a_receipt(till.store.id, clock.now())
    await till.sell(receipt)
    row = await till.take_back(a_return(receipt, clock.now(), {1: 1}))
    assert row.recorded is not None
    assert row.recorded.given_back.amount == 1_100
