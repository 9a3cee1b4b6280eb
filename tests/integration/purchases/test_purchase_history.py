"""A member's purchases: filtered, added up and in pages."""

from datetime import UTC, datetime, timedelta

import pytest

from app.purchases.model import PurchaseFilter, SpendingBy
from app.services import Services
from app.shared.channels import Channel
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from app.stores.model import Store
from tests.conftest import MovableClock
from tests.integration.till import Till
from tests.purchase_examples import a_line, a_name, a_receipt, a_return


@pytest.fixture
def till(services: Services, store: Store) -> Till:
    return Till(services, store)


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
