"""How endpoints do: what switches them off, and what tells of it."""

import asyncio
from datetime import timedelta

from app.services import Services
from app.shared.events import EVENTS
from app.shared.ids import opaque_id
from app.shared.paging import PageRequest
from app.webhooks.model import WebhookDeliveryState, WebhookEndpointUpdate, WebhookOffReason
from app.webhooks.rules import FAILING_FOR
from tests.conftest import MovableClock
from tests.listeners import Receiver, listening
from tests.webhook_arrangements import (
    a_check_in,
    a_listener,
    an_endpoint,
    deliveries_of,
    machinery,
    now_of,
    owner_of,
    tell,
    the_delivery,
)

ERROR = b"HTTP/1.1 500 Oh\r\nContent-Length: 5\r\n\r\nsorry"
GONE = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"


async def test_410_switches_off_and_tells_once(services: Services) -> None:
    receiver, partner = Receiver(GONE), await a_listener(services)
    async with listening(receiver.converse) as port:
        endpoint = await an_endpoint(services, port, partner)
        await tell(services, *(a_check_in(services) for _ in range(8)))
        parts = machinery(services)
        await parts.dispatch.dispatch()
        await asyncio.gather(*(parts.deliverer.deliver_next(endpoint.id) for _ in range(8)))
        await tell(services, a_check_in(services))
        await parts.deliver_due()
    assert 1 <= len(receiver.requests) <= 8
    assert (await now_of(services, endpoint)).off_reason is WebhookOffReason.GONE
    deliveries = await deliveries_of(services, endpoint)
    assert [each.state for each in deliveries] == [WebhookDeliveryState.FAILED] * 8
    told = await services.events.page(partner, PageRequest(100))
    off = [event for event, _ in told.items if event.type == "WebhookEndpointSwitchedOff"]
    assert [(event.subject, event.data) for event in off] == [
        (opaque_id("WebhookEndpoint", endpoint.id), {"reason": "GONE"})
    ]


async def test_five_days_of_nothing_but_failures_switch_off(services: Services, clock: MovableClock) -> None:
    receiver = Receiver(ERROR)
    async with listening(receiver.converse) as port:
        endpoint = await an_endpoint(services, port)
        await tell(services, a_check_in(services))
        await machinery(services).deliver_due()
        clock.advance(FAILING_FOR - timedelta(minutes=1))
        await tell(services, a_check_in(services))
        await machinery(services).deliver_due()
        assert (await now_of(services, endpoint)).is_on
        clock.advance(timedelta(minutes=1))
        await tell(services, a_check_in(services))
        await machinery(services).deliver_due()
        assert (await now_of(services, endpoint)).off_reason is WebhookOffReason.FAILING
        requests = len(receiver.requests)
        clock.advance(timedelta(days=3))
        await machinery(services).deliver_due()
        assert len(receiver.requests) == requests
    assert {each.state for each in await deliveries_of(services, endpoint)} == {WebhookDeliveryState.FAILED}
    told = await services.database.collection(EVENTS).find({"type": "WebhookEndpointSwitchedOff"})
    assert [event["data"]["reason"] for event in told] == ["FAILING"]
    on = await services.webhooks.update(endpoint.id, WebhookEndpointUpdate(is_on=True), owner_of(endpoint))
    assert (on.is_on, on.failing_since) == (True, None)


async def test_one_success_ends_the_failing(services: Services, clock: MovableClock) -> None:
    receiver = Receiver(ERROR)
    async with listening(receiver.converse) as port:
        endpoint = await an_endpoint(services, port)
        await tell(services, a_check_in(services))
        await machinery(services).deliver_due()
        receiver.answer = b"HTTP/1.1 204 No Content\r\n\r\n"
        clock.advance(timedelta(days=6))
        await machinery(services).deliver_due()
    assert (await now_of(services, endpoint)).failing_since is None
    assert (await the_delivery(services, endpoint)).state is WebhookDeliveryState.DELIVERED
