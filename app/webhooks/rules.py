"""The rules of webhooks: when to try again, when to give an endpoint up, which addresses may be called."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

from app.shared.ids import new_id
from app.webhooks.model import (
    PING,
    WebhookAnswer,
    WebhookDelivery,
    WebhookDeliveryState,
    WebhookEndpoint,
    WebhookFailure,
    WebhookSecret,
)

RETRY_PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER = 0.1
MAXIMUM_TRIES = 1 + len(RETRY_PAUSES)
FAILING_FOR = timedelta(days=5)
OLD_SECRET_SIGNS_FOR = timedelta(hours=24)
GONE = 410
MAXIMUM_URL_LENGTH = 1000
MAXIMUM_PORT = 65_535

# All of the public Internet's IPv6 addresses are in here so far (RFC 4291, 2.4).
GLOBAL_UNICAST = IPv6Network("2000::/3")


def new_delivery(endpoint: WebhookEndpoint, event_id: str, event_type: str, now: datetime) -> WebhookDelivery:
    """An event that is due at an endpoint now."""
    return WebhookDelivery(
        id=new_id(),
        endpoint_id=endpoint.id,
        partner_id=endpoint.partner_id,
        event_id=event_id,
        event_type=event_type,
        state=WebhookDeliveryState.PENDING,
        due_at=now,
        tries=0,
        attempts=(),
        created_at=now,
    )


def next_try(tries: int, event_type: str, now: datetime, jitter: float) -> datetime | None:
    """When to try again after so many tries; None when it was the last one. Pings are tried once.

    `jitter`, from 0 to 1, lengthens the pause by up to a tenth, so that what failed together does not come
    back together.
    """
    if event_type == PING or tries >= MAXIMUM_TRIES:
        return None
    return now + RETRY_PAUSES[tries - 1] * (1 + JITTER * jitter)


def answer_of(status: int, text: str) -> WebhookAnswer:
    """Only 2xx means that the event was taken; a redirect is not followed."""
    return WebhookAnswer(status, None if 200 <= status < 300 else WebhookFailure.REFUSED, text)


def has_failed_too_long(failing_since: datetime, now: datetime) -> bool:
    """Whether the endpoint has done nothing but fail for so long that it is switched off."""
    return now - failing_since >= FAILING_FOR


def signing_keys(endpoint: WebhookEndpoint, now: datetime) -> list[bytes]:
    """The keys that sign now: the newest, and for a day the one before it."""
    return [each.key for each in endpoint.secrets if each.signs_until is None or now < each.signs_until]


def rotated(
    secrets: Sequence[WebhookSecret], new_key: bytes, now: datetime
) -> tuple[WebhookSecret, WebhookSecret]:
    """The new secret, and the newest before it, which goes on for a day. Any older one ends."""
    return WebhookSecret(new_key), WebhookSecret(secrets[0].key, now + OLD_SECRET_SIGNS_FOR)


def normal_url(text: str, allows_private: bool) -> str | None:
    """The address as it is kept; None when webhooks cannot go there.

    It wants https, no user and no fragment. Where private addresses are allowed, http will do as well.
    """
    try:
        url = httpx.URL(text) if len(text) <= MAXIMUM_URL_LENGTH else None
    except (httpx.InvalidURL, ValueError):
        return None
    if url is None or not url.host or url.userinfo or url.fragment:
        return None
    if url.scheme != "https" and not (allows_private and url.scheme == "http"):
        return None
    if url.port is not None and not 1 <= url.port <= MAXIMUM_PORT:
        return None
    return str(url) if allows_private or _is_no_private_literal(url.host) else None


def _is_no_private_literal(host: str) -> bool:
    """Whether the host is a name, which is looked up when it is called, or else a public address."""
    try:
        return is_public(ip_address(host))
    except ValueError:
        return True


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether this is an address of the public Internet, and none that stands for another one in disguise."""
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    is_tunnel = address.sixtofour is not None or address.teredo is not None
    return address in GLOBAL_UNICAST and address.is_global and not is_tunnel
