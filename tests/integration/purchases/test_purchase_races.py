"""Receipts that come many times, at once and in any order: each counts once."""

import asyncio
import random
from datetime import timedelta

import pytest

from app.points.audit import audit
from app.purchases.repository import PURCHASES
from app.services import Services
from app.shared.events import EVENTS
from app.shared.mongodb.database import Database
from app.stores.model import Store
from tests.conftest import MovableClock
from tests.integration.till import Till, codes
from tests.purchase_examples import a_line, a_name, a_receipt, a_return


@pytest.fixture
def till(services: Services, store: Store) -> Till:
    return Till(services, store)


async def require_sound(database: Database) -> None:
    assert all([account.faults == () async for account in audit(database)])


async def test_100_receipts_three_times_in_any_order_with_lost_answers(
    till: Till, database: Database, clock: MovableClock
) -> None:
    """As a till with three retry queues would: the history, the points and the miles are exact."""
    chance = random.Random(20_261)
    members = [await till.customer() for _ in range(3)]
    receipts = [
        a_receipt(
            till.store.id,
            clock.now() - timedelta(minutes=number + 1),
            a_line(chance.randint(1, 40_000), quantity=3),
            a_line(chance.randint(1, 9_000)),
            name=a_name(till.store.id, f"{number:03}"),
            member_number=members[number % 3].number,
            points_used=chance.choice([0, 0, 1]),
        )
        for number in range(100)
    ]
    returns = [
        a_return(receipt, clock.now(), {1: pieces}, f"r-{number}-{pieces}")
        for number, receipt in enumerate(receipts[:12])
        for pieces in (1, 2)
    ]

    async def queue() -> None:
        waiting = [*receipts]
        chance.shuffle(waiting)
        while waiting:
            batch, waiting = waiting[:20], waiting[20:]
            rows = await till.send(*batch)
            assert all(row.refusal is None for row in rows)
            if chance.random() < 0.5:  # the answer is lost: the batch is sent again some time
                waiting += batch

    await asyncio.gather(queue(), queue(), queue())
    for _ in range(2):
        chance.shuffle(returns)
        assert all(row.refusal is None for row in await till.take(*returns))
    for number, member in enumerate(members):
        own = [receipt for receipt in receipts if receipt.member_number == member.number]
        assert await till.history(member) == [receipt.name.receipt_number for receipt in own]
        purchases = await database.collection(PURCHASES).find({"member_id": member.id})
        earned = miles = 0
        for receipt in own:
            paid = receipt.total - receipt.points_used
            base = sum(line.amount - line.amount * 10 // 110 for line in receipt.lines) * paid
            earned += base // receipt.total // 100
            miles += base // receipt.total
        taken = [line for purchase in purchases for line in purchase["lines"] if line["returned"]]
        assert all(line["returned"] == 3 for line in taken)
        used = sum(receipt.points_used for receipt in own if receipt not in receipts[:12])
        expected = earned - sum(line["points"] for line in taken) - used
        assert sum(await till.points(member)) == expected, number
        assert await till.miles(member) == miles - sum(line["miles"] for line in taken)
    await require_sound(database)


async def test_64_queues_send_one_receipt(till: Till, database: Database, clock: MovableClock) -> None:
    member = await till.customer()
    receipt = a_receipt(till.store.id, clock.now(), member_number=member.number)
    rows = await asyncio.gather(*(till.sell(receipt) for _ in range(64)))
    assert [row.is_new for row in rows].count(True) == 1
    assert len({row.purchase.id for row in rows if row.purchase}) == 1
    assert await till.points(member) == (0, 10)
    assert await database.collection(EVENTS).count({"type": "PurchaseRecorded"}) == 1


async def test_of_32_receipts_with_one_name_one_is_recorded(till: Till, clock: MovableClock) -> None:
    name = a_name(till.store.id)
    receipts = [
        a_receipt(till.store.id, clock.now(), a_line(amount), name=name) for amount in range(1_000, 1_032)
    ]
    rows = await asyncio.gather(*(till.send(receipt) for receipt in receipts))
    outcomes = [code for row in rows for code in codes(row)]
    assert outcomes.count("new") == 1
    assert outcomes.count("RECEIPT_CONFLICTING") == 31


async def test_points_are_the_same_in_whatever_order_receipts_come(
    till: Till, database: Database, clock: MovableClock
) -> None:
    """The one that spends comes before the one that earned: what was missing is filled by it."""
    member = await till.customer()
    earning = a_receipt(
        till.store.id, clock.now() - timedelta(hours=1), a_line(110_000), member_number=member.number
    )
    spending = a_receipt(till.store.id, clock.now(), member_number=member.number, points_used=600)
    await till.sell(spending)
    assert await till.points(member) == (-600 + 4, 0)
    await till.sell(earning)
    assert sum(await till.points(member)) == 1_000 - 600 + 4
    await till.take_back(a_return(spending, clock.now(), {1: 1}))
    assert sum(await till.points(member)) == 1_000
    await require_sound(database)
