"""What the settings of push stand for. Each reader raises ValueError, whose text shows no secret."""

import re
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path

import orjson
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from app.shared.settings.messages import hook_url

_TIME = r"((?:[01][0-9]|2[0-3]):[0-5][0-9])"
_HOURS = re.compile(f"{_TIME}-{_TIME}", re.ASCII)


@dataclass(frozen=True, slots=True)
class GoogleAccount:
    """A service account that may send by Firebase Cloud Messaging."""

    project_id: str
    client_email: str
    token_uri: str
    private_key: RSAPrivateKey = field(repr=False)

    @classmethod
    def from_file(cls, path: Path) -> "GoogleAccount":
        """Reads the JSON file that Google gives out for a service account."""
        try:
            found = orjson.loads(path.read_bytes())
            key = load_pem_private_key(found["private_key"].encode(), password=None)
            account = cls(found["project_id"], found["client_email"], hook_url(found["token_uri"]), key)  # type: ignore[arg-type]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            account = None
        if account is None or not isinstance(account.private_key, RSAPrivateKey):
            raise ValueError("must name a readable JSON file of a Google service account")
        return account


@dataclass(frozen=True, slots=True)
class AppleKey:
    """A key that may send to an app by Apple's service. `topic` is the app's bundle id."""

    key_id: str
    team_id: str
    topic: str
    private_key: EllipticCurvePrivateKey = field(repr=False)


def apple_private_key(path: Path) -> EllipticCurvePrivateKey:
    """Reads the `.p8` file that Apple gives out for a key."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError):
        key = None
    if not isinstance(key, EllipticCurvePrivateKey):
        raise ValueError("must name a readable .p8 file of an Apple key")
    return key


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When marketing keeps still, by the wall clock: from `begins` until just before `ends`."""

    begins: time
    ends: time

    @classmethod
    def read(cls, text: str) -> "QuietHours":
        """Reads `21:00-09:00`, which goes over midnight. Raises ValueError."""
        match = _HOURS.fullmatch(text)
        if match is None or match[1] == match[2]:
            raise ValueError("must be two times of the day, as in 21:00-09:00")
        return cls(time.fromisoformat(match[1]), time.fromisoformat(match[2]))
