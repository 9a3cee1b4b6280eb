"""How stores prepare orders, as their managers say it: versions, closures, pauses, payment first."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.auth.actor import StaffActor
from app.auth.errors import StoreNotAllowed
from app.auth.roles import Role
from app.orders.slots import Closure, PickupPolicy
from app.orders.states import OrderState
from app.orders.wishes import OrderFilter
from app.services import Services
from app.shared.errors import SeveralRefusals
from app.shared.events import EVENTS
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from tests.arrangements import a_shift
from tests.conftest import MovableClock
from tests.integration.shop import Shop, outcome

STEPS = (OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY)


@pytest.fixture
async def manager(shop: Shop) -> StaffActor:
    return (await a_shift(shop.services, Role.STORE_MANAGER, shop.store.id)).actor


async def change(shop: Shop, staff: StaffActor, version: int, **changes: Any) -> PickupPolicy:
    return await shop.services.pickup_policies.change(
        staff, shop.store.id, version, lambda policy: replace(policy, **changes)
    )


async def test_a_change_makes_the_next_version_and_is_told(
    shop: Shop, manager: StaffActor, database: Database
) -> None:
    assert await shop.services.pickup_policies.of_store(shop.clerk, shop.store.id) == PickupPolicy()
    await change(shop, manager, 0, capacity=5, grace_minutes=30)
    policy = await change(shop, manager, 1, capacity=6)
    assert policy == PickupPolicy(capacity=6, grace_minutes=30, version=2)
    assert await shop.services.pickup_policies.of_store(shop.clerk, shop.store.id) == policy
    events = await database.collection(EVENTS).find({"type": "PickupPolicyChanged"})
    assert [event["data"]["version"] for event in events] == [1, 2]
    order = await shop.place(await shop.customer(), shop.wish((0, 1)))
    assert order.collect_by == order.slot.ends_at + timedelta(minutes=30)


async def test_of_32_changes_of_one_version_one_is_made(shop: Shop, manager: StaffActor) -> None:
    results = await asyncio.gather(
        *(outcome(change(shop, manager, 0, capacity=number)) for number in range(32)),
        *(outcome(shop.services.pickup_policies.pause(shop.clerk, 20)) for _ in range(8)),
    )
    assert results[:32].count(["done"]) == 1
    assert results[:32].count(["PICKUP_POLICY_CHANGED"]) == 31
    assert results[32:] == [["done"]] * 8
    policy = await shop.services.pickup_policies.of_store(manager, shop.store.id)
    assert policy.version == 1
    assert policy.paused_until == shop.clock.now() + timedelta(minutes=20)


async def test_only_its_manager_and_headquarters_change_a_stores_policy(
    shop: Shop, manager: StaffActor, services: Services, clock: MovableClock
) -> None:
    headquarters = (await a_shift(services, Role.HEADQUARTERS)).actor
    other = await Shop.open(services, clock)
    for stranger in (shop.clerk, other.clerk, replace(manager, store_id=other.store.id)):
        with pytest.raises(StoreNotAllowed):
            await change(shop, stranger, 0, capacity=1)
    for stranger in (other.clerk, replace(manager, store_id=other.store.id)):
        with pytest.raises(StoreNotAllowed):
            await services.pickup_policies.of_store(stranger, shop.store.id)
        with pytest.raises(StoreNotAllowed):
            await services.pickup_policies.pause(stranger, 20, shop.store.id)
    assert (await change(shop, headquarters, 0, capacity=1)).version == 1
    assert await outcome(services.pickup_policies.pause(headquarters, 20)) == ["DEVICE_OF_NO_STORE"]
    paused = await services.pickup_policies.pause(headquarters, 20, shop.store.id)
    assert paused.paused_until == clock.now() + timedelta(minutes=20)
    assert await outcome(services.pickup_policies.of_store(headquarters, "none")) == ["STORE_NOT_FOUND"]


async def test_all_that_is_out_of_bounds_is_told_at_once_and_nothing_changes(
    shop: Shop, manager: StaffActor, clock: MovableClock
) -> None:
    now = clock.now()
    with pytest.raises(SeveralRefusals) as refused:
        await change(
            shop,
            manager,
            0,
            capacity=-1,
            lead_minutes=1_441,
            closures=(
                Closure(now, now),
                Closure(now, now + timedelta(days=401)),
                Closure(now, now + timedelta(hours=1), "x" * 101),
                Closure(now, now + timedelta(hours=1), "Stocktaking"),
            ),
        )
    assert [refusal.path[1:] for refusal in refused.value.refusals] == [
        ("capacity",),
        ("leadMinutes",),
        ("closures", "0"),
        ("closures", "1"),
        ("closures", "2"),
    ]
    assert await outcome(change(shop, manager, 0, slot_minutes=7)) == ["SLOT_MINUTES_INVALID"]
    closures = tuple(Closure(now, now + timedelta(hours=1)) for _ in range(101))
    assert await outcome(change(shop, manager, 0, closures=closures)) == ["TOO_MANY_CLOSURES"]
    assert await shop.services.pickup_policies.of_store(manager, shop.store.id) == PickupPolicy()


async def test_a_closure_ends_orders_for_its_slots_and_names_the_next(
    shop: Shop, clock: MovableClock
) -> None:
    placed = await shop.place(await shop.customer(), shop.wish((0, 1)))
    past = Closure(clock.now() - timedelta(hours=2), clock.now() - timedelta(hours=1))
    closure = Closure(shop.slot, shop.slot + timedelta(minutes=30), "Stocktaking")
    policy = await shop.change_policy(closures=(closure, past))
    assert policy.closures == (closure,)
    with pytest.raises(SeveralRefusals) as refused:
        await shop.place(await shop.customer(), shop.wish((0, 1)))
    (refusal,) = refused.value.refusals
    assert refusal.code == "PICKUP_SLOT_CLOSED"
    assert refusal.numbers["next_slot"] == "2026-11-21 12:30"
    await shop.place(await shop.customer(), shop.wish((0, 1), slot=closure.ends_at))
    assert (await shop.move(placed, *STEPS)).state is OrderState.READY


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (1, ("PICKUP_SLOT_CLOSED", {"next_slot": "2026-11-22 12:00"})),
        (6, ("PICKUP_SLOT_CLOSED", {"next_slot": "2026-11-27 12:00"})),
        (9, ("NO_SLOT_FITS", {})),
    ],
)
async def test_the_next_slot_is_named_however_long_the_store_is_closed(
    shop: Shop, clock: MovableClock, days: int, told: tuple[str, dict[str, str]]
) -> None:
    """As far as orders are taken, which is a week."""
    await shop.change_policy(closures=(Closure(clock.now(), clock.now() + timedelta(days=days)),))
    with pytest.raises(SeveralRefusals) as refused:
        await shop.place(await shop.customer(), shop.wish((0, 1)))
    (refusal,) = refused.value.refusals
    assert (refusal.code, refusal.numbers) == told


async def test_a_pause_is_told_before_a_closure(shop: Shop, clock: MovableClock) -> None:
    await shop.change_policy(closures=(Closure(clock.now(), clock.now() + timedelta(days=1)),))
    await shop.services.pickup_policies.pause(shop.clerk, 20)
    assert await outcome(shop.place(await shop.customer(), shop.wish((0, 1)))) == ["ORDERS_PAUSED"]


async def leave(shop: Shop, member: str) -> None:
    """An order that is ready and not collected; nobody has swept since."""
    order = await shop.move(await shop.place(member, shop.wish((0, 1))), *STEPS)
    shop.clock.moment = order.collect_by


async def test_who_leaves_three_orders_pays_before(shop: Shop, clock: MovableClock) -> None:
    member = await shop.customer()
    for _ in range(3):
        await leave(shop, member)
    assert await outcome(shop.place(member, shop.wish((0, 1)))) == ["PAYMENT_FIRST"]
    assert await outcome(shop.place_by_card(member, shop.wish((0, 1)))) == ["done"]
    assert await outcome(shop.place(await shop.customer(), shop.wish((0, 1)))) == ["done"]
    await shop.change_policy(no_shows_until_payment_first=None)
    assert await outcome(shop.place(member, shop.wish((0, 1)))) == ["done"]
    await shop.change_policy(no_shows_until_payment_first=3)
    clock.advance(timedelta(days=90))
    assert await outcome(shop.place(member, shop.wish((0, 1)))) == ["done"]


async def test_a_store_may_want_all_orders_paid_first(shop: Shop) -> None:
    await shop.change_policy(no_shows_until_payment_first=0)
    member = await shop.customer()
    assert await outcome(shop.place(member, shop.wish((0, 1)))) == ["STORE_WANTS_PAYMENT_FIRST"]
    assert await outcome(shop.place_by_card(member, shop.wish((0, 1)))) == ["done"]


async def test_orders_are_found_as_they_stand_at_the_moment(shop: Shop, clock: MovableClock) -> None:
    member = await shop.customer()
    other = await Shop.open(shop.services, clock)
    ready = await shop.move(await shop.place(member, shop.wish((0, 1))), *STEPS)
    placed = await shop.place(member, shop.wish((0, 1)))
    clock.advance(timedelta(minutes=10))
    elsewhere = await other.move(await other.place(member, other.wish((0, 1))), OrderState.ACCEPTED)

    async def found(**wanted: Any) -> list[str]:
        page = await shop.services.orders.of_member(member, OrderFilter(**wanted), PageRequest())
        return [order.id for order, _ in page.items]

    assert await found() == [elsewhere.id, placed.id, ready.id]
    assert await found(states=frozenset({OrderState.PLACED})) == [placed.id]
    assert await found(store_id=other.store.id) == [elsewhere.id]
    assert await found(placed_from=clock.now()) == [elsewhere.id]
    assert await found(placed_before=clock.now()) == [placed.id, ready.id]
    assert await found(states=frozenset({OrderState.NO_SHOW, OrderState.EXPIRED})) == []
    clock.moment = ready.collect_by
    assert await found(states=frozenset({OrderState.PLACED, OrderState.READY})) == []
    assert await found(states=frozenset({OrderState.NO_SHOW})) == [ready.id]
    assert set(await found(states=frozenset({OrderState.EXPIRED}))) == {placed.id, elsewhere.id}
    await shop.services.order_timekeeping.sweep()
    assert await found(states=frozenset({OrderState.NO_SHOW})) == [ready.id]
