"""What the settings of messages stand for. Each reader raises ValueError, whose text shows no secret."""

import ipaddress
import re
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.policy import SMTP
from urllib.parse import unquote, urlsplit

import httpx

SUBMISSION_PORT = 587  # RFC 6409
ENCRYPTED_SUBMISSION_PORT = 465  # RFC 8314
HIGHEST_PORT = 65_535

# One address and nothing else: no second one, no name, no quotes, no line end.
PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")


@dataclass(frozen=True, slots=True)
class MailServer:
    """An SMTP server that is spoken to over TLS (`encrypted`), or else by STARTTLS."""

    host: str
    port: int
    encrypted: bool
    user: str | None
    password: str | None = field(repr=False)

    @classmethod
    def from_url(cls, text: str) -> "MailServer":
        """Reads `smtp://user:password@host:587` or `smtps://host:465`; user and password percent-encoded."""
        try:
            url = urlsplit(text)
            host, port = url.hostname, url.port
        except ValueError:  # its text may hold a part of the password
            host = port = None
        if (
            host is None
            or url.scheme not in {"smtp", "smtps"}
            or url.path.strip("/")
            or url.query
            or url.fragment
        ):
            raise ValueError("must be smtp://user:password@host:port or smtps://user:password@host:port")
        if bool(url.username) != bool(url.password):
            raise ValueError("must have both a user and a password, or neither")
        encrypted = url.scheme == "smtps"
        return cls(
            host,
            port or (ENCRYPTED_SUBMISSION_PORT if encrypted else SUBMISSION_PORT),
            encrypted,
            unquote(url.username) if url.username else None,
            unquote(url.password) if url.password else None,
        )

    @property
    def is_loopback(self) -> bool:
        """Whether this is our own machine, so that nobody listens on the way."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def mailbox(text: str) -> Address:
    """Reads one address, with or without a name: `こはる <no-reply@koharu.example>`."""
    header = SMTP.header_factory("From", text)
    if len(header.addresses) != 1 or header.defects:
        raise ValueError("must be one address, as in name@shop.example or Shop <name@shop.example>")
    address: Address = header.addresses[0]
    if not PLAIN_ADDRESS.fullmatch(address.addr_spec):
        raise ValueError("must be an address of plain ASCII characters")
    return address


def hook_url(text: str) -> str:
    """Reads the address of an HTTP hook."""
    try:
        url = httpx.URL(text)
        is_usable = url.scheme in {"http", "https"} and bool(url.host) and (url.port or 1) <= HIGHEST_PORT
    except httpx.InvalidURL:  # its text may hold a part of a password
        is_usable = False
    if not is_usable:
        raise ValueError("must be an https:// or http:// address")
    return text
