"""Secrets that may be told again for a while, kept so that our own records do not tell them."""

import base64
import hmac
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken


def sealed(secret: str, purpose: str, key: str, now: datetime) -> str:
    """The secret, readable with this key only, which has to be as hard to guess as the secret is."""
    return _box(purpose, key).encrypt_at_time(secret.encode(), _seconds(now)).decode()


def unsealed(box: str, purpose: str, key: str, now: datetime, good_for: timedelta) -> str | None:
    """The secret that was sealed; None when that was too long ago."""
    try:
        return _box(purpose, key).decrypt_at_time(box, int(good_for.total_seconds()), _seconds(now)).decode()
    except InvalidToken:
        return None


def _box(purpose: str, key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hmac.digest(key.encode(), purpose.encode(), "sha256")))


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
