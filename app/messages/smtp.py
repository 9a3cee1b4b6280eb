"""Email by SMTP (RFC 5321), through the mail server that the settings name."""

import asyncio
import ssl
from contextlib import suppress
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY

from aiosmtplib import SMTP, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from app.messages.errors import MessageNotSent
from app.messages.model import Message, MessageChannel
from app.messages.sender import SEND_SECONDS
from app.shared.clock import Clock
from app.shared.settings.messages import PLAIN_ADDRESS, MailServer

QUIT_SECONDS = 1.0


class SmtpSender:
    """Hands each email to the mail server over a connection of its own."""

    channels = frozenset({MessageChannel.EMAIL})

    def __init__(
        self, server: MailServer, mail_from: Address, clock: Clock, seconds: float = SEND_SECONDS
    ) -> None:
        self._server = server
        self._mail_from = mail_from
        self._clock = clock
        self._seconds = seconds
        self._tls = ssl.create_default_context()

    async def send(self, message: Message) -> None:
        connection = self._connection()
        try:
            mail = self.mail_of(message)
            async with asyncio.timeout(self._seconds):
                await connection.connect()
                await connection.send_message(
                    mail, sender=self._mail_from.addr_spec, recipients=[message.destination]
                )
            # The mail is taken: what becomes of the farewell changes nothing.
            with suppress(SMTPException, OSError):
                await connection.quit(timeout=QUIT_SECONDS)
        except (SMTPException, MessageError, OSError, ValueError) as error:
            raise MessageNotSent(reason=_reason(error)) from None
        finally:
            connection.close()

    def mail_of(self, message: Message) -> EmailMessage:
        """The message as an email; raises ValueError or MessageError where it is none to one address."""
        if not PLAIN_ADDRESS.fullmatch(message.destination):
            raise ValueError("not one plain address")
        mail = EmailMessage(policy=MAIL_POLICY)
        mail["From"] = self._mail_from
        mail["To"] = message.destination
        # EmailMessage itself may lose a space where it folds a subject (CPython's issue 92081).
        mail.set_raw("Subject", Header(message.subject, "utf-8", header_name="Subject").encode())
        mail["Date"] = self._clock.now()
        mail["Message-ID"] = f"<{message.id}@{self._mail_from.domain}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note answers it
        mail.set_content(message.text, cte="base64")
        return mail

    def _connection(self) -> SMTP:
        server = self._server
        return SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            # Our own name would be looked up in the DNS each time, and tell of a machine inside.
            local_hostname=self._mail_from.domain,
            timeout=self._seconds,
            use_tls=server.encrypted,
            start_tls=self._start_tls(),
            tls_context=self._tls,
        )

    def _start_tls(self) -> bool | None:
        """Whether STARTTLS is used; None where the server decides."""
        if self._server.encrypted or self._server.is_loopback:
            return False
        return True if self._server.user is not None else None


def _reason(error: Exception) -> str:
    """What went wrong, without the server's own words: they may repeat the address or the mail."""
    if isinstance(error, SMTPRecipientsRefused) and error.recipients:
        error = error.recipients[0]
    code = f" {error.code}" if isinstance(error, SMTPResponseException) else ""
    return type(error).__name__ + code
