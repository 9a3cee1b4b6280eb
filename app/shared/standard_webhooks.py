"""Standard Webhooks: how what we post to others is signed, so that they know that it comes from us."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

SECRET_PREFIX = "whsec_"  # noqa: S105
KEY_BYTES = range(24, 65)
NEW_KEY_BYTES = 32


def new_signing_key() -> bytes:
    return secrets.token_bytes(NEW_KEY_BYTES)


def secret_of(key: bytes) -> str:
    """The key as people hand it on: `whsec_` and its bytes in base64."""
    return SECRET_PREFIX + base64.b64encode(key).decode()


def signing_key_of(secret: str) -> bytes:
    """The key in a secret, of 24 to 64 bytes. Raises ValueError, whose text does not show it."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith(SECRET_PREFIX) or len(key) not in KEY_BYTES:
        raise ValueError(
            f"must be {SECRET_PREFIX} and {KEY_BYTES.start} to {KEY_BYTES.stop - 1} bytes in base64"
        )
    return key


def signed_headers(keys: Iterable[bytes], message_id: str, moment: datetime, body: bytes) -> dict[str, str]:
    """The headers of a JSON body that is posted at this moment, with a signature by each of the keys.

    Who verifies goes by one of them: while a secret is changed, the old and the new one both fit. The same
    id stands for the same message, however often it is posted.
    """
    timestamp = int(moment.timestamp())
    return {
        "Content-Type": "application/json",
        "User-Agent": "Tsunagu",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(key, message_id, timestamp, body) for key in keys),
    }


def signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the HMAC-SHA-256 of `id.timestamp.body` in base64."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
