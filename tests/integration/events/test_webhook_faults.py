"""Workers that share deliveries, die with them, or come too late; and endpoints that are dead."""

import asyncio
from datetime import timedelta

from app.services import Services
from app.shared.processes.lanes import Lanes
from app.webhooks.delivery import CLAIMED_FOR
from app.webhooks.model import WebhookDeliveryState, WebhookEndpointUpdate
from app.webhooks.posting import WebhookPoster
from tests.conftest import MovableClock
from tests.listeners import Conversation, Receiver, listening, say_nothing
from tests.patience import PATIENCE_SECONDS
from tests.webhook_arrangements import (
    a_check_in,
    an_endpoint,
    deliveries_of,
    machinery,
    owner_of,
    tell,
    the_delivery,
)

ERROR = b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"


def hanging(is_called: asyncio.Event) -> Conversation:
    """An endpoint that answers nobody."""

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_called.set()
        await say_nothing(reader, writer)

    return hang


async def test_of_many_workers_one_tries_each_delivery(services: Services) -> None:
    receiver = Receiver()
    async with listening(receiver.converse) as port:
        endpoint = await an_endpoint(services, port)
        ids = await tell(services, *(a_check_in(services) for _ in range(20)))
        workers = [machinery(services) for _ in range(32)]
        await workers[0].dispatch.dispatch()
        await asyncio.gather(*(each.deliver_due() for each in workers))
    assert sorted(headers["webhook-id"] for _, headers, _ in receiver.requests) == sorted(ids)
    assert {each.tries for each in await deliveries_of(services, endpoint)} == {1}


async def test_what_a_dead_worker_has_claimed_is_tried_again(services: Services, clock: MovableClock) -> None:
    is_called = asyncio.Event()
    async with listening(hanging(is_called)) as port:
        endpoint = await an_endpoint(services, port)
        await tell(services, a_check_in(services))
        dead = asyncio.create_task(machinery(services).deliver_due())
        await is_called.wait()
        dead.cancel()
        await asyncio.wait([dead])
    receiver = Receiver()
    async with listening(receiver.converse) as port:
        await services.webhooks.update(
            endpoint.id, WebhookEndpointUpdate(url=f"http://127.0.0.1:{port}/"), owner_of(endpoint)
        )
        clock.advance(CLAIMED_FOR - timedelta(milliseconds=1))
        await machinery(services).deliver_due()
        assert receiver.requests == []
        clock.advance(timedelta(milliseconds=1))
        await machinery(services).deliver_due()
    delivery = await the_delivery(services, endpoint)
    assert (delivery.state, delivery.tries) == (WebhookDeliveryState.DELIVERED, 2)
    assert len(receiver.requests) == 1


async def test_who_comes_too_late_changes_nothing(services: Services, clock: MovableClock) -> None:
    """A worker stood still for longer than its claim lasts; another one has delivered meanwhile."""
    is_called, may_answer = asyncio.Event(), asyncio.Event()

    async def answer_late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        is_first = not is_called.is_set()
        is_called.set()
        if is_first:
            await may_answer.wait()
        writer.write(ERROR if is_first else b"HTTP/1.1 204 No Content\r\n\r\n")
        await say_nothing(reader, writer)

    async with listening(answer_late) as port:
        endpoint = await an_endpoint(services, port)
        await tell(services, a_check_in(services))
        late = asyncio.create_task(machinery(services).deliver_due())
        await is_called.wait()
        clock.advance(CLAIMED_FOR)
        await machinery(services).deliver_due()
        before = await the_delivery(services, endpoint)
        may_answer.set()
        await late
        assert await the_delivery(services, endpoint) == before
    assert before.state is WebhookDeliveryState.DELIVERED


async def test_a_try_that_kills_every_worker_is_given_up(services: Services, clock: MovableClock) -> None:
    is_called = asyncio.Event()
    async with listening(hanging(is_called)) as port:
        endpoint = await an_endpoint(services, port)
        await tell(services, a_check_in(services))
        await machinery(services).dispatch.dispatch()
        parts = machinery(services, WebhookPoster(allows_private=True, seconds=PATIENCE_SECONDS))
        for _ in range(10):
            dying = asyncio.create_task(parts.deliverer.deliver_next(endpoint.id))
            await is_called.wait()
            is_called.clear()
            dying.cancel()
            await asyncio.wait([dying])
            clock.advance(CLAIMED_FOR)
        await parts.deliver_due()
    assert (await the_delivery(services, endpoint)).state is WebhookDeliveryState.FAILED


async def test_a_dead_endpoint_delays_no_other(services: Services) -> None:
    receiver = Receiver()
    async with listening(receiver.converse) as port, listening(say_nothing) as dead_port:
        dead = [await an_endpoint(services, dead_port) for _ in range(3)]
        await an_endpoint(services, port)
        ids = await tell(services, *(a_check_in(services) for _ in range(30)))
        parts = machinery(services, WebhookPoster(allows_private=True, seconds=PATIENCE_SECONDS))
        await parts.dispatch.dispatch()
        lanes = asyncio.create_task(Lanes(parts.deliverer, grace_seconds=0.1).run())
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(receiver.requests) < len(ids):  # noqa: ASYNC110  the receiver knows of no end
                await asyncio.sleep(0.01)
        for endpoint in dead:
            assert not any(each.attempts for each in await deliveries_of(services, endpoint))
        lanes.cancel()
        await asyncio.wait([lanes])
    assert sorted(headers["webhook-id"] for _, headers, _ in receiver.requests) == sorted(ids)
