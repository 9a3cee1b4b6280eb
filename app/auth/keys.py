"""The keys that sign access tokens: ES256 (ECDSA on P-256 with SHA-256, RFC 7518, 3.4).

Each key is a file in one folder, `<second from which it signs>-<id>.pem`. A new key is known to every
process for a while before it signs, and an old one verifies for as long as its tokens may be good: so
a rotation refuses nobody.
"""

import base64
import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

KEYS_FOLDER = "keys"  # in the data folder
COORDINATE_BYTES = 32  # of a point on P-256
KNOWN_BEFORE_IT_SIGNS = timedelta(seconds=60)
LOOK_AGAIN_AFTER = timedelta(seconds=0.5)
READ_AGAIN_AFTER = timedelta(seconds=20)  # whatever the folder says: that of another machine may say it late
KEPT_AFTER_IT_SIGNED = timedelta(hours=24)  # access tokens live an hour at the most

log = structlog.get_logger(__name__)

_FILE_NAME = re.compile(r"(\d{1,12})-([A-Za-z0-9_-]{16})\.pem")


class SigningKeyError(Exception):
    """A signing key cannot be used; the text says why."""


@dataclass(frozen=True)
class SigningKey:
    """A parsed key pair, the id that tokens name it by, and the second (Unix time) from which it signs."""

    id: str
    signs_from: int
    private: EllipticCurvePrivateKey
    public: EllipticCurvePublicKey

    def to_jwk(self) -> dict[str, str]:
        """The public key as RFC 7517 describes it."""
        numbers = self.public.public_numbers()
        return {
            "kty": "EC",
            "crv": "P-256",
            "alg": "ES256",
            "use": "sig",
            "kid": self.id,
            "x": _base64url(numbers.x.to_bytes(COORDINATE_BYTES)),
            "y": _base64url(numbers.y.to_bytes(COORDINATE_BYTES)),
        }


class KeyRing:
    """The keys of a folder, read again when it has changed, so that a rotation needs no restart."""

    def __init__(self, folder: Path, now: datetime) -> None:
        """Makes the first key where there is none. Raises SigningKeyError."""
        self._folder = folder
        with _locked(folder):
            if not _files(folder):
                _make(folder, signs_from=0)
        self._changed_at = _changed_at(folder)
        self._keys = _read(folder)
        self._read_at = self._looked_at = now

    def signing_key(self, now: datetime) -> SigningKey:
        """The key that signs now: the newest one whose time has come."""
        self._read_again_if_due(now)
        started = [key for key in self._keys.values() if key.signs_from <= now.timestamp()]
        return max(started or self._keys.values(), key=lambda key: key.signs_from)

    def find(self, key_id: str, now: datetime) -> SigningKey | None:
        """The key that tokens name so, whether it signs already, or did before."""
        self._read_again_if_due(now)
        return self._keys.get(key_id)

    def all(self) -> list[SigningKey]:
        """The keys in the order in which they sign."""
        return sorted(self._keys.values(), key=lambda key: key.signs_from)

    def to_jwks(self, now: datetime) -> dict[str, Any]:
        """All public keys (RFC 7517, 5)."""
        self._read_again_if_due(now)
        return {"keys": [key.to_jwk() for key in self._keys.values()]}

    def _read_again_if_due(self, now: datetime) -> None:
        if abs(now - self._looked_at) < LOOK_AGAIN_AFTER:
            return
        self._looked_at = now
        changed_at = _changed_at(self._folder)
        if changed_at == self._changed_at and abs(now - self._read_at) < READ_AGAIN_AFTER:
            return
        self._changed_at, self._read_at = changed_at, now
        try:
            self._keys = _read(self._folder)
        except SigningKeyError as error:
            # The keys that we have are still good; whoever is on call must look at the others.
            log.error("signing_keys_unreadable", reason=str(error))


def rotate(folder: Path, now: datetime) -> SigningKey:
    """Makes the next key, which signs from 60 s on, and removes those that have had their time."""
    signing = KeyRing(folder, now).signing_key(now)
    with _locked(folder):
        if now.timestamp() - signing.signs_from > KEPT_AFTER_IT_SIGNED.total_seconds():
            for path in _files(folder):
                if _signs_from(path) < signing.signs_from:
                    path.unlink()
        return _read_key(_make(folder, int((now + KNOWN_BEFORE_IT_SIGNS).timestamp())))


def has_keys(folder: Path) -> bool:
    """Whether a server has made its first key in this folder."""
    return bool(_files(folder))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.pem") if _FILE_NAME.fullmatch(path.name))


def _changed_at(folder: Path) -> int | None:
    """When a file came to the folder or left it, in nanoseconds; None where it cannot be told."""
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return None


def _signs_from(path: Path) -> int:
    return int(path.name.split("-", 1)[0])


def _read(folder: Path) -> dict[str, SigningKey]:
    keys = _keys_of(_files(folder))
    if not keys:
        raise SigningKeyError(f"there is no signing key in {folder} any more")
    return keys


def _keys_of(paths: Iterable[Path]) -> dict[str, SigningKey]:
    keys: dict[str, SigningKey] = {}
    for path in paths:
        try:
            key = _read_key(path)
        except FileNotFoundError:
            continue  # a rotation has just removed it
        keys[key.id] = key
    return keys


def _read_key(path: Path) -> SigningKey:
    try:
        if path.stat().st_mode & 0o077:
            raise SigningKeyError(f"{path} may be read by others than its owner; run: chmod 600 {path}")
        private = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SigningKeyError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, TypeError):
        raise SigningKeyError(f"{path} is not a private key in PEM form") from None
    if not isinstance(private, EllipticCurvePrivateKey) or not isinstance(private.curve, SECP256R1):
        raise SigningKeyError(f"{path} is not a key on the curve P-256")
    public = private.public_key()
    return SigningKey(_key_id(public), _signs_from(path), private, public)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One process at a time makes and removes keys. Raises SigningKeyError."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / "lock").open("a")
    except OSError as error:
        raise SigningKeyError(f"the folder {folder} cannot be used: {error.strerror}") from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(folder: Path, signs_from: int) -> Path:
    """Writes a new key, whole or not at all."""
    private = generate_private_key(SECP256R1())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = folder / f"{signs_from}-{_key_id(private.public_key())}.pem"
    descriptor, draft = tempfile.mkstemp(dir=folder)  # made with mode 0600
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
        if os.geteuid() == 0:  # root rotates for a server that runs as the folder's owner
            owner = folder.stat()
            os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
    os.rename(draft, path)
    return path


def _key_id(public: EllipticCurvePublicKey) -> str:
    encoded = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return _base64url(hashlib.sha256(encoded).digest()[:12])


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
