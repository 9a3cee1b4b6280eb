"""Receipts in MongoDB: each counts once, whatever order they come in, and earns what it earned."""

import asyncio
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.errors import ServerSelectionTimeoutError

from app.auth.actor import PartnerActor
from app.auth.partners import Scope
from app.members.model import Rank
from app.point_rules.model import PointRules
from app.point_rules.repository import PointRulesRepository
from app.points.audit import audit
from app.purchases.model import Purchase, PurchaseFilter, ReturnedPieces, SpendingBy
from app.purchases.repository import PURCHASES
from app.purchases.rewarding import PurchaseRewards
from app.services import Services, build_services
from app.shared.channels import Channel
from app.shared.database import Database
from app.shared.events import EVENTS
from app.shared.paging import PageRequest
from app.shared.settings import Settings
from app.stores.model import Store
from tests.arrangements import add_stores
from tests.conftest import MovableClock
from tests.examples import a_store
from tests.integration.till import Till, codes
from tests.purchase_examples import POS, a_line, a_name, a_receipt, a_return


@pytest.fixture
def till(services: Services, store: Store) -> Till:
    return Till(services, store)


async def require_sound(database: Database) -> None:
    assert all([account.faults == () async for account in audit(database)])


async def test_a_receipt_earns_points_that_are_pending_and_miles(till: Till, clock: MovableClock) -> None:
    member = await till.customer()
    row = await till.sell(a_receipt(till.store.id, clock.now(), member_number=member.number))
    assert row.purchase is not None
    assert (row.purchase.points_earned, row.purchase.miles_earned, row.purchase.rank) == (
        10,
        1_000,
        Rank.MEMBER,
    )
    assert await till.points(member) == (0, 10)
    assert await till.miles(member) == 1_000
    end = row.purchase.points_available_at
    assert end is not None
    clock.advance(end - clock.now() - timedelta(milliseconds=1))
    assert await till.points(member) == (0, 10)
    clock.advance(timedelta(milliseconds=1))
    assert await till.points(member) == (10, 0)


async def test_by_setting_points_can_be_spent_at_once(
    settings: Settings, database: Database, clock: MovableClock, store: Store
) -> None:
    till = Till(build_services(settings.model_copy(update={"return_window_days": 0}), database, clock), store)
    member = await till.customer()
    await till.sell(a_receipt(store.id, clock.now(), member_number=member.number))
    assert await till.points(member) == (10, 0)


async def test_the_same_receipt_counts_once_and_other_content_is_a_conflict(
    till: Till, services: Services, database: Database, clock: MovableClock
) -> None:
    member = await till.customer()
    receipt = a_receipt(till.store.id, clock.now(), member_number=member.number)
    other = replace(receipt, lines=(a_line(2_200),), total=2_200)
    assert codes(await till.send(receipt, receipt, other)) == ["new", "again", "RECEIPT_CONFLICTING"]
    assert codes(await till.send(other, receipt)) == ["RECEIPT_CONFLICTING", "again"]
    assert await till.points(member) == (0, 10)
    page = await services.purchases.conflicts(PageRequest(10))
    assert [(each.name, each.total, each.times) for each, _ in page.items] == [(receipt.name, 2_200, 2)]
    (told,) = await database.collection(EVENTS).find({"type": "ReceiptConflictFound"})
    assert told["data"] == {
        "purchase_id": page.items[0][0].recorded_id,
        "store_id": till.store.id,
        "channel": "STORE",
        "terminal": "till-1",
        "receipt_number": receipt.name.receipt_number,
    }


async def test_a_return_whose_name_is_taken_is_told_of_with_its_purchase(
    till: Till, database: Database, clock: MovableClock
) -> None:
    receipt = a_receipt(till.store.id, clock.now(), a_line(2_000, quantity=2))
    row = await till.sell(receipt)
    back = a_return(receipt, clock.now(), {1: 1})
    await till.take_back(back)
    other = replace(back, pieces=(ReturnedPieces(1, 2),))
    outcomes = await asyncio.gather(*(till.take(other) for _ in range(16)))
    assert [codes(rows) for rows in outcomes] == [["RECEIPT_CONFLICTING"]] * 16
    (told,) = await database.collection(EVENTS).find({"type": "ReceiptConflictFound"})
    assert row.purchase is not None
    assert told["subject"] == f"purchase:{row.purchase.id}"


async def test_what_names_a_receipt_is_channel_store_terminal_and_number(
    till: Till, database: Database, clock: MovableClock
) -> None:
    namba = a_store()
    await add_stores(database, namba)
    names = [
        a_name(till.store.id, "1"),
        a_name(till.store.id, "2"),
        a_name(till.store.id, "1", terminal="till-2"),
        a_name(namba.id, "1"),
        a_name(None, "1", channel=Channel.MARKETPLACE),
    ]
    receipts = [replace(a_receipt(till.store.id, clock.now()), name=name) for name in names]
    assert codes(await till.send(*receipts)) == ["new"] * 5


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


async def test_a_rank_counts_for_what_is_bought_after_it_was_reached(
    till: Till, services: Services, clock: MovableClock
) -> None:

    rules = PointRules(clock.now() - timedelta(days=9), rank_percents={Rank.GOLD: 300})
    await PointRulesRepository(services.database).add_version(rules, None)
    member = await till.customer()
    before = clock.now() - timedelta(days=1)
    late = [a_receipt(till.store.id, before, member_number=member.number) for _ in range(2)]
    large = a_receipt(till.store.id, before, a_line(110_000), member_number=member.number)
    earned = [row.purchase.points_earned for row in await till.send(late[0], large, late[1]) if row.purchase]
    assert earned == [10, 1_000, 10]
    clock.advance(timedelta(minutes=1))
    row = await till.sell(a_receipt(till.store.id, clock.now(), member_number=member.number))
    assert row.purchase is not None
    assert (row.purchase.rank, row.purchase.points_earned) == (Rank.GOLD, 30)


async def test_day_and_year_follow_when_it_was_bought(till: Till, clock: MovableClock) -> None:
    member = await till.customer()
    clock.advance(timedelta(days=50))  # into January
    last_year = clock.now().replace(year=2026, month=12, day=31, hour=14, minute=59)  # 23:59 in Tokyo
    row = await till.sell(a_receipt(till.store.id, last_year, member_number=member.number))
    assert row.purchase is not None
    assert (row.purchase.store_day.isoformat(), row.purchase.rank_year) == ("2026-12-31", 2026)
    assert row.purchase.received_at == clock.now()
    row = await till.sell(
        a_receipt(till.store.id, last_year + timedelta(minutes=1), member_number=member.number)
    )
    assert row.purchase is not None
    assert (row.purchase.store_day.isoformat(), row.purchase.rank_year) == ("2027-01-01", 2027)
    assert (await till.miles(member, 2026), await till.miles(member, 2027)) == (1_000, 1_000)


async def test_a_bad_row_is_refused_and_the_others_go_in(
    till: Till, database: Database, clock: MovableClock
) -> None:
    online = a_store(channel=Channel.ONLINE)
    await add_stores(database, online)
    good = a_receipt(till.store.id, clock.now())
    rows = await till.send(
        good,
        a_receipt(till.store.id, clock.now(), total=1),
        a_receipt("nowhere", clock.now()),
        a_receipt(online.id, clock.now()),
        a_receipt(till.store.id, clock.now(), member_number="1234567890123456"),
        a_receipt(till.store.id, clock.now(), verification_id="unknown"),
    )
    assert codes(rows) == [
        "new",
        "RECEIPT_TOTAL_WRONG",
        "STORE_NOT_FOUND",
        "RECEIPT_CHANNEL_WRONG",
        "RECEIPT_MEMBER_NOT_FOUND",
        "RECEIPT_MEMBER_NOT_FOUND",
    ]
    assert await database.collection(PURCHASES).count({}) == 1


async def test_a_batch_that_broke_off_is_sent_again(
    till: Till, services: Services, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = [await till.customer() for _ in range(8)]
    receipts = [a_receipt(till.store.id, clock.now(), member_number=each.number) for each in members]
    grant, granted = PurchaseRewards.grant, 0

    async def breaking(self: PurchaseRewards, *arguments: Any) -> Purchase:
        nonlocal granted
        granted += 1
        if granted == 4:
            raise ServerSelectionTimeoutError("no primary")
        return await grant(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(PurchaseRewards, "grant", breaking)
        with pytest.raises(ServerSelectionTimeoutError):
            await till.send(*receipts)
    assert set(codes(await till.send(*receipts))) <= {"new", "again"}
    assert [await till.points(member) for member in members] == [(0, 10)] * 8


async def test_a_partner_reports_for_its_own_stores_alone(
    till: Till, services: Services, clock: MovableClock
) -> None:
    receipt = a_receipt(till.store.id, clock.now())
    everywhere = replace(receipt, name=a_name(None, channel=Channel.ONLINE))
    elsewhere = PartnerActor("pos", POS.scopes, None, frozenset({"namba"}))
    rows = await services.purchases.record(elsewhere, [receipt, everywhere])
    assert codes(rows) == ["STORE_NOT_ALLOWED"] * 2
    online = PartnerActor("pos", frozenset({Scope.PURCHASES_WRITE}), frozenset({Channel.ONLINE}))
    assert codes(await services.purchases.record(online, [receipt, everywhere])) == [
        "STORE_NOT_ALLOWED",
        "new",
    ]


async def test_history_is_filtered_and_spending_added_up(
    till: Till, services: Services, database: Database, clock: MovableClock
) -> None:
    member = await till.customer()
    number = member.number
    day = timedelta(days=1)
    first = a_receipt(
        till.store.id,
        clock.now() - 40 * day,
        a_line(1_000, name="ほうじ茶", category_id="tea"),
        a_line(500, category_id="bath", quantity=5),
        name=a_name(till.store.id, "first"),
        member_number=number,
    )
    second = a_receipt(
        till.store.id, clock.now(), name=a_name(None, "second", channel=Channel.ONLINE), member_number=number
    )
    await till.send(first, second)
    await till.take_back(a_return(first, clock.now(), {2: 1}))
    other = await till.customer()
    await till.sell(a_receipt(till.store.id, clock.now(), member_number=other.number))
    assert await till.history(member) == ["second", "first"]
    for wanted, found in (
        (PurchaseFilter(channel=Channel.ONLINE), ["second"]),
        (PurchaseFilter(store_id=till.store.id), ["first"]),
        (PurchaseFilter(since=clock.now() - day), ["second"]),
        (PurchaseFilter(until=clock.now()), ["first"]),
        (PurchaseFilter(query="ホウジ"), ["first"]),
        (PurchaseFilter(query="SECOND"), ["second"]),
        (PurchaseFilter(query=".*"), []),
        (PurchaseFilter(query="$lines"), []),
    ):
        assert await till.history(member, wanted) == found, wanted

    async def spent(by: SpendingBy) -> list[tuple[str | None, int, int]]:
        found = await services.purchase_history.spending(member.id, by, None, clock.now() + day)
        return [(each.key, each.amount, each.purchases) for each in found]

    assert await spent(SpendingBy.MONTH) == [("2026-11", 1_100, 1), ("2026-10", 1_400, 1)]
    assert await spent(SpendingBy.CATEGORY) == [(None, 1_100, 1), ("tea", 1_000, 1), ("bath", 400, 1)]
    long_ago = datetime(1, 1, 1, tzinfo=UTC)
    assert await services.purchase_history.spending(member.id, SpendingBy.MONTH, long_ago, long_ago) == []
    assert await spent(SpendingBy.CHANNEL) == [("STORE", 1_400, 1), ("ONLINE", 1_100, 1)]


async def test_history_comes_in_pages(till: Till, services: Services, clock: MovableClock) -> None:
    member = await till.customer()
    await till.send(
        *(
            a_receipt(
                till.store.id,
                clock.now() - timedelta(hours=number // 2),  # two at each moment
                name=a_name(till.store.id, f"{number}"),
                member_number=member.number,
            )
            for number in range(7)
        )
    )
    seen: list[str] = []
    cursor = None
    while True:
        page = await services.purchase_history.of_member(member.id, PurchaseFilter(), PageRequest(3, cursor))
        seen += [purchase.name.receipt_number for purchase, _ in page.items]
        if not page.has_next:
            break
        cursor = page.items[-1][1]
    assert sorted(seen) == [f"{number}" for number in range(7)]
