"""Receipts in MongoDB: each counts once, whatever order they come in, and earns what it earned."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo.errors import ServerSelectionTimeoutError

from app.auth.actor import PartnerActor
from app.auth.partners import Scope
from app.composition import build_services
from app.members.model import Rank
from app.point_rules.model import PointRules
from app.point_rules.repository import PointRulesRepository
from app.purchases.model import Purchase, ReturnedPieces
from app.purchases.repository import PURCHASES
from app.purchases.rewarding import PurchaseRewards
from app.services import Services
from app.shared.channels import Channel
from app.shared.events import EVENTS
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from app.shared.settings.model import Settings
from app.stores.model import Store
from tests.arrangements import add_stores
from tests.conftest import MovableClock
from tests.examples import a_store
from tests.integration.till import Till, codes
from tests.purchase_examples import POS, a_line, a_name, a_receipt, a_return


@pytest.fixture
def till(services: Services, store: Store) -> Till:
    return Till(services, store)


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
