"""Each message goes to a sender that knows its channel, or to nobody."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from app.messages.delivery import MessageDelivery, message_delivery
from app.messages.errors import MessageNotSent
from app.messages.model import Message, MessageChannel
from app.shared.clock import SystemClock
from app.shared.i18n import Language
from app.shared.settings.model import Settings

EMAIL, SMS = MessageChannel.EMAIL, MessageChannel.SMS
MAIL_SETTINGS = {"smtp_url": "smtp://koharu:secret@mail.example", "mail_from": "no-reply@koharu.example"}
HOOK_SETTINGS = {
    "sms_hook_url": "https://sms.example/send",
    "sms_hook_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
}


class Recorder:
    """Takes messages of some channels, or fails."""

    def __init__(self, *channels: MessageChannel, failure: Exception | None = None) -> None:
        self.channels = frozenset(channels)
        self.taken: list[Message] = []
        self._failure = failure

    async def send(self, message: Message) -> None:
        if self._failure:
            raise self._failure
        self.taken.append(message)


def a_message(channel: MessageChannel) -> Message:
    return Message(channel, "somebody", "Code", "482913")


async def test_the_first_sender_that_knows_the_channel_takes_the_message() -> None:
    email, anything = Recorder(EMAIL), Recorder(EMAIL, SMS)
    delivery = MessageDelivery([email, anything])
    mail, text = a_message(EMAIL), a_message(SMS)
    await delivery.send(mail)
    await delivery.send(text)
    assert (email.taken, anything.taken) == ([mail], [text])


async def test_a_message_that_nobody_delivers_is_refused_and_logged() -> None:
    delivery, message = MessageDelivery([Recorder(EMAIL)]), a_message(SMS)
    assert delivery.channels == {EMAIL}
    with capture_logs() as logs, pytest.raises(MessageNotSent) as refused:
        await delivery.send(message)
    assert "もう一度" in refused.value.message(Language.JA)
    assert "try again" in refused.value.message(Language.EN)
    assert logs == [
        {
            "event": "message_not_sent",
            "log_level": "warning",
            "channel": "SMS",
            "message_id": message.id,
            "reason": "no delivery is set up",
        }
    ]


async def test_a_sender_that_fails_is_not_replaced_by_another() -> None:
    second = Recorder(SMS)
    with pytest.raises(MessageNotSent):
        await MessageDelivery([Recorder(SMS, failure=MessageNotSent()), second]).send(a_message(SMS))
    assert second.taken == []


@pytest.mark.parametrize(
    ("environment", "given", "channels"),
    [
        ("production", {}, set()),
        ("production", MAIL_SETTINGS, {EMAIL}),
        ("production", HOOK_SETTINGS, {SMS}),
        ("production", {**MAIL_SETTINGS, **HOOK_SETTINGS}, {EMAIL, SMS}),
        ("development", {}, {EMAIL, SMS}),
        ("development", MAIL_SETTINGS, {EMAIL, SMS}),
    ],
)
def test_the_settings_say_what_can_be_delivered(
    environment: Any, given: dict[str, Any], channels: set[MessageChannel]
) -> None:
    settings = Settings(environment=environment, **given)
    assert message_delivery(settings, Recorder(*MessageChannel), SystemClock()).channels == channels


async def test_a_delivery_that_is_set_up_goes_before_the_development_outbox() -> None:
    settings = Settings(smtp_url="smtp://127.0.0.1:1", mail_from="no-reply@koharu.example")
    delivery = message_delivery(settings, Recorder(*MessageChannel), SystemClock())
    with pytest.raises(MessageNotSent):
        await delivery.send(Message(EMAIL, "sakura@customer.example", "Code", "482913"))
