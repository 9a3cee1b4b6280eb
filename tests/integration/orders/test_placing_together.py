"""Orders that are placed in one transaction: as many as there is enough for, none for another's sake."""

import asyncio
from collections import Counter

import pytest

from app.orders.repository import ORDERS
from app.points.repository import POINT_ENTRIES
from app.services import Services
from app.shared.mongodb.database import Database
from tests.conftest import COMMANDS, MovableClock
from tests.integration.order_audit import require_sound
from tests.integration.shop import Shop, outcome


@pytest.fixture
async def shop(services: Services, clock: MovableClock) -> Shop:
    shop = await Shop.open(services, clock, pieces=100)
    await shop.change_policy(capacity=1_000)
    return shop


async def test_orders_that_are_wanted_at_once_share_their_transactions(
    shop: Shop, database: Database, clock: MovableClock
) -> None:
    members = [await shop.customer(points=50) for _ in range(8)]
    COMMANDS.clear()
    orders = await asyncio.gather(
        *(shop.place(members[number % 8], shop.wish((0, 1), (1, 2), use_points=10)) for number in range(32))
    )
    assert COMMANDS.count("commitTransaction") < 32
    assert len({order.id for order in orders}) == await database.collection(ORDERS).count({}) == 32
    assert [await shop.balance(member) for member in members] == [10] * 8
    assert (await shop.available(0), await shop.available(1)) == (68, 36)
    assert await shop.room(shop.slot) == 1_000 - sum(order.weight for order in orders)
    await require_sound(database, clock.now())


@pytest.mark.parametrize("scarce", ["pieces", "places"])
async def test_of_what_is_left_as_many_orders_are_placed_as_it_is_enough_for(
    shop: Shop, database: Database, clock: MovableClock, scarce: str
) -> None:
    if scarce == "pieces":
        shop = await Shop.open(shop.services, clock, pieces=5)
    else:
        await shop.change_policy(capacity=5)
    member = await shop.customer()
    told = await asyncio.gather(*(outcome(shop.place(member, shop.wish((0, 1)))) for _ in range(32)))
    refusal = "ORDER_ITEM_SHORT" if scarce == "pieces" else "PICKUP_SLOT_FULL"
    assert Counter(code for (code,) in told) == {"done": 5, refusal: 27}
    assert await database.collection(ORDERS).count({}) == 5
    await require_sound(database, clock.now())


async def test_an_order_that_cannot_be_placed_harms_no_other(
    shop: Shop, database: Database, clock: MovableClock
) -> None:
    """One member wants to spend more than she has, twice over; another sends the same request many times."""
    spender, repeater = await shop.customer(points=500), await shop.customer()
    others = [await shop.customer() for _ in range(8)]
    told = await asyncio.gather(
        *(outcome(shop.place(spender, shop.wish((1, 1), use_points=300))) for _ in range(8)),
        *(outcome(shop.place(repeater, shop.wish((0, 1)), "the-key-0001")) for _ in range(8)),
        *(outcome(shop.place(other, shop.wish((0, 1)))) for other in others),
    )
    assert Counter(code for (code,) in told) == {"done": 17, "INSUFFICIENT_POINTS": 7}
    assert await database.collection(ORDERS).count({}) == 10
    assert await database.collection(POINT_ENTRIES).count({"kind": "SPEND"}) == 1
    await require_sound(database, clock.now())
