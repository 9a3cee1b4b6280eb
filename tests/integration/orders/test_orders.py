"""Orders on a real MongoDB: all or nothing, each effect once."""

import asyncio
from datetime import timedelta

import pytest

from app.auth.actor import MemberActor
from app.auth.roles import Role
from app.orders.errors import OrderChanged, OrderNotFound, PickupCodeInvalid
from app.orders.repository import ORDERS
from app.orders.slots import PickupPolicy
from app.orders.states import OrderState
from app.orders.wishes import OrderFilter
from app.payments.model import PaymentMethod
from app.shared.errors import Forbidden, SeveralRefusals
from app.shared.events import EVENTS
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from tests.arrangements import a_shift
from tests.conftest import MovableClock
from tests.integration.order_audit import require_sound
from tests.integration.shop import Shop, outcome

PLACED, ACCEPTED, PREPARING, READY, COLLECTED = list(OrderState)[:5]
REJECTED, CANCELLED, NO_SHOW, EXPIRED = list(OrderState)[5:]


async def test_an_order_holds_all_that_it_needs(shop: Shop, database: Database) -> None:
    member = await shop.customer(points=500)
    order = await shop.place(member, shop.wish((0, 2), (1, 1), use_points=400))
    assert (order.state, order.version, order.store_id) == (PLACED, 1, shop.store.id)
    assert (order.totals.total, order.totals.to_pay, order.totals.points_to_earn) == (2_300, 1_900, 17)
    assert (await shop.available(0), await shop.available(1)) == (18, 19)
    assert await shop.balance(member) == 100
    assert await shop.room(order.slot.starts_at) == PickupPolicy().capacity - 3
    assert order == await shop.now(order)
    (event,) = await database.collection(EVENTS).find({"type": "OrderPlaced"})
    assert event["data"]["order_id"] == order.id


async def test_from_placed_to_collected(shop: Shop, database: Database, clock: MovableClock) -> None:
    member = await shop.customer(points=300)
    order = await shop.place(member, shop.wish((0, 2), use_points=300))
    order = await shop.move(order, ACCEPTED, PREPARING, READY)
    assert await shop.available(0) == 18
    collected = (await shop.services.counter.collect(shop.clerk, order.pickup_code, None)).order
    assert (collected.state, collected.version) == (COLLECTED, 5)
    assert await shop.balance(member) == 15  # of 1,546 yen without tax that she paid
    assert (await shop.stockroom.level(shop.key(0))).on_hand == 18
    assert [move.state for move in collected.moves] == [PLACED, ACCEPTED, PREPARING, READY, COLLECTED]
    await require_sound(database, clock.now())


async def test_a_pickup_code_is_good_once_and_here(shop: Shop, clock: MovableClock) -> None:
    order = await shop.move(
        await shop.place(await shop.customer(), shop.wish((0, 1))), ACCEPTED, PREPARING, READY
    )
    other = await Shop.open(shop.services, clock)
    for clerk, code in ((other.clerk, order.pickup_code), (shop.clerk, "0" * 20), (shop.clerk, "")):
        with pytest.raises(PickupCodeInvalid):
            await shop.services.counter.collect(clerk, code, None)
    results = await asyncio.gather(
        *(outcome(shop.services.counter.collect(shop.clerk, order.pickup_code, None)) for _ in range(32))
    )
    assert results.count(["done"]) == 1
    assert results.count(["PICKUP_CODE_INVALID"]) == 31


async def test_the_card_collects_too(shop: Shop) -> None:
    member_id = await shop.customer()
    order = await shop.move(await shop.place(member_id, shop.wish((0, 1))), ACCEPTED, PREPARING, READY)
    (device,) = await shop.services.sessions.of_member(member_id)
    actor = MemberActor(member_id, device.id, device.language)
    code = (await shop.services.cards.code(actor, give_secret=False)).current_code
    collected = (await shop.services.counter.collect(shop.clerk, code, None)).order
    assert (collected.id, collected.state) == (order.id, COLLECTED)
    assert await outcome(shop.services.counter.collect(shop.clerk, code, None)) == ["CARD_CODE_USED"]


async def test_a_scan_whose_answer_got_lost_is_sent_again(shop: Shop) -> None:
    """With its key it gives the same order, however often it is sent; another scan of the code is refused."""
    collect = shop.services.counter.collect
    for is_card in (False, True):
        member_id = await shop.customer()
        order = await shop.move(await shop.place(member_id, shop.wish((0, 1))), ACCEPTED, PREPARING, READY)
        (device,) = await shop.services.sessions.of_member(member_id)
        actor = MemberActor(member_id, device.id, device.language)
        card_code = (await shop.services.cards.code(actor, give_secret=False)).current_code
        code, key = card_code if is_card else order.pickup_code, f"scan-of-{order.id}"
        same = await asyncio.gather(*(collect(shop.clerk, code, None, key) for _ in range(16)))
        assert {(each.order.id, each.order.state, each.order.version) for each in same} == {
            (order.id, COLLECTED, 5)
        }
        refused = "CARD_CODE_USED" if is_card else "PICKUP_CODE_INVALID"
        assert await outcome(collect(shop.clerk, code, None, f"{key}-again")) == [refused]
        assert await outcome(collect(shop.clerk, "0" * 20, None, key)) == ["IDEMPOTENCY_KEY_REUSED"]
    assert await outcome(collect(shop.clerk, code, None, "short")) == ["IDEMPOTENCY_KEY_INVALID"]


async def test_nothing_is_held_when_something_is_missing(shop: Shop, database: Database) -> None:
    """All that is in the way is told at once, with what works instead."""
    member = await shop.customer(points=10)
    with pytest.raises(SeveralRefusals) as refused:
        await shop.place(
            member, shop.wish((0, 21), (1, 1), use_points=50, slot=shop.slot + timedelta(seconds=1))
        )
    codes = [refusal.code for refusal in refused.value.refusals]
    assert codes == ["ORDER_ITEM_SHORT", "INSUFFICIENT_POINTS", "PICKUP_SLOT_NOT_FOUND"]
    assert refused.value.refusals[0].numbers["available"] == 20
    assert (await shop.available(0), await shop.available(1), await shop.balance(member)) == (20, 20, 10)
    assert await database.collection(ORDERS).count({}) == 0


async def test_another_store_is_named_that_has_it(shop: Shop, clock: MovableClock) -> None:
    other = await Shop.open(shop.services, clock)
    other.skus = shop.skus
    await other.stockroom.stock(other.key(0), 50)
    quote = await shop.services.orders.quote(await shop.customer(), shop.wish((0, 30)))
    assert quote.problems[0].numbers["elsewhere_store_id"] == other.store.id


async def test_a_full_slot_names_the_next_one(shop: Shop) -> None:
    await shop.change_policy(capacity=2)
    await shop.place(await shop.customer(), shop.wish((0, 2)))
    with pytest.raises(SeveralRefusals) as refused:
        await shop.place(await shop.customer(), shop.wish((0, 1)))
    assert refused.value.refusals[0].numbers == {"next_slot": "2026-11-21 12:30"}


async def test_a_paused_store_takes_no_orders(shop: Shop, clock: MovableClock) -> None:
    await shop.services.pickup_policies.pause(shop.clerk, 20)
    assert await outcome(shop.place(await shop.customer(), shop.wish((0, 1)))) == ["ORDERS_PAUSED"]
    clock.advance(timedelta(minutes=20))
    await shop.place(await shop.customer(), shop.wish((0, 1)))


async def test_a_price_that_has_changed_is_told(shop: Shop) -> None:
    place = shop.services.orders.place(
        await shop.customer(), shop.wish((0, 1)), PaymentMethod.PAY_AT_STORE, None, 900, "the-key-0001"
    )
    assert await outcome(place) == ["ORDER_TOTAL_CHANGED"]


async def test_nobody_touches_the_order_of_others(shop: Shop, clock: MovableClock) -> None:
    member = await shop.customer()
    order = await shop.place(member, shop.wish((0, 1)))
    stranger, other = await shop.customer(), await Shop.open(shop.services, clock)
    for act in (
        shop.services.orders.cancel(stranger, order.id, None),
        shop.services.orders.answer_substitution(stranger, order.id, "1", is_taken=True),
        shop.services.counter.move(other.clerk, order.id, ACCEPTED, None),
        shop.services.counter.reject_line(other.clerk, order.id, "1", None),
        shop.services.counter.move(shop.clerk, "none", ACCEPTED, None),
    ):
        with pytest.raises(OrderNotFound):
            await act
    assert (await shop.now(order)).version == 1


async def test_a_stale_version_is_refused_and_a_repeated_step_changes_nothing(shop: Shop) -> None:
    order = await shop.place(await shop.customer(), shop.wish((0, 1)))
    accepted = await shop.services.counter.move(shop.clerk, order.id, ACCEPTED, 1)
    assert await shop.services.counter.move(shop.clerk, order.id, ACCEPTED, 1) == accepted
    with pytest.raises(OrderChanged):
        await shop.services.counter.move(shop.clerk, order.id, PREPARING, 1)


async def test_the_counter_sees_the_earliest_slots_first(shop: Shop, clock: MovableClock) -> None:
    member = await shop.customer()
    later = await shop.place(member, shop.wish((0, 1), slot=shop.slot + timedelta(minutes=30)))
    sooner = await shop.place(member, shop.wish((0, 1)))
    ended = await shop.move(await shop.place(member, shop.wish((1, 1))), REJECTED)
    page = await shop.services.counter.at_store(shop.clerk, (), PageRequest(1))
    assert ([order.id for order, _ in page.items], page.has_next) == ([sooner.id], True)
    page = await shop.services.counter.at_store(shop.clerk, (), PageRequest(5, page.items[0][1]))
    assert [order.id for order, _ in page.items] == [later.id]
    page = await shop.services.counter.at_store(shop.clerk, [REJECTED], PageRequest())
    assert [order.id for order, _ in page.items] == [ended.id]
    mine = await shop.services.orders.of_member(member, OrderFilter(), PageRequest(2))
    assert ([order.id for order, _ in mine.items], mine.has_next) == ([ended.id, sooner.id], True)


async def test_a_pickup_number_is_one_orders_at_its_store_on_its_day(
    shop: Shop, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dice fall the same way twice, and again for another store and another day."""
    numbers = iter(["0042", "0042", "0043", "0042", "0042"])
    monkeypatch.setattr("app.orders.rules.new_pickup_number", lambda: next(numbers))
    member, other = await shop.customer(), await Shop.open(shop.services, clock)
    orders = [
        await shop.place(member, shop.wish((0, 1))),
        await shop.place(member, shop.wish((0, 1))),
        await other.place(member, other.wish((0, 1))),
        await shop.place(member, shop.wish((0, 1), slot=shop.slot + timedelta(days=1))),
    ]
    assert [order.pickup_number for order in orders] == ["0042", "0043", "0042", "0042"]
    assert len({order.pickup_code for order in orders}) == 4


async def test_a_reason_has_bounds(shop: Shop) -> None:
    order = await shop.place(await shop.customer(), shop.wish((0, 1)))
    for reason in ("x" * 201, "\x00"):
        reject = shop.services.counter.move(shop.clerk, order.id, REJECTED, None, reason)
        assert await outcome(reject) == ["NOTE_INVALID"]
    assert (await shop.now(order)).state is PLACED


async def test_headquarters_look_at_any_stores_orders_and_others_at_their_own(
    shop: Shop, clock: MovableClock
) -> None:
    order = await shop.place(await shop.customer(), shop.wish((0, 1)))
    headquarters = (await a_shift(shop.services, Role.HEADQUARTERS)).actor
    other = await Shop.open(shop.services, clock)
    page = await shop.services.counter.at_store(headquarters, (), PageRequest(), shop.store.id)
    assert [each.id for each, _ in page.items] == [order.id]
    with pytest.raises(Forbidden):
        await shop.services.counter.at_store(other.clerk, (), PageRequest(), shop.store.id)
