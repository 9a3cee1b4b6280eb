"""Inboxes on MongoDB: each thing told once, to whom it concerns, whoever works at the same time."""

import asyncio
from contextlib import AsyncExitStack, aclosing
from datetime import date, timedelta
from typing import Any

import pytest

from app.consents.model import ConsentKind
from app.inbox.documents import KEPT_FOR
from app.inbox.errors import InboxMessageNotFound, InboxMessagesInvalid
from app.inbox.model import InboxMessage, MessageClass, MessageCounts, Reach
from app.inbox.repository import InboxRepository
from app.news.model import NewsPush
from app.notifications.service_messages import ServiceMessages
from app.orders.states import OrderState
from app.services import Services
from app.shared.errors import CursorInvalid
from app.shared.i18n import Language
from app.shared.paging import PageRequest, encode_cursor
from tests.arrangements import a_code, a_guest
from tests.conftest import MovableClock
from tests.integration.members.test_merging import PHONE, a_guest_on
from tests.integration.shop import Shop
from tests.news_arrangements import published
from tests.patience import PATIENCE_SECONDS
from tests.push_arrangements import PushDesk
from tests.webhook_arrangements import machinery

HANA = "hana@example.com"


def teller(services: Services) -> ServiceMessages:
    return ServiceMessages(
        services.database,
        services.events,
        services.orders,
        services.stores,
        services.inbox,
        services.push,
        services.clock,
    )


async def tell(services: Services) -> None:
    await machinery(services).dispatch.dispatch()
    await teller(services).tell()


async def inbox_of(services: Services, member_id: str, is_archived: bool = False) -> list[InboxMessage]:
    page = await services.inbox.page(member_id, is_archived, PageRequest(100))
    return [message for message, _ in page.items]


async def a_ready_order(services: Services, clock: MovableClock, member_id: str) -> str:
    shop = await Shop.open(services, clock)
    order = await shop.place(member_id, shop.wish((0, 1)))
    await shop.move(order, OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY)
    return order.id


async def test_what_becomes_of_an_order_is_told_in_both_languages(
    services: Services, clock: MovableClock
) -> None:
    member_id = await a_guest(services)
    order_id = await a_ready_order(services, clock, member_id)
    await tell(services)
    messages = await inbox_of(services, member_id)
    assert {each.titles[Language.EN] for each in messages} == {"Order accepted", "Ready for pickup"}
    assert {each.titles[Language.JA] for each in messages} == {
        "ご注文を承りました",
        "受け取りの準備ができました",
    }
    order = await services.orders.get(order_id)
    assert order is not None
    assert all(order.pickup_number in each.texts[Language.JA] for each in messages)
    assert {(each.message_class, each.order_id) for each in messages} == {(MessageClass.SERVICE, order_id)}
    assert await services.inbox.unread(member_id) == 2


async def test_of_many_workers_each_event_is_told_once(services: Services, clock: MovableClock) -> None:
    members = [await a_guest(services) for _ in range(3)]
    for member_id in members:
        await a_ready_order(services, clock, member_id)
    await machinery(services).dispatch.dispatch()
    await asyncio.gather(*(teller(services).tell() for _ in range(32)))
    await teller(services).tell()
    assert [len(await inbox_of(services, member_id)) for member_id in members] == [2, 2, 2]


async def test_messages_are_counted_by_day_and_kind_each_once(
    services: Services, clock: MovableClock
) -> None:
    desk = PushDesk(services)
    hana, mio = [await desk.member(ConsentKind.MARKETING_PUSH) for _ in range(2)]
    await a_ready_order(services, clock, hana.member_id)
    await a_ready_order(services, clock, mio.member_id)
    await published(services, push=NewsPush.AT_START)
    await desk.tell()
    ready = next(
        each
        for each in await inbox_of(services, hana.member_id)
        if each.titles[Language.EN] == "Ready for pickup"
    )
    for _ in range(3):
        await services.inbox.confirm(hana.member_id, [ready.id], is_opened=False)
    await services.inbox.read(hana.member_id, [ready.id])
    today = clock.now().astimezone(services.time_zone).date()
    assert await services.inbox.counts(None, None) == [
        MessageCounts(today, MessageClass.MARKETING, "News", 2, Reach(2, 0, 0)),
        MessageCounts(today, MessageClass.SERVICE, "OrderAccepted", 2, Reach(2, 0, 0)),
        MessageCounts(today, MessageClass.SERVICE, "OrderReady", 2, Reach(2, 1, 1)),
    ]
    clock.advance(timedelta(days=1))
    assert await services.inbox.counts(today + timedelta(days=1), None) == []
    assert len(await services.inbox.counts(None, today)) == 3
    clock.advance(timedelta(days=30))
    assert await services.inbox.counts(today, None) == []
    assert await services.inbox.counts(today, date.min) == []


async def test_pages_hold_each_message_once_news_and_others(services: Services, clock: MovableClock) -> None:
    member_id = await a_guest(services)
    for _ in range(3):
        await published(services)
        await a_ready_order(services, clock, member_id)
        clock.advance(timedelta(minutes=1))
    await tell(services)
    together = [each.id for each in await inbox_of(services, member_id)]
    assert len(together) == len(set(together)) == 9
    seen: list[str] = []
    after = None
    while True:
        page = await services.inbox.page(member_id, is_archived=False, request=PageRequest(2, after))
        seen += [each.id for each, _ in page.items]
        if not page.has_next:
            break
        after = page.items[-1][1]
    assert seen == together


@pytest.mark.parametrize("position", [("x", "y"), ("2026-11-21", "y"), (1, 2)])
async def test_a_cursor_of_something_else_is_refused(
    services: Services, position: tuple[object, object]
) -> None:
    request = PageRequest(2, encode_cursor(position))
    with pytest.raises(CursorInvalid):
        await services.inbox.page("member", is_archived=False, request=request)


async def test_read_and_put_away_is_what_she_says_for_herself_alone(
    services: Services, clock: MovableClock
) -> None:
    member_id, other = await a_guest(services), await a_guest(services)
    news = await published(services)
    await a_ready_order(services, clock, member_id)
    await tell(services)
    ids = [each.id for each in await inbox_of(services, member_id)]
    assert await services.inbox.read(member_id, ids[:2]) == 1
    first_read_at = clock.now()
    clock.advance(timedelta(minutes=1))
    assert await services.inbox.read(member_id, ids) == 0
    read_at = {each.id: each.read_at for each in await inbox_of(services, member_id)}
    assert read_at == {ids[0]: first_read_at, ids[1]: first_read_at, ids[2]: clock.now()}
    assert await services.inbox.archive(member_id, [news.id, ids[0]], True) == 0
    assert {each.id for each in await inbox_of(services, member_id, True)} == {news.id, ids[0]}
    assert await services.inbox.archive(member_id, [news.id], False) == 0
    assert news.id in {each.id for each in await inbox_of(services, member_id)}
    assert await services.inbox.unread(other) == 1


async def test_what_is_not_in_her_inbox_marks_nothing(services: Services, clock: MovableClock) -> None:
    member_id, other = await a_guest(services), await a_guest(services)
    news = await published(services)
    await a_ready_order(services, clock, other)
    await tell(services)
    not_hers = next(
        each.id for each in await inbox_of(services, other) if each.message_class is MessageClass.SERVICE
    )
    for ids in ([news.id, not_hers], [news.id, "none"]):
        with pytest.raises(InboxMessageNotFound):
            await services.inbox.read(member_id, ids)
        with pytest.raises(InboxMessageNotFound):
            await services.inbox.archive(member_id, ids, True)
    for ids in ([], ["x"] * 101):
        with pytest.raises(InboxMessagesInvalid):
            await services.inbox.read(member_id, ids)
    assert await services.inbox.unread(member_id) == 1


async def test_many_reads_of_one_piece_of_news_are_one(services: Services) -> None:
    member_id = await a_guest(services)
    news = await published(services)
    await asyncio.gather(*(services.inbox.read(member_id, [news.id]) for _ in range(32)))
    assert await services.inbox.unread(member_id) == 0


async def test_messages_are_gone_after_their_time(services: Services, clock: MovableClock) -> None:
    member_id = await a_guest(services)
    await a_ready_order(services, clock, member_id)
    await tell(services)
    clock.advance(KEPT_FOR)
    assert await inbox_of(services, member_id) == []
    assert await services.inbox.unread(member_id) == 0


async def test_a_guests_inbox_becomes_the_members(services: Services, clock: MovableClock) -> None:
    signed_in = await services.sign_in.sign_in(await a_code(services, HANA), None, Language.JA, None)
    member_id = signed_in.member.id
    guest = await a_guest_on(services, PHONE)
    news, other = await published(services), await published(services)
    await a_ready_order(services, clock, guest.member_id)
    await tell(services)
    await services.inbox.archive(member_id, [news.id], True)
    await services.inbox.read(guest.member_id, [news.id, other.id])
    await services.sign_in.sign_in(await a_code(services, HANA), None, Language.JA, guest)
    messages = await inbox_of(services, member_id)
    assert len(messages) == 3
    assert {each.read_at is not None for each in messages if each.id == other.id} == {True}
    assert [each.id for each in await inbox_of(services, member_id, True)] == [news.id]


async def test_an_order_of_a_former_guest_is_told_to_the_member(
    services: Services, clock: MovableClock
) -> None:
    signed_in = await services.sign_in.sign_in(await a_code(services, HANA), None, Language.JA, None)
    guest = await a_guest_on(services, PHONE)
    await a_ready_order(services, clock, guest.member_id)
    await services.sign_in.sign_in(await a_code(services, HANA), None, Language.JA, guest)
    await tell(services)
    assert len(await inbox_of(services, signed_in.member.id)) == 2
    assert await inbox_of(services, guest.member_id) == []


async def test_who_follows_hears_of_messages_reads_and_news(services: Services, clock: MovableClock) -> None:
    member_id = await a_guest(services)
    async with asyncio.timeout(PATIENCE_SECONDS), aclosing(services.inbox.watch(member_id)) as states:
        assert (await anext(states)).what.unread == 0
        await a_ready_order(services, clock, member_id)
        await tell(services)
        state = (await anext(states)).what
        while state.unread < 2:
            state = (await anext(states)).what
        assert state.newest is not None
        ids = [each.id for each in await inbox_of(services, member_id)]
        await services.inbox.read(member_id, ids)
        while state.unread:
            state = (await anext(states)).what


async def test_all_who_follow_one_inbox_share_what_is_read_of_it(
    services: Services, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On each of 20 pages she hears of her messages, and it is not read 20 times."""
    member_id = await a_guest(services)
    read, times = InboxRepository.own_messages, 0

    async def counted(*arguments: Any, **named: Any) -> Any:
        nonlocal times
        times += 1
        return await read(*arguments, **named)

    async with AsyncExitStack() as following, asyncio.timeout(PATIENCE_SECONDS):
        pages = [
            await following.enter_async_context(aclosing(services.inbox.watch(member_id))) for _ in range(20)
        ]
        await asyncio.gather(*(anext(page) for page in pages))
        monkeypatch.setattr(InboxRepository, "own_messages", counted)
        waiting = [asyncio.ensure_future(anext(page)) for page in pages]
        await a_ready_order(services, clock, member_id)
        await tell(services)
        told = [(await each).what.unread for each in waiting]
    assert min(told) >= 1
    assert 1 <= times < 10
