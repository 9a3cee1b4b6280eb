"""The development outbox: what is sent there can be read there."""

import asyncio
from datetime import timedelta

from structlog.testing import capture_logs

from app.messages.model import Message, MessageChannel
from app.messages.outbox import DEVELOPMENT_OUTBOX
from app.services import Services
from tests.conftest import MovableClock


def a_message(text: str = "こはる: 482913", channel: MessageChannel = MessageChannel.SMS) -> Message:
    return Message(channel, "+819012345678", "確認コード", text)


async def test_development_keeps_what_it_cannot_deliver(services: Services, clock: MovableClock) -> None:
    assert services.messages.channels == set(MessageChannel)
    sent = [a_message(channel=channel) for channel in MessageChannel]
    for message in sent:
        await services.messages.send(message)
        clock.advance(timedelta(seconds=1))
    kept = await services.development_outbox.newest()
    assert [entry.message for entry in kept] == sent[::-1]
    assert [clock.now() - entry.sent_at for entry in kept] == [timedelta(seconds=1), timedelta(seconds=2)]


async def test_the_newest_fifty_are_shown(services: Services, clock: MovableClock) -> None:
    outbox = services.development_outbox
    for number in range(52):
        await outbox.send(a_message(str(number)))
        clock.advance(timedelta(seconds=1))
    shown = [int(entry.message.text) for entry in await outbox.newest()]
    assert shown == list(range(51, 1, -1))


async def test_the_log_names_a_message_and_keeps_it_to_itself(services: Services) -> None:
    message = a_message()
    with capture_logs() as logs:
        await services.messages.send(message)
    assert logs == [
        {"event": "message_sent", "log_level": "info", "channel": "SMS", "message_id": message.id}
    ]
    assert message.id in repr(message)
    for private in (message.destination, message.subject, message.text):
        assert private not in repr(message)


async def test_a_message_that_is_sent_again_is_the_same(services: Services) -> None:
    message = a_message()
    await asyncio.gather(*(services.messages.send(message) for _ in range(32)))
    assert [entry.message for entry in await services.development_outbox.newest()] == [message]


async def test_the_outbox_keeps_a_day() -> None:
    (index,) = DEVELOPMENT_OUTBOX.indexes
    assert index.document["expireAfterSeconds"] == 24 * 60 * 60
