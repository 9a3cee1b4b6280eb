"""What is learnt on MongoDB: facts once, and related SKUs from what the same members like."""

import asyncio
from datetime import timedelta

import pytest

from app.events.repository import EVENT_SEQUENCES
from app.interests.model import InterestAspect, InterestEvent, InterestEventKind
from app.interests.rules import liked
from app.learning.facts import READER
from app.learning.related import COMPUTED_ANEW_AFTER
from app.members.model import Member
from app.orders.states import OrderState
from app.services import Services
from app.shared.channels import Channel
from app.shared.ids import new_id
from app.stores.model import Store
from tests.arrangements import A_NETWORK, a_guest, allow
from tests.conftest import MovableClock
from tests.examples import a_request
from tests.integration.shop import Shop
from tests.integration.till import Till
from tests.purchase_examples import a_line, a_name, a_receipt, a_return
from tests.webhook_arrangements import machinery


async def an_interested_guest(services: Services) -> str:
    member_id = await a_guest(services)
    await allow(services, member_id)
    return member_id


async def likings(services: Services, member_id: str, aspect: InterestAspect) -> dict[str, float]:
    return liked(await services.interests.of_member(member_id), aspect, services.clock.now())


async def learn(services: Services) -> int:
    """Has the events numbered, and learns from them until there are no more."""
    while await machinery(services).dispatch.dispatch():
        pass
    return await services.fact_learning.follow()


async def learn_all_again(services: Services) -> None:
    """As if it read from the beginning again."""
    await services.database.collection(EVENT_SEQUENCES).delete_many({"_id": READER})
    await learn(services)


async def a_customer_who_allows(services: Services) -> Member:
    member = await services.members.get(await an_interested_guest(services))
    assert member is not None
    return member


async def test_a_visit_and_an_order_are_interests_once(
    services: Services, clock: MovableClock, store: Store
) -> None:
    member_id = await an_interested_guest(services)
    await services.check_ins.check_in(member_id, a_request(store, clock.now()))
    shop = await Shop.open(services, clock)
    order = await shop.place(member_id, shop.wish((0, 3), (1, 1)))
    await shop.move(order, OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY)
    await services.counter.move(shop.clerk, order.id, OrderState.COLLECTED, None)
    await learn(services)
    await learn_all_again(services)
    assert await likings(services, member_id, InterestAspect.SKU) == pytest.approx(
        {sku.id: 8.0 for sku in shop.skus}
    )
    assert await likings(services, member_id, InterestAspect.STORE) == pytest.approx(
        {shop.store.id: 8.0, store.id: 3.0}
    )


async def test_purchases_of_every_channel_are_interests_once_they_have_a_name(
    services: Services, clock: MovableClock, store: Store
) -> None:
    member_id = await an_interested_guest(services)
    shop = await Shop.open(services, clock)
    till = Till(services, store)
    line = a_line(sku_id=shop.skus[0].id)
    receipt = a_receipt(store.id, clock.now(), line, name=a_name(None, "R1", channel=Channel.ONLINE))
    await till.sell(receipt)
    await learn(services)
    assert await likings(services, member_id, InterestAspect.SKU) == {}
    await services.purchase_history.claim(member_id, "R1", receipt.total, None, A_NETWORK)
    await learn(services)
    assert await likings(services, member_id, InterestAspect.SKU) == pytest.approx({shop.skus[0].id: 8.0})


async def test_receipts_of_all_channels_are_interests_and_returns_take_them_back(
    services: Services, clock: MovableClock
) -> None:
    shop = await Shop.open(services, clock)
    cup, pen = shop.skus
    till = Till(services, shop.store)
    member = await a_customer_who_allows(services)
    at_store = a_receipt(
        shop.store.id,
        clock.now(),
        a_line(2_000, quantity=2, sku_id=cup.id),
        a_line(1_000, jan=cup.jan),
        a_line(300, jan=pen.jan),
        a_line(5_000, is_gift_card=True, sku_id=pen.id),
        member_number=member.number,
    )
    online = a_receipt(
        shop.store.id,
        clock.now(),
        a_line(category_id="toys"),
        name=a_name(None, channel=Channel.ONLINE),
        member_number=member.number,
    )
    await till.sell(at_store)
    await till.sell(online)
    await learn(services)
    assert await likings(services, member.id, InterestAspect.SKU) == pytest.approx({cup.id: 8.0, pen.id: 8.0})
    assert (await likings(services, member.id, InterestAspect.CATEGORY))["toys"] == pytest.approx(8.0)
    clock.advance(timedelta(days=3))
    await till.take_back(a_return(at_store, clock.now(), {1: 2, 3: 1}))
    await till.take_back(a_return(online, clock.now(), {1: 1}))
    await learn(services)
    await learn_all_again(services)
    left = await likings(services, member.id, InterestAspect.SKU)
    assert list(left) == [cup.id]  # one of the three was kept
    assert "toys" not in await likings(services, member.id, InterestAspect.CATEGORY)
    assert list(await likings(services, member.id, InterestAspect.STORE)) == [shop.store.id]
    clock.advance(timedelta(hours=1))
    await till.take_back(a_return(at_store, clock.now(), {2: 1}))
    await learn(services)
    assert await likings(services, member.id, InterestAspect.SKU) == {}


async def test_a_claimed_receipt_is_an_interest_less_what_came_back(
    services: Services, clock: MovableClock
) -> None:
    shop = await Shop.open(services, clock)
    cup, pen = shop.skus
    till = Till(services, shop.store)
    member = await a_customer_who_allows(services)
    receipt = a_receipt(shop.store.id, clock.now(), a_line(1_000, sku_id=cup.id), a_line(300, sku_id=pen.id))
    await till.sell(receipt)
    await till.take_back(a_return(receipt, clock.now(), {2: 1}))
    await learn(services)
    assert await likings(services, member.id, InterestAspect.SKU) == {}
    await services.purchase_history.claim(
        member.id, receipt.name.receipt_number, receipt.total, shop.store.id, "192.0.2.1"
    )
    await learn(services)
    assert await likings(services, member.id, InterestAspect.SKU) == pytest.approx({cup.id: 8.0})


async def test_what_was_bought_before_it_was_allowed_stays_unknown(
    services: Services, clock: MovableClock
) -> None:
    shop = await Shop.open(services, clock)
    till = Till(services, shop.store)
    member = await till.customer()
    receipt = a_receipt(
        shop.store.id,
        clock.now(),
        a_line(1_000, sku_id=shop.skus[0].id),
        a_line(300, sku_id=shop.skus[1].id),
        member_number=member.number,
    )
    await till.sell(receipt)
    await learn(services)
    await allow(services, member.id)
    await till.take_back(a_return(receipt, clock.now(), {1: 1}))
    await learn(services)
    assert (await services.interests.of_member(member.id)).sums.get(InterestAspect.SKU, {}) == {}


async def test_facts_of_who_allows_nothing_are_passed_over(
    services: Services, clock: MovableClock, store: Store
) -> None:
    member_id = await a_guest(services)
    await services.check_ins.check_in(member_id, a_request(store, clock.now()))
    assert await learn(services) == 1
    assert await likings(services, member_id, InterestAspect.STORE) == {}
    await allow(services, member_id)
    assert await learn(services) == 0


async def like(services: Services, *sku_ids: str, kind: InterestEventKind = InterestEventKind.BOUGHT) -> str:
    """A new member who likes these SKUs."""
    member_id = await an_interested_guest(services)
    now = services.clock.now()
    await services.interests.record(
        member_id, [InterestEvent(new_id(), kind, now, sku_id=sku_id) for sku_id in sku_ids]
    )
    return member_id


async def related_to(services: Services, sku_id: str) -> list[str]:
    found = await services.related_skus.of_skus([sku_id])
    return [each.sku_id for each in found.get(sku_id, [])]


async def test_what_the_same_members_like_is_related(services: Services) -> None:
    await asyncio.gather(
        *(like(services, "cup", "saucer", "bag") for _ in range(4)),
        *(like(services, "pen", "bag") for _ in range(8)),
        *(like(services, "cup", "pen") for _ in range(2)),
    )
    assert await services.related_skus.refresh() == 4
    await services.related_skus.refresh()  # each knows by now how many like the others
    # Everybody has a bag; a saucer goes with a cup. Two who like cup and pen are too few to be told of.
    assert await related_to(services, "cup") == ["saucer", "bag"]
    assert await related_to(services, "pen") == ["bag"]
    assert await related_to(services, "gone") == []


async def test_only_what_was_touched_is_computed_anew(services: Services, clock: MovableClock) -> None:
    for _ in range(3):
        await like(services, "cup", "saucer")
    clock.advance(timedelta(hours=1))
    await services.related_skus.refresh()
    for _ in range(3):
        await like(services, "pen", "ink")
    clock.advance(timedelta(hours=1))
    assert await services.related_skus.refresh() == 2
    clock.advance(timedelta(hours=1))
    assert await services.related_skus.refresh() == 0
    assert await related_to(services, "saucer") == ["cup"]


async def test_what_was_withdrawn_is_forgotten_in_a_week(services: Services, clock: MovableClock) -> None:
    members = [await like(services, "cup", "saucer") for _ in range(3)]
    await services.related_skus.refresh()
    await allow(services, members[0], is_given=False)
    clock.advance(COMPUTED_ANEW_AFTER + timedelta(hours=1))
    assert await services.related_skus.refresh() == 2
    assert await related_to(services, "cup") == []
