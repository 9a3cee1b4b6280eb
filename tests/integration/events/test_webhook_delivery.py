"""Delivering webhooks, against receivers that take them and receivers that do not."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from app.services import Services
from app.shared.ids import opaque_id
from app.shared.standard_webhooks import secret_of
from app.webhooks.delivery_repository import ATTEMPTS_KEPT
from app.webhooks.model import (
    WebhookDeliveryState,
    WebhookEndpointUpdate,
    WebhookFailure,
)
from app.webhooks.posting import WebhookPoster
from app.webhooks.rules import JITTER, OLD_SECRET_SIGNS_FOR, RETRY_PAUSES
from tests.conftest import MovableClock
from tests.listeners import (
    Conversation,
    Receiver,
    closed_port,
    drip,
    listening,
    reset,
    say_nothing,
    speak_no_http,
)
from tests.patience import PATIENCE_SECONDS
from tests.webhook_arrangements import (
    a_check_in,
    a_listener,
    an_endpoint,
    machinery,
    now_of,
    owner_of,
    tell,
    the_delivery,
)

ERROR = b"HTTP/1.1 500 Oh\r\nContent-Length: 5\r\n\r\nsorry"
GONE = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"


async def test_an_event_is_posted_and_signed(services: Services, clock: MovableClock) -> None:
    receiver, event = Receiver(), a_check_in(services)
    async with listening(receiver.converse) as port:
        partner = await a_listener(services)
        endpoint, secret = await services.webhooks.create(
            f"http://127.0.0.1:{port}/hooks?key=k-4711", ["CheckedIn"], partner
        )
        await tell(services, event)
        await machinery(services).deliver_due()
    ((first, headers, body),) = receiver.requests
    assert first == "POST /hooks?key=k-4711 HTTP/1.1"
    assert headers["host"] == f"127.0.0.1:{port}"
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {
        "id": event.id,
        "type": "CheckedIn",
        "version": 1,
        "sequence": 3,  # partner and endpoint were made before
        "timestamp": "2026-11-21T03:00:00.000Z",
        "subject": opaque_id("Member", "mio"),
        "data": {
            "checkInId": opaque_id("CheckIn", event.data["check_in_id"]),
            "storeId": opaque_id("Store", "umeda"),
            "points": 10,
        },
    }
    assert headers["webhook-id"] == event.id
    moment = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    assert moment == clock.now()
    assert headers["webhook-signature"] == Webhook(secret).sign(event.id, moment, body.decode())
    delivery = await the_delivery(services, endpoint)
    (attempt,) = delivery.attempts
    assert (delivery.state, attempt.answer.status) == (WebhookDeliveryState.DELIVERED, 204)


async def test_a_changed_secret_signs_for_a_day_beside_the_new_one(
    services: Services, clock: MovableClock
) -> None:
    receiver = Receiver()
    async with listening(receiver.converse) as port:
        endpoint = await an_endpoint(services, port)
        old = secret_of(endpoint.secrets[0].key)
        _, new = await services.webhooks.rotate_secret(endpoint.id, owner_of(endpoint))
        for wait in (timedelta(0), OLD_SECRET_SIGNS_FOR):
            clock.advance(wait)
            await tell(services, a_check_in(services))
            await machinery(services).deliver_due()
    signed_by: list[set[str]] = []
    for _, headers, body in receiver.requests:
        moment = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        given = headers["webhook-signature"].split(" ")
        fitting = {
            secret
            for secret in (old, new)
            if Webhook(secret).sign(headers["webhook-id"], moment, body.decode()) in given
        }
        assert len(given) == len(fitting)
        signed_by.append(fitting)
    assert signed_by == [{old, new}, {new}]


async def test_what_is_refused_is_tried_ten_times_and_can_be_replayed(
    services: Services, clock: MovableClock
) -> None:
    receiver, event = Receiver(ERROR), a_check_in(services)
    async with listening(receiver.converse) as port:
        endpoint = await an_endpoint(services, port)
        await tell(services, event)
        for number, pause in enumerate(RETRY_PAUSES, 1):
            await machinery(services).deliver_due()
            delivery = await the_delivery(services, endpoint)
            assert (delivery.state, delivery.tries) == (WebhookDeliveryState.PENDING, number)
            assert delivery.due_at is not None
            assert pause <= delivery.due_at - clock.now() <= pause * (1 + JITTER)
            clock.advance(pause - timedelta(seconds=1))
            await machinery(services).deliver_due()
            assert len(receiver.requests) == number
            clock.advance(pause * JITTER + timedelta(seconds=2))
        await machinery(services).deliver_due()
        failed = await the_delivery(services, endpoint)
        assert (failed.state, failed.due_at) == (WebhookDeliveryState.FAILED, None)
        assert [(each.answer.status, each.answer.text) for each in failed.attempts] == [(500, "sorry")] * 10
        clock.advance(timedelta(days=1))
        await machinery(services).deliver_due()
        assert len(receiver.requests) == 10
        receiver.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nthanks"
        await services.webhooks.replay(failed.id, owner_of(endpoint))
        await machinery(services).deliver_due()
        delivered = await the_delivery(services, endpoint)
        assert (delivered.state, delivered.tries) == (WebhookDeliveryState.DELIVERED, 1)
        assert delivered.attempts[-1].answer.text == "thanks"
    assert {headers["webhook-id"] for _, headers, _ in receiver.requests} == {event.id}
    assert len({headers["webhook-timestamp"] for _, headers, _ in receiver.requests}) == 11


async def test_the_last_attempts_are_kept(services: Services) -> None:
    receiver = Receiver(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + b"\xe3\x81\x82" * 3000)
    async with listening(receiver.converse) as port:
        endpoint = await an_endpoint(services, port)
        await tell(services, a_check_in(services))
        await machinery(services).deliver_due()
        for _ in range(ATTEMPTS_KEPT + 2):
            delivery = await the_delivery(services, endpoint)
            await services.webhooks.replay(delivery.id, owner_of(endpoint))
            await machinery(services).deliver_due()
    assert len(receiver.requests) == ATTEMPTS_KEPT + 3
    delivery = await the_delivery(services, endpoint)
    assert [each.answer.text for each in delivery.attempts] == ["あ" * 500] * ATTEMPTS_KEPT


@pytest.mark.parametrize(
    ("converse", "failure"),
    [
        (say_nothing, WebhookFailure.TIMED_OUT),
        (drip, WebhookFailure.TIMED_OUT),
        (reset, WebhookFailure.CONNECTION_FAILED),
        (speak_no_http, WebhookFailure.ANSWER_INVALID),
    ],
)
async def test_a_receiver_that_fails_is_tried_again(
    services: Services, clock: MovableClock, converse: Conversation, failure: WebhookFailure
) -> None:
    async with listening(converse) as port:
        endpoint = await an_endpoint(services, port)
        await tell(services, a_check_in(services))
        seconds = 0.3 if failure is WebhookFailure.TIMED_OUT else PATIENCE_SECONDS
        await machinery(services, WebhookPoster(allows_private=True, seconds=seconds)).deliver_due()
    delivery = await the_delivery(services, endpoint)
    (attempt,) = delivery.attempts
    assert (attempt.answer.status, attempt.answer.failure) == (None, failure)
    assert delivery.state is WebhookDeliveryState.PENDING
    assert (await now_of(services, endpoint)).failing_since == clock.now()


async def test_a_receiver_that_is_not_there_is_tried_again(services: Services) -> None:
    endpoint = await an_endpoint(services, closed_port())
    await tell(services, a_check_in(services))
    await machinery(services).deliver_due()
    (attempt,) = (await the_delivery(services, endpoint)).attempts
    assert attempt.answer.failure is WebhookFailure.CONNECTION_FAILED


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"]
)
async def test_a_redirect_is_not_followed(services: Services, status: str) -> None:
    elsewhere, receiver = Receiver(), Receiver()
    async with listening(elsewhere.converse) as other_port, listening(receiver.converse) as port:
        location = f"http://127.0.0.1:{other_port}/"
        receiver.answer = f"HTTP/1.1 {status}\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
        endpoint = await an_endpoint(services, port)
        await tell(services, a_check_in(services))
        await machinery(services).deliver_due()
    assert (len(receiver.requests), elsewhere.requests) == (1, [])
    assert (await the_delivery(services, endpoint)).attempts[0].answer.failure is WebhookFailure.REFUSED


async def test_what_is_no_longer_the_partners_to_see_is_not_posted(services: Services) -> None:
    receiver = Receiver()
    async with listening(receiver.converse) as port:
        removed, off, gone = [await an_endpoint(services, port) for _ in range(3)]
        await tell(services, a_check_in(services))
        await machinery(services).dispatch.dispatch()
        await services.webhooks.remove(removed.id, owner_of(removed))
        await services.webhooks.update(off.id, WebhookEndpointUpdate(is_on=False), owner_of(off))
        await services.partners.remove(gone.partner_id)
        await machinery(services).deliver_due()
        await tell(services, a_check_in(services))
        await machinery(services).deliver_due()
    assert receiver.requests == []
    for endpoint in (removed, off, gone):
        assert (await the_delivery(services, endpoint)).state is WebhookDeliveryState.FAILED


async def test_a_ping_is_posted_once_and_never_again(services: Services, clock: MovableClock) -> None:
    receiver = Receiver(ERROR)
    async with listening(receiver.converse) as port:
        endpoint = await an_endpoint(services, port)
        delivery = await services.webhooks.ping(endpoint.id, owner_of(endpoint))
        await machinery(services).deliver_due()
        clock.advance(timedelta(days=1))
        await machinery(services).deliver_due()
    ((_, headers, body),) = receiver.requests
    assert json.loads(body) == {
        "id": delivery.event_id,
        "type": "Ping",
        "version": 1,
        "timestamp": "2026-11-21T03:00:00.000Z",
        "data": {},
    }
    assert headers["webhook-id"] == delivery.event_id
    assert (await the_delivery(services, endpoint)).state is WebhookDeliveryState.FAILED


async def test_logs_keep_secrets_and_addresses_to_themselves(
    services: Services, logged: Callable[[], str]
) -> None:
    receiver = Receiver(GONE)
    async with listening(receiver.converse) as port:
        endpoint = await an_endpoint(services, port)
        await tell(services, a_check_in(services))
        await machinery(services).deliver_due()
    told = logged() + repr(endpoint)
    assert "webhook_endpoint_switched_off" in told
    assert "k-4711" not in told
    assert secret_of(endpoint.secrets[0].key) not in told
    assert repr(endpoint.secrets[0].key) not in told
