"""Posting to addresses that strangers chose."""

import ipaddress
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.webhooks.model import WebhookFailure
from app.webhooks.posting import Address, Resolve, WebhookPoster
from tests.listeners import Receiver, closed_port, listening
from tests.patience import PATIENCE_SECONDS

HEADERS = {"webhook-id": "an-event"}
NAME = "hooks.example"

INWARD = [
    "127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1",
    "::1", "::", "fe80::1", "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:7f00:1::", "224.0.0.1", "ff02::1",
]  # fmt: skip


class Names:
    """What names stand for; remembers how often it was asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def resolve(self, host: str) -> Sequence[Address]:
        self.asked.append(host)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [ip_address(each) for each in answer]


def poster(resolve: Resolve, allows_private: bool = True) -> WebhookPoster:
    return WebhookPoster(allows_private, PATIENCE_SECONDS, resolve)


@pytest.mark.parametrize("address", INWARD)
@pytest.mark.parametrize("beside", [[], ["8.8.8.8"]])
async def test_a_name_that_leads_inward_is_not_called(address: str, beside: list[str]) -> None:
    receiver = Receiver()
    async with listening(receiver.converse) as port:
        names = Names([*beside, address])
        answer = await poster(names.resolve, allows_private=False).post(
            f"https://{NAME}:{port}/", HEADERS, b"{}"
        )
    assert answer.failure is WebhookFailure.ADDRESS_FORBIDDEN
    assert receiver.requests == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "017700000001",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "127.1",
    ],
)
async def test_no_way_of_writing_it_leads_to_our_own_machine(host: str) -> None:
    """Names are looked up here as they are in earnest."""
    receiver = Receiver()
    async with listening(receiver.converse) as port:
        answer = await WebhookPoster(allows_private=False).post(f"https://{host}:{port}/", HEADERS, b"{}")
    assert answer.failure in {WebhookFailure.ADDRESS_FORBIDDEN, WebhookFailure.NAME_UNKNOWN}
    assert receiver.requests == []


async def test_nothing_goes_out_in_the_clear() -> None:
    names = Names(["8.8.8.8"])
    answer = await poster(names.resolve, allows_private=False).post(f"http://{NAME}/", HEADERS, b"{}")
    assert answer.failure is WebhookFailure.ADDRESS_FORBIDDEN
    assert names.asked == []


async def test_the_address_that_was_checked_is_the_one_that_is_called() -> None:
    """Asked again, the name would stand for another address."""
    receiver, names = Receiver(), Names(["127.0.0.1"], ["127.9.9.9"])
    async with listening(receiver.converse) as port:
        answer = await poster(names.resolve).post(f"http://{NAME}:{port}/hooks", HEADERS, b"{}")
    assert answer.status == 204
    assert names.asked == [NAME]
    ((first, headers, body),) = receiver.requests
    assert (first, headers["host"], body) == ("POST /hooks HTTP/1.1", f"{NAME}:{port}", b"{}")


async def test_a_name_is_looked_up() -> None:
    receiver = Receiver()
    async with listening(receiver.converse) as port:
        answer = await WebhookPoster(allows_private=True).post(f"http://localhost:{port}/", HEADERS, b"{}")
    assert (answer.status, len(receiver.requests)) == (204, 1)


@pytest.mark.parametrize("host", ["no-such-name.invalid", "a" * 64 + ".invalid"])
async def test_a_name_that_nobody_knows(host: str) -> None:
    answer = await WebhookPoster(allows_private=True).post(f"http://{host}/", HEADERS, b"{}")
    assert answer.failure is WebhookFailure.NAME_UNKNOWN


async def test_when_one_address_does_not_answer_another_is_called() -> None:
    receiver, names = Receiver(), Names(["127.0.0.2", "127.0.0.1"])
    async with listening(receiver.converse) as port:
        answer = await poster(names.resolve).post(f"http://{NAME}:{port}/", HEADERS, b"{}")
    assert (answer.status, len(receiver.requests)) == (204, 1)


async def test_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, names = Receiver(), Names(["127.0.0.1"])
    async with listening(proxy.converse) as port:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        answer = await poster(names.resolve).post(f"http://{NAME}:{closed_port()}/", HEADERS, b"{}")
    assert answer.failure is WebhookFailure.CONNECTION_FAILED
    assert proxy.requests == []


async def test_an_answer_is_not_read_to_its_end() -> None:
    receiver = Receiver(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n" + b"x" * 5000)
    async with listening(receiver.converse) as port:
        answer = await poster(Names(["127.0.0.1"]).resolve).post(f"http://{NAME}:{port}/", HEADERS, b"{}")
    assert (answer.status, answer.text) == (200, "x" * 500)


async def test_an_answer_that_is_packed_is_not_unpacked() -> None:
    receiver = Receiver(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc")
    async with listening(receiver.converse) as port:
        answer = await poster(Names(["127.0.0.1"]).resolve).post(f"http://{NAME}:{port}/", HEADERS, b"{}")
    assert (answer.status, answer.text) == (200, "abc")
    assert receiver.requests[0][1]["accept-encoding"] == "identity"


def certificate(name: str, folder: Path) -> Path:
    """A certificate of this name, signed by itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return file


@pytest.mark.parametrize(
    ("called", "is_good"), [(NAME, True), ("other.example", False), ("127.0.0.1", False)]
)
async def test_the_certificate_must_be_of_the_name_that_was_given(
    tmp_path: Path, called: str, is_good: bool
) -> None:
    file, receiver, said = certificate(NAME, tmp_path), Receiver(), []
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    server.sni_callback = lambda connection, name, context: said.append(name)
    made = WebhookPoster(
        True,
        PATIENCE_SECONDS,
        Names(["127.0.0.1"]).resolve,
        make_tls=lambda: ssl.create_default_context(cafile=file),
    )
    async with listening(receiver.converse, server) as port:
        answer = await made.post(f"https://{called}:{port}/", HEADERS, b"{}")
    assert (answer.status, answer.failure) == ((204, None) if is_good else (None, WebhookFailure.TLS_FAILED))
    assert len(receiver.requests) == int(is_good)
    if not _is_address(called):
        assert said == [called]


async def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate(NAME, tmp_path))
    receiver = Receiver()
    async with listening(receiver.converse, server) as port:
        answer = await poster(Names(["127.0.0.1"]).resolve).post(f"https://{NAME}:{port}/", HEADERS, b"{}")
    assert answer.failure is WebhookFailure.TLS_FAILED
    assert receiver.requests == []


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
