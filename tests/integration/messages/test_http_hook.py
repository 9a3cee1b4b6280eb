"""SMS by a signed HTTP hook, against a server on the loopback address."""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Callable

import pytest

from app.messages.delivery import MessageDelivery
from app.messages.errors import MessageNotSent
from app.messages.http_hook import HttpHook
from app.messages.model import Message, MessageChannel
from tests.conftest import MovableClock
from tests.listeners import (
    OK,
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

KEY = b"a-key-of-thirty-two-bytes-or-so."


def a_message(text: str = "こはる: 482913") -> Message:
    return Message(MessageChannel.SMS, "+819012345678", "", text)


def hook_at(port: int, clock: MovableClock, seconds: float = PATIENCE_SECONDS) -> HttpHook:
    return HttpHook(f"http://127.0.0.1:{port}/sms?key=k-4711", KEY, clock, seconds)


async def test_a_message_is_posted_and_signed(clock: MovableClock) -> None:
    gateway, message = Receiver(), a_message()
    async with listening(gateway.converse) as port:
        await hook_at(port, clock).send(message)
    ((first, headers, body),) = gateway.requests
    assert first == "POST /sms?key=k-4711 HTTP/1.1"
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {
        "id": message.id,
        "channel": "SMS",
        "destination": "+819012345678",
        "text": "こはる: 482913",
    }
    assert headers["webhook-id"] == message.id
    assert headers["webhook-timestamp"] == str(int(clock.now().timestamp()))
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


async def test_many_messages_at_once_are_each_posted_once(clock: MovableClock) -> None:
    gateway, messages = Receiver(), [a_message(str(number)) for number in range(32)]
    async with listening(gateway.converse) as port:
        hook = hook_at(port, clock)
        await asyncio.gather(*(hook.send(message) for message in messages))
    assert sorted(headers["webhook-id"] for _, headers, _ in gateway.requests) == sorted(
        message.id for message in messages
    )


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "400 Bad", "500 Oh"])
async def test_any_answer_but_success_means_not_sent(clock: MovableClock, status: str) -> None:
    gateway = Receiver()
    async with listening(gateway.converse) as port:
        location = f"http://127.0.0.1:{port}/elsewhere"
        gateway.answer = f"HTTP/1.1 {status}\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
        with pytest.raises(MessageNotSent) as refused:
            await hook_at(port, clock).send(a_message())
    assert refused.value.reason == f"status {status[:3]}"
    assert len(gateway.requests) == 1


async def test_an_answer_is_not_read_to_its_end(clock: MovableClock) -> None:
    gateway = Receiver(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\nhello")
    async with listening(gateway.converse) as port:
        await hook_at(port, clock).send(a_message())
    assert len(gateway.requests) == 1


@pytest.mark.parametrize("converse", [say_nothing, drip, reset, speak_no_http])
async def test_a_service_that_fails_means_not_sent(clock: MovableClock, converse: Conversation) -> None:
    async with listening(converse) as port:
        with pytest.raises(MessageNotSent):
            await hook_at(port, clock, seconds=0.3).send(a_message())


async def test_a_service_that_is_not_there_means_not_sent(clock: MovableClock) -> None:
    with pytest.raises(MessageNotSent):
        await hook_at(closed_port(), clock).send(a_message())


async def test_a_text_that_is_none_is_refused_before_anybody_is_called(clock: MovableClock) -> None:
    gateway = Receiver()
    async with listening(gateway.converse) as port:
        with pytest.raises(MessageNotSent):
            await hook_at(port, clock).send(a_message("\ud800"))
    assert gateway.requests == []


@pytest.mark.parametrize("answer", [OK, b"HTTP/1.1 500 482913 to +819012345678\r\nContent-Length: 0\r\n\r\n"])
async def test_logs_keep_messages_and_addresses_to_themselves(
    clock: MovableClock, logged: Callable[[], str], answer: bytes
) -> None:
    gateway, message = Receiver(answer), a_message()
    async with listening(gateway.converse) as port:
        try:
            await MessageDelivery([hook_at(port, clock)]).send(message)
        except MessageNotSent as error:
            logging.getLogger(__name__).error("refused", exc_info=error)
    told = logged()
    assert message.id in told
    for private in ("482913", "+819012345678", "k-4711", KEY.decode()):
        assert private not in told
