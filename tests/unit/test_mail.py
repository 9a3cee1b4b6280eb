"""An email says what the message says, to one address, whatever the message holds."""

from email import message_from_bytes
from email.policy import SMTP

from hypothesis import given
from hypothesis import strategies as st

from app.messages.model import Message, MessageChannel
from app.messages.smtp import SmtpSender
from app.shared.clock import SystemClock
from app.shared.settings.messages import MailServer, mailbox

HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
    "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
]  # fmt: skip
SENDER = SmtpSender(
    MailServer.from_url("smtp://127.0.0.1"), mailbox("こはる <no-reply@koharu.example>"), SystemClock()
)

injections = st.sampled_from(
    ["a@b.example", ",", ";", "\r\n", "\n", "Bcc: c@d.example", "<", ">", '"', "=?utf-8?b?", " "]
)
wild_text = st.lists(injections | st.text(max_size=20), max_size=6).map("".join)


@given(destination=st.just("a@b.example") | wild_text, subject=wild_text, text=wild_text)
def test_nothing_becomes_a_second_recipient_or_header(destination: str, subject: str, text: str) -> None:
    try:
        sent = bytes(SENDER.mail_of(Message(MessageChannel.EMAIL, destination, subject, text)))
    except ValueError:
        return
    mail = message_from_bytes(sent, policy=SMTP)
    assert sorted(mail.keys()) == sorted(HEADERS)
    assert [address.addr_spec for address in mail["To"].addresses] == [destination]


words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=40)


@given(
    subject=st.lists(words, min_size=1, max_size=4).map(" ".join),
    lines=st.lists(words, min_size=1, max_size=4),
)
def test_subject_and_text_arrive_as_they_were(subject: str, lines: list[str]) -> None:
    sent = SENDER.mail_of(Message(MessageChannel.EMAIL, "a@b.example", subject, "\n".join(lines)))
    mail = message_from_bytes(bytes(sent), policy=SMTP)
    assert mail["Subject"] == subject
    assert mail.get_content().split() == lines
