"""Email by SMTP, against a real SMTP server on the loopback address."""

import asyncio
import base64
import logging
import ssl
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.smtp import Envelope

from app.messages.delivery import MessageDelivery
from app.messages.errors import MessageNotSent
from app.messages.model import Message, MessageChannel
from app.messages.smtp import SmtpSender
from app.shared.settings.messages import MailServer, mailbox
from tests.conftest import MovableClock
from tests.listeners import Conversation, closed_port, listening, reset, say_nothing
from tests.mail_servers import PASSWORD, USER, MailHouse, mail_server, new_certificate
from tests.patience import PATIENCE_SECONDS

SAKURA = "sakura@customer.example"
FROM = "こはる <no-reply@koharu.example>"
LOGIN = "koharu:a%20p%40ss%3Aw%2Frd@"


@pytest.fixture
def untrusted(tmp_path: Path) -> ssl.SSLContext:
    return new_certificate(tmp_path)


@pytest.fixture
def certificate(untrusted: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    return untrusted


@pytest.fixture
def far_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mail server counts as another machine."""
    monkeypatch.setattr(MailServer, "is_loopback", False)


def sender_to(url: str, clock: MovableClock, seconds: float = PATIENCE_SECONDS) -> SmtpSender:
    return SmtpSender(MailServer.from_url(url), mailbox(FROM), clock, seconds)


def a_message(destination: str = SAKURA, text: str = "確認コード: 482913") -> Message:
    return Message(MessageChannel.EMAIL, destination, "こはるの確認コード", text)


def read(envelope: Envelope) -> EmailMessage:
    assert isinstance(envelope.content, bytes)
    mail = message_from_bytes(envelope.content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


async def test_a_message_arrives_as_email(clock: MovableClock) -> None:
    house, message = MailHouse(), a_message()
    async with mail_server(house) as port:
        await sender_to(f"smtp://127.0.0.1:{port}", clock).send(message)
    ((envelope, session),) = house.mails
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@koharu.example", [SAKURA])
    assert session.host_name == "koharu.example"
    mail = read(envelope)
    assert mail["From"] == FROM
    assert mail["To"] == SAKURA
    assert mail["Subject"] == message.subject
    assert mail["Date"].datetime == clock.now()
    assert mail["Message-ID"] == f"<{message.id}@koharu.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content_charset() == "utf-8"
    assert mail.get_content().strip() == message.text


async def test_addresses_that_japanese_carriers_gave_out_are_served(clock: MovableClock) -> None:
    house, address = MailHouse(), "sakura..1990.@carrier.example"
    async with mail_server(house) as port:
        await sender_to(f"smtp://127.0.0.1:{port}", clock).send(a_message(address))
    assert house.mails[0][0].rcpt_tos == [address]


async def test_many_messages_at_once_each_arrive_once(clock: MovableClock) -> None:
    house = MailHouse()
    async with mail_server(house) as port:
        sender = sender_to(f"smtp://127.0.0.1:{port}", clock)
        await asyncio.gather(*(sender.send(a_message(f"member-{number}@a.example")) for number in range(32)))
    assert sorted(envelope.rcpt_tos[0] for envelope, _ in house.mails) == sorted(
        f"member-{number}@a.example" for number in range(32)
    )


@pytest.mark.usefixtures("far_away")
@pytest.mark.parametrize(("scheme", "encrypted"), [("smtps", True), ("smtp", False)])
async def test_who_logs_in_does_so_encrypted(
    clock: MovableClock, certificate: ssl.SSLContext, scheme: str, encrypted: bool
) -> None:
    house = MailHouse()
    async with mail_server(house, certificate, encrypted, login=True) as port:
        await sender_to(f"{scheme}://{LOGIN}127.0.0.1:{port}", clock).send(a_message())
    assert house.logins == [(USER.encode(), PASSWORD.encode())]
    ((_, session),) = house.mails
    assert encrypted or session.ssl is not None


@pytest.mark.usefixtures("far_away")
async def test_a_password_is_never_said_in_the_open(clock: MovableClock) -> None:
    house = MailHouse()
    async with mail_server(house, login=True) as port:
        with pytest.raises(MessageNotSent):
            await sender_to(f"smtp://{LOGIN}127.0.0.1:{port}", clock).send(a_message())
    assert (house.logins, house.mails) == ([], [])


async def test_our_own_machine_needs_no_encryption(clock: MovableClock) -> None:
    house = MailHouse()
    async with mail_server(house, login=True) as port:
        await sender_to(f"smtp://{LOGIN}127.0.0.1:{port}", clock).send(a_message())
    assert (len(house.logins), len(house.mails)) == (1, 1)


@pytest.mark.usefixtures("far_away")
@pytest.mark.parametrize("login", ["", LOGIN])
@pytest.mark.parametrize(("scheme", "encrypted"), [("smtps", True), ("smtp", False)])
async def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(
    clock: MovableClock, untrusted: ssl.SSLContext, scheme: str, encrypted: bool, login: str
) -> None:
    house = MailHouse()
    async with mail_server(house, untrusted, encrypted, login=True) as port:
        with pytest.raises(MessageNotSent):
            await sender_to(f"{scheme}://{login}127.0.0.1:{port}", clock).send(a_message())
    assert (house.logins, house.mails) == ([], [])


async def test_a_recipient_whom_the_server_does_not_know_is_refused(clock: MovableClock) -> None:
    house = MailHouse()
    async with mail_server(house) as port:
        with pytest.raises(MessageNotSent) as refused:
            await sender_to(f"smtp://127.0.0.1:{port}", clock).send(a_message("nobody@a.example"))
    assert refused.value.reason == "SMTPRecipientRefused 550"
    assert house.mails == []


async def test_a_login_that_is_refused_means_not_sent(clock: MovableClock) -> None:
    house = MailHouse()
    async with mail_server(house, login=True) as port:
        with pytest.raises(MessageNotSent) as refused:
            await sender_to(f"smtp://koharu:wrong@127.0.0.1:{port}", clock).send(a_message())
    assert refused.value.reason == "SMTPAuthenticationError 535"
    assert house.mails == []


@pytest.mark.parametrize(
    "destination",
    [
        "",
        "sakura",
        "a@b.example, c@d.example",
        "a@b.example\r\nBcc: c@d.example",
        "<a@b.example>",
        "a b@c.example",
    ],
)
async def test_what_is_not_one_address_is_refused_before_anybody_is_called(
    clock: MovableClock, destination: str
) -> None:
    with pytest.raises(MessageNotSent) as refused:
        await sender_to(f"smtp://127.0.0.1:{closed_port()}", clock).send(a_message(destination))
    assert refused.value.reason == "ValueError"


async def greet_for_ever(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Each line comes in time, and the last one never comes."""
    while True:
        writer.write(b"220-mail.example\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


async def fall_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A mail server that hangs when it should take the mail."""
    await _talk(reader, writer, {b"DATA": b"354 go on\r\n"})
    await say_nothing(reader, writer)


async def never_say_goodbye(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A mail server that takes the mail and hangs after it."""
    await _talk(reader, writer, {b"DATA": b"354 go on\r\n"})
    while await reader.readline() != b".\r\n":
        pass
    writer.write(b"250 taken\r\n")
    await say_nothing(reader, writer)


async def reset_on_goodbye(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A mail server that takes the mail and hangs up."""
    await _talk(reader, writer, {b"DATA": b"354 go on\r\n"})
    while await reader.readline() != b".\r\n":
        pass
    writer.write(b"250 taken\r\n")
    await reader.readline()
    writer.transport.abort()


async def _talk(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, until: dict[bytes, bytes]
) -> None:
    """Says yes to every command up to one of these."""
    writer.write(b"220 mail.example\r\n")
    while (command := (await reader.readline())[:4]) not in until:
        writer.write(b"250 mail.example\r\n")
    writer.write(until[command])


@pytest.mark.parametrize("converse", [say_nothing, greet_for_ever, fall_silent, reset])
async def test_a_server_that_fails_means_not_sent(clock: MovableClock, converse: Conversation) -> None:
    async with listening(converse) as port:
        with pytest.raises(MessageNotSent):
            await sender_to(f"smtp://127.0.0.1:{port}", clock, seconds=0.3).send(a_message())


@pytest.mark.parametrize("converse", [never_say_goodbye, reset_on_goodbye])
async def test_a_mail_that_is_taken_is_sent_however_the_server_takes_leave(
    clock: MovableClock, converse: Conversation
) -> None:
    async with listening(converse) as port:
        await sender_to(f"smtp://127.0.0.1:{port}", clock).send(a_message())


async def test_a_server_that_is_not_there_means_not_sent(clock: MovableClock) -> None:
    with pytest.raises(MessageNotSent):
        await sender_to(f"smtp://127.0.0.1:{closed_port()}", clock).send(a_message())


@pytest.fixture
def quiet_server(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The test's own mail server logs all that it is told."""
    with caplog.at_level("CRITICAL", "mail.log"):
        yield


@pytest.mark.usefixtures("quiet_server")
@pytest.mark.parametrize(
    ("login", "destination"), [(LOGIN, SAKURA), (LOGIN, "nobody@a.example"), ("k:wrong-one@", SAKURA)]
)
async def test_logs_keep_messages_and_passwords_to_themselves(
    clock: MovableClock, logged: Callable[[], str], login: str, destination: str
) -> None:
    house, message = MailHouse(), a_message(destination)
    async with mail_server(house, login=True) as port:
        sender = sender_to(f"smtp://{login}127.0.0.1:{port}", clock)
        try:
            await MessageDelivery([sender]).send(message)
        except MessageNotSent as error:
            logging.getLogger(__name__).error("refused", exc_info=error)
    told = logged()
    assert message.id in told
    secrets = [PASSWORD, "wrong-one", base64.b64encode(PASSWORD.encode()).decode()]
    for private in ("482913", destination, *secrets):
        assert private not in told
