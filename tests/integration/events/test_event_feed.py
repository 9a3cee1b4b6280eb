"""The feed of events: nothing is missed, and what happened to one subject is told in its order."""

import asyncio
import random
from collections import defaultdict
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from app.check_ins.repository import CHECK_INS
from app.events.model import PublishedEvent
from app.services import Services
from app.shared.events import CARRIED, EVENTS, Event, EventLog
from app.shared.ids import opaque_id
from app.shared.mongodb.database import ConcurrentChange, Session
from app.webhooks.delivery_repository import WEBHOOK_DELIVERIES, WebhookDeliveryRepository
from tests.arrangements import a_guest, add_stores
from tests.examples import a_request, a_store
from tests.webhook_arrangements import a_check_in, a_listener, an_endpoint, machinery, read_on, tell

WRITERS = 32
EVENTS_EACH = 6
SUBJECTS = 8


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
