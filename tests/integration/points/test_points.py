"""The ledger in MongoDB: entries, expiry at the moment of reading, and races on one account."""

import asyncio
from datetime import timedelta

import pytest

from app.points import rules
from app.points.audit import audit
from app.points.errors import InsufficientPoints, PointExpiryInvalid, PointReferenceUsed, PointSpendNotFound
from app.points.model import PointEntryKind
from app.points.repository import POINT_ENTRIES
from app.services import Services
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from tests.conftest import MovableClock
from tests.examples import a_source
from tests.integration.ledger import MEMBER, Ledger, outcome


@pytest.fixture
def ledger(services: Services, clock: MovableClock) -> Ledger:
    return Ledger(services, clock)


async def require_sound(database: Database, accounts: int = 1) -> None:
    audited = [account async for account in audit(database)]
    assert len(audited) == accounts
    assert [account.faults for account in audited] == [()] * accounts


async def kinds(services: Services) -> list[PointEntryKind]:
    page = await services.points.entries(MEMBER, PageRequest(100))
    return [entry.kind for entry, _ in reversed(page.items)]


async def test_an_account_that_never_earned_is_empty(services: Services) -> None:
    account = await services.points.account(MEMBER)
    assert (account.balance, account.lots, account.seq) == (0, (), 0)


async def test_earn_spend_reverse_and_adjust(
    ledger: Ledger, services: Services, database: Database, clock: MovableClock
) -> None:
    await ledger.earn(10, days=5)
    await ledger.earn(20)
    spent = await ledger.spend(15, "order-1")
    assert [use.amount for use in spent.lot_uses] == [-10, -5]
    await ledger.adjust(-3)
    await ledger.adjust(4)
    returned = await ledger.reverse("order-1")
    assert [use.amount for use in returned.lot_uses] == [10, 5]
    account = await services.points.account(MEMBER)
    assert account.balance == 31
    assert [lot.amount for lot in account.lots] == [10, 21]
    await require_sound(database)


async def test_points_expire_at_the_moment_of_reading(
    ledger: Ledger, services: Services, database: Database, clock: MovableClock
) -> None:
    await ledger.earn(10, days=5)
    await ledger.earn(20, days=9)
    clock.advance(timedelta(days=5) - timedelta(milliseconds=1))
    assert (await services.points.account(MEMBER)).balance == 30
    clock.advance(timedelta(milliseconds=1))
    assert (await services.points.account(MEMBER)).balance == 20
    assert await kinds(services) == ["EARN", "EARN", "EXPIRE"]
    clock.advance(timedelta(days=30))
    accounts = await asyncio.gather(*(services.points.account(MEMBER) for _ in range(32)))
    assert {account.balance for account in accounts} == {0}
    assert await kinds(services) == ["EARN", "EARN", "EXPIRE", "EXPIRE"]
    await require_sound(database)


async def test_points_expire_at_the_moment_of_spending(
    ledger: Ledger, services: Services, database: Database, clock: MovableClock
) -> None:
    await ledger.earn(10, days=5)
    await ledger.earn(20, days=9)
    clock.advance(timedelta(days=5))
    with pytest.raises(InsufficientPoints) as refused:
        await ledger.spend(21)
    assert refused.value.numbers == {"requested": 21, "balance": 20}
    await ledger.spend(20)
    assert await kinds(services) == ["EARN", "EARN", "EXPIRE", "SPEND"]
    await require_sound(database)


async def test_points_that_return_to_an_expired_lot_expire_at_once(
    ledger: Ledger, services: Services, database: Database, clock: MovableClock
) -> None:
    await ledger.earn(10, days=5)
    await ledger.earn(20, days=9)
    await ledger.spend(15, "order-1")
    clock.advance(timedelta(days=6))
    await ledger.reverse("order-1")
    assert (await services.points.account(MEMBER)).balance == 20
    assert await kinds(services) == ["EARN", "EARN", "SPEND", "REVERSE", "EXPIRE"]
    await require_sound(database)


async def test_lots_of_one_millisecond_are_one_lot(
    ledger: Ledger, services: Services, database: Database, clock: MovableClock
) -> None:
    """MongoDB keeps milliseconds; what is finer must not make lots that it cannot tell apart."""
    for microseconds in (123, 456, 789):
        expires_at = clock.now() + timedelta(days=1, microseconds=microseconds)
        source = a_source(clock.now())
        await database.transaction(
            lambda session, source=source, expires_at=expires_at: services.points.earn(
                MEMBER, 10, source, session, expires_at
            )
        )
    assert [lot.amount for lot in (await services.points.account(MEMBER)).lots] == [30]
    await ledger.spend(25)
    assert (await services.points.account(MEMBER)).balance == 5
    await require_sound(database)


async def test_points_of_long_ago_are_gone_at_once(
    services: Services, database: Database, clock: MovableClock
) -> None:
    source = a_source(clock.now() - timedelta(days=500))
    await database.transaction(lambda session: services.points.earn(MEMBER, 10, source, session))
    assert await kinds(services) == ["EARN", "EXPIRE"]
    assert (await services.points.account(MEMBER)).balance == 0
    await require_sound(database)


async def test_a_refund_is_never_refused(
    ledger: Ledger, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MAXIMUM_BALANCE", 100)
    await ledger.earn(100)
    await ledger.spend(50, "order")
    await ledger.earn(50)
    await ledger.reverse("order")
    assert (await services.points.account(MEMBER)).balance == 150


async def test_points_cannot_expire_in_the_past(ledger: Ledger) -> None:
    with pytest.raises(PointExpiryInvalid):
        await ledger.earn(10, days=-1)


async def test_a_reference_counts_once(ledger: Ledger, services: Services) -> None:
    await ledger.earn(10, reference="receipt-1")
    with pytest.raises(PointReferenceUsed):
        await ledger.earn(10, reference="receipt-1")
    assert (await services.points.account(MEMBER)).balance == 10
    await ledger.earn(10, reference="receipt-1", member="another")


async def test_a_spending_is_reversed_once_and_only_if_there_is_one(
    ledger: Ledger, services: Services
) -> None:
    await ledger.earn(10, reference="order-1")
    with pytest.raises(PointSpendNotFound):
        await ledger.reverse("order-1")
    await ledger.spend(4, "order-1")
    await ledger.reverse("order-1")
    with pytest.raises(PointReferenceUsed):
        await ledger.reverse("order-1")
    assert (await services.points.account(MEMBER)).balance == 10


async def test_entries_come_in_pages_the_newest_first(ledger: Ledger, services: Services) -> None:
    for amount in range(1, 6):
        await ledger.earn(amount)
    first = await services.points.entries(MEMBER, PageRequest(2))
    second = await services.points.entries(MEMBER, PageRequest(3, first.items[-1][1]))
    assert [entry.amount for entry, _ in first.items + second.items] == [5, 4, 3, 2, 1]
    assert (first.has_next, second.has_next) == (True, False)


async def test_32_spenders_of_one_account_spend_no_more_than_there_is(
    ledger: Ledger, services: Services, database: Database
) -> None:
    await ledger.earn(100)
    outcomes = await asyncio.gather(*(outcome(ledger.spend(10)) for _ in range(32)))
    assert outcomes.count("done") == 10
    assert outcomes.count("INSUFFICIENT_POINTS") == 22
    assert (await services.points.account(MEMBER)).balance == 0
    await require_sound(database)


async def test_32_retries_of_one_earning_count_once(
    ledger: Ledger, services: Services, database: Database
) -> None:
    outcomes = await asyncio.gather(*(outcome(ledger.earn(10, reference="receipt")) for _ in range(32)))
    assert outcomes.count("done") == 1
    assert outcomes.count("POINT_REFERENCE_USED") == 31
    assert (await services.points.account(MEMBER)).balance == 10
    await require_sound(database)


async def test_32_reversals_of_one_spending_return_the_points_once(
    ledger: Ledger, services: Services, database: Database
) -> None:
    await ledger.earn(100)
    await ledger.spend(60, "order")
    outcomes = await asyncio.gather(*(outcome(ledger.reverse("order")) for _ in range(32)))
    assert outcomes.count("done") == 1
    assert (await services.points.account(MEMBER)).balance == 100
    await require_sound(database)


async def test_earning_and_spending_at_once_lose_nothing(
    ledger: Ledger, services: Services, database: Database
) -> None:
    await ledger.earn(1000)
    acts = [act for number in range(16) for act in (ledger.earn(number + 1), ledger.spend(number + 1))]
    await asyncio.gather(*acts)
    assert (await services.points.account(MEMBER)).balance == 1000
    await require_sound(database)


async def test_the_audit_finds_what_was_changed_behind_our_back(
    ledger: Ledger, services: Services, database: Database
) -> None:
    await ledger.earn(10)
    await ledger.earn(10, member="another")
    entries = database.collection(POINT_ENTRIES)
    await entries.find_one_and_update({"member_id": MEMBER}, {"$set": {"balance_after": 11}})
    audited = {account.member_id: account.faults async for account in audit(database)}
    assert audited["another"] == ()
    assert audited[MEMBER]
