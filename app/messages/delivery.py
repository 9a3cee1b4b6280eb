"""Delivers each message by a sender that knows its channel."""

from collections.abc import Sequence

import structlog

from app.messages.errors import MessageNotSent
from app.messages.http_hook import HttpHook
from app.messages.model import Message, MessageChannel
from app.messages.sender import MessageSender
from app.messages.smtp import SmtpSender
from app.shared.clock import Clock
from app.shared.settings.messages import MailServer, mailbox
from app.shared.settings.model import Settings
from app.shared.standard_webhooks import signing_key_of

log = structlog.get_logger(__name__)


class MessageDelivery:
    """Sends by the first of its senders that knows the channel, and logs each message by its id alone."""

    def __init__(self, senders: Sequence[MessageSender]) -> None:
        self._senders = {
            channel: next((sender for sender in senders if channel in sender.channels), None)
            for channel in MessageChannel
        }

    @property
    def channels(self) -> frozenset[MessageChannel]:
        return frozenset(channel for channel, sender in self._senders.items() if sender is not None)

    async def send(self, message: Message) -> None:
        """Raises MessageNotSent also where no sender knows the channel."""
        try:
            sender = self._senders[message.channel]
            if sender is None:
                raise MessageNotSent(reason="no delivery is set up")
            await sender.send(message)
        except MessageNotSent as error:
            log.warning(
                "message_not_sent", channel=message.channel.value, message_id=message.id, reason=error.reason
            )
            raise
        log.info("message_sent", channel=message.channel.value, message_id=message.id)


def message_delivery(settings: Settings, development_outbox: MessageSender, clock: Clock) -> MessageDelivery:
    """The delivery that the settings describe; development keeps what it cannot deliver in its outbox."""
    senders: list[MessageSender] = []
    if settings.smtp_url is not None and settings.mail_from is not None:
        server = MailServer.from_url(settings.smtp_url.get_secret_value())
        senders.append(SmtpSender(server, mailbox(settings.mail_from), clock))
    if settings.sms_hook_url is not None and settings.sms_hook_secret is not None:
        key = signing_key_of(settings.sms_hook_secret.get_secret_value())
        senders.append(HttpHook(settings.sms_hook_url.get_secret_value(), key, clock))
    if settings.is_development:
        senders.append(development_outbox)
    return MessageDelivery(senders)
