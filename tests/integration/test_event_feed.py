"""The feed of events: nothing is missed, and what happened to one subject is told in its order."""

import asyncio
import random
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from app.auth.actor import PartnerActor
from app.auth.partners import Scope
from app.check_ins.repository import CHECK_INS
from app.events.model import PublishedEvent
from app.events.publications import PUBLICATIONS
from app.events.unpublished import UNPUBLISHED
from app.events.visibility import may_see
from app.payments.acts import EVENTS_OF, REFUND_FAILED
from app.services import Services
from app.shared.channels import Channel
from app.shared.database import ConcurrentChange, Session
from app.shared.errors import CursorInvalid
from app.shared.events import CARRIED, EVENTS, Event, EventLog
from app.shared.ids import opaque_id
from app.shared.paging import PageRequest, encode_cursor
from app.webhooks.delivery_repository import WEBHOOK_DELIVERIES, WebhookDeliveryRepository
from tests.arrangements import a_guest, add_stores
from tests.examples import a_request, a_store
from tests.webhook_arrangements import a_check_in, a_listener, an_endpoint, machinery, tell

WRITERS = 32
EVENTS_EACH = 6
SUBJECTS = 8


async def read_on(
    services: Services, viewer: PartnerActor, after: str | None, first: int = 7
) -> tuple[list[PublishedEvent], str | None]:
    """All later events, page by page, and the last cursor."""
    events: list[PublishedEvent] = []
    while True:
        page = await services.events.page(viewer, PageRequest(first, after))
        events += [event for event, _ in page.items]
        after = page.items[-1][1] if page.items else after
        if not page.has_next:
            return events, after


async def test_an_event_is_shown_as_its_publication_says(services: Services) -> None:
    viewer = await a_listener(services)
    event = a_check_in(services)
    await tell(services, event)
    assert (await read_on(services, viewer, None))[0] == []
    await machinery(services).dispatch.dispatch()
    ((shown,), _) = await read_on(services, viewer, None)
    assert (shown.id, shown.type, shown.version, shown.occurred_at) == (
        event.id,
        "CheckedIn",
        1,
        services.clock.now(),
    )
    assert shown.subject == opaque_id("Member", "mio")
    assert shown.data == {
        "checkInId": opaque_id("CheckIn", event.data["check_in_id"]),
        "storeId": opaque_id("Store", "umeda"),
        "points": 10,
    }


async def test_a_slow_transaction_is_not_missed_by_who_has_read_past_its_start(services: Services) -> None:
    viewer, dispatch = await a_listener(services), machinery(services).dispatch
    slow, quick = (replace(a_check_in(services), id=each) for each in ("1-slow", "2-quick"))
    has_written, may_commit = asyncio.Event(), asyncio.Event()

    async def act(session: Session) -> None:
        await EventLog(services.database).append(slow, session)
        has_written.set()
        await may_commit.wait()

    transaction = asyncio.create_task(services.database.transaction(act))
    await has_written.wait()
    await tell(services, quick)
    await dispatch.dispatch()
    seen, cursor = await read_on(services, viewer, None)
    assert [event.id for event in seen] == [quick.id]
    may_commit.set()
    await transaction
    await dispatch.dispatch()
    seen, _ = await read_on(services, viewer, cursor)
    assert [event.id for event in seen] == [slow.id]


async def test_a_reader_misses_nothing_while_many_write_and_several_dispatch(services: Services) -> None:
    viewer = await a_listener(services)
    is_over = asyncio.Event()
    written: defaultdict[str, list[str]] = defaultdict(list)
    lines = {
        number: asyncio.Lock() for number in range(SUBJECTS)
    }  # what makes a subject's events be in order

    async def write(number: int) -> None:
        for _ in range(EVENTS_EACH):
            subject = random.randrange(SUBJECTS)
            async with lines[subject]:
                event = a_check_in(services, str(subject))
                await services.database.transaction(lambda session, event=event: slowly(session, event))
                written[opaque_id("Member", str(subject))].append(event.id)

    async def slowly(session: Session, event: Event) -> None:
        await EventLog(services.database).append(event, session)
        await asyncio.sleep(random.random() / 50)

    async def dispatch_on() -> None:
        dispatch = machinery(services).dispatch
        while not is_over.is_set():
            await dispatch.dispatch()
            await asyncio.sleep(0.001)

    async def read_until_over() -> list[PublishedEvent]:
        seen, cursor = await read_on(services, viewer, None)
        while not is_over.is_set():
            more, cursor = await read_on(services, viewer, cursor)
            seen += more
            await asyncio.sleep(0)
        more, _ = await read_on(services, viewer, cursor)
        return seen + more

    others = [asyncio.create_task(dispatch_on()) for _ in range(4)]
    reader = asyncio.create_task(read_until_over())
    await asyncio.gather(*(write(number) for number in range(WRITERS)))
    await machinery(services).dispatch.dispatch()
    is_over.set()
    await asyncio.gather(*others)
    seen: defaultdict[str, list[str]] = defaultdict(list)
    for event in await reader:
        seen[event.subject].append(event.id)
    assert seen == written
    assert sum(map(len, seen.values())) == WRITERS * EVENTS_EACH


async def test_clocks_that_go_wrong_change_no_order(services: Services) -> None:
    """The ids, which a machine makes by its clock, go backwards here."""
    viewer = await a_listener(services)
    checked_in = a_check_in(services)
    events = [
        Event("CheckedIn", checked_in.subject, services.clock.now(), checked_in.data, id=f"{number:032x}")
        for number in reversed(range(10))
    ]
    await tell(services, *events)
    await machinery(services).dispatch.dispatch()
    seen, _ = await read_on(services, viewer, None)
    assert [event.id for event in seen] == [event.id for event in events]


async def test_several_events_of_one_transaction_stay_in_their_order(services: Services) -> None:
    viewer = await a_listener(services)
    events = [a_check_in(services) for _ in range(20)]

    async def act(session: Session) -> None:
        for event in events:
            await EventLog(services.database).append(event, session)

    await services.database.transaction(act)
    await machinery(services).dispatch.dispatch()
    assert [each.id for each in (await read_on(services, viewer, None))[0]] == [each.id for each in events]


async def test_many_dispatchers_number_each_event_once_and_deliver_it_once(services: Services) -> None:
    await an_endpoint(services, 1)
    await tell(services, *(a_check_in(services) for _ in range(250)))
    await asyncio.gather(*(machinery(services).dispatch.dispatch() for _ in range(16)))
    numbers = [each["seq"] for each in await services.database.collection(EVENTS).find({})]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert len(await services.database.collection(WEBHOOK_DELIVERIES).find({})) == 250


async def test_events_that_are_carried_are_in_the_order_of_all_and_come_once(services: Services) -> None:
    """A check-in carries its events; those in between are written by themselves."""
    viewer, store = await a_listener(services), a_store()
    await add_stores(services.database, store)
    guests = [await a_guest(services) for _ in range(8)]
    expected = []
    for guest in guests:
        expected += await tell(services, a_check_in(services))
        wish = a_request(store, services.clock.now())
        expected.append((await services.check_ins.check_in(guest, wish)).check_in.id)
    assert await services.events.has_waiting()
    await asyncio.gather(*(machinery(services).dispatch.dispatch() for _ in range(8)))
    assert not await services.events.has_waiting()
    seen, _ = await read_on(services, viewer, None)
    names = [opaque_id("CheckIn", each) for each in expected[1::2]]
    assert [event.id for event in seen[::2]] == expected[::2]
    assert [event.data["checkInId"] for event in seen[1::2]] == names
    assert [event.subject for event in seen[1::2]] == [opaque_id("Member", each) for each in guests]
    for check_in in await services.database.collection(CHECK_INS).find({}):
        assert not CARRIED.keys() & check_in.keys()


async def test_a_dispatch_of_less_than_all_takes_what_was_written_first(services: Services) -> None:
    store = a_store()
    await add_stores(services.database, store)
    guests = [await a_guest(services) for _ in range(4)]
    await machinery(services).dispatch.dispatch()
    for guest in guests[:2]:
        await services.check_ins.check_in(guest, a_request(store, services.clock.now()))
    await tell(services, a_check_in(services, "mio"))
    for guest in guests[2:]:
        await services.check_ins.check_in(guest, a_request(store, services.clock.now()))
    subjects: list[str] = []
    for size in (1, 2, 2):
        some = await services.database.transaction(partial(services.events.number, size))
        assert len(some) == size
        subjects += [event.subject for event in some]
    assert subjects == [f"member:{each}" for each in (*guests[:2], "mio", *guests[2:])]
    assert not await services.events.has_waiting()


async def test_a_dispatch_that_breaks_off_has_done_nothing(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await an_endpoint(services, 1)
    await tell(services, a_check_in(services))

    async def fail(*arguments: Any) -> None:
        raise OSError("the machine is on fire")

    with monkeypatch.context() as patch:
        patch.setattr(WebhookDeliveryRepository, "add_many", fail)
        with pytest.raises(OSError, match="on fire"):
            await machinery(services).dispatch.dispatch()
    assert await services.events.has_waiting()
    calls = iter([ConcurrentChange()])
    add_many = WebhookDeliveryRepository.add_many

    async def fail_once(*arguments: Any) -> None:
        for error in calls:
            raise error
        await add_many(*arguments)

    monkeypatch.setattr(WebhookDeliveryRepository, "add_many", fail_once)
    await machinery(services).dispatch.dispatch()
    assert not await services.events.has_waiting()
    assert len(await services.database.collection(WEBHOOK_DELIVERIES).find({})) == 1


async def test_a_partner_sees_what_its_scopes_and_limits_show(services: Services) -> None:
    umeda, online = a_store(), a_store(channel=Channel.ONLINE)
    await add_stores(services.database, umeda, online)
    at = services.clock.now()
    ids = await tell(
        services,
        a_check_in(services, store_id=umeda.id),
        a_check_in(services, store_id=online.id),
        Event("GuestRegistered", "member:hana", at, {"number": "2511547642102916"}),
        Event("WebhookEndpointSwitchedOff", "webhook_endpoint:a", at, {"partner_id": "p", "reason": "GONE"}),
        Event("WebhookEndpointSwitchedOff", "webhook_endpoint:b", at, {"partner_id": "q", "reason": "GONE"}),
        Event("MemberSignedIn", "member:mio", at, {"channel": "EMAIL"}),
    )
    await machinery(services).dispatch.dispatch()

    async def seen_with(
        *scopes: Scope, channels: set[Channel] | None = None, stores: set[str] | None = None
    ) -> list[int]:
        limits = [None if each is None else frozenset(each) for each in (channels, stores)]
        actor = PartnerActor("p", frozenset(scopes), *limits)  # type: ignore[arg-type]
        viewer = await services.events.viewer(actor)
        seen = [event.id for event in (await read_on(services, actor, None))[0]]
        every = [await services.events.get(each) for each in ids]
        assert seen == [event.id for event in every if event and may_see(viewer, event)]
        return [ids.index(each) for each in seen]

    assert await seen_with() == []
    assert await seen_with(Scope.CHECK_INS_READ, Scope.MEMBERS_READ) == []
    assert await seen_with(Scope.EVENTS_READ) == [3]
    assert await seen_with(Scope.EVENTS_READ, Scope.CHECK_INS_READ) == [0, 1, 3]
    assert await seen_with(Scope.EVENTS_READ, Scope.MEMBERS_READ) == [2, 3]
    assert await seen_with(*Scope) == [0, 1, 2, 3]
    assert await seen_with(*Scope, stores={umeda.id, "none"}) == [0, 3]
    assert await seen_with(*Scope, stores=set()) == [3]
    assert await seen_with(*Scope, channels={Channel.ONLINE}) == [1, 3]
    assert await seen_with(*Scope, channels={Channel.ONLINE, Channel.STORE}) == [0, 1, 3]
    assert await seen_with(*Scope, channels={Channel.SOCIAL}) == [3]
    assert await seen_with(*Scope, channels={Channel.STORE}, stores={umeda.id, online.id}) == [0, 3]
    assert await seen_with(*Scope, channels={Channel.STORE}, stores={online.id}) == [3]


async def test_what_is_shown_holds_nothing_that_is_not_in_the_table(services: Services) -> None:
    private = {"number": "2511547642102916", "destination": "mio@example.com", "latitude": 34.7}
    facts = {
        "check_in_id": "c",
        "store_id": "s",
        "points": 1,
        "guest_id": "g",
        "reason": "GONE",
        "product_ids": ["a", "b"],
        "reference": "order:o",
    }
    viewer = PartnerActor("till", frozenset(Scope))
    await tell(
        services,
        *(
            Event(name, "thing:x", services.clock.now(), {**private, **facts, "partner_id": "till"})
            for name in PUBLICATIONS
        ),
    )
    await machinery(services).dispatch.dispatch()
    seen, _ = await read_on(services, viewer, None)
    assert {event.type for event in seen} == set(PUBLICATIONS)
    (products,) = [event.data for event in seen if event.type == "ProductsChanged"]
    assert products == {"productIds": [opaque_id("Product", "a"), opaque_id("Product", "b")]}
    (captured,) = [event for event in seen if event.type == "PaymentCaptured"]
    assert captured.subject == opaque_id("Payment", "x")
    assert captured.data["orderId"] == opaque_id("Order", "o")
    (categories,) = [event.data for event in seen if event.type == "CategoriesChanged"]
    assert categories == {"categoryIds": None}  # as of an older version
    for value in private.values():
        assert str(value) not in str(seen)


def test_each_kind_is_shown_or_not_for_one_reason() -> None:
    assert not PUBLICATIONS.keys() & UNPUBLISHED.keys()
    assert all(UNPUBLISHED.values())


def test_whatever_becomes_of_a_payment_is_told() -> None:
    assert {*EVENTS_OF.values(), REFUND_FAILED} <= set(PUBLICATIONS)


async def test_pages_go_on_from_any_cursor(services: Services) -> None:
    viewer = await a_listener(services)
    ids = await tell(services, *(a_check_in(services, store_id=f"store-{number}") for number in range(5)))
    await machinery(services).dispatch.dispatch()
    page = await services.events.page(viewer, PageRequest(2))
    assert page.has_next
    for number, (event, cursor) in enumerate(page.items, 1):
        assert event.id == ids[number - 1]
        assert [each.id for each in (await read_on(services, viewer, cursor))[0]] == ids[number:]
    end = (await read_on(services, viewer, None))[1]
    services.clock.advance(timedelta(days=400))  # type: ignore[attr-defined]
    (late,) = await tell(services, a_check_in(services))
    await machinery(services).dispatch.dispatch()
    assert [each.id for each in (await read_on(services, viewer, end))[0]] == [late]
    with pytest.raises(CursorInvalid):
        await services.events.page(viewer, PageRequest(2, encode_cursor(("x",))))
