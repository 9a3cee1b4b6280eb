"""The key that signs access tokens: ES256 (ECDSA on P-256 with SHA-256, RFC 7518, 3.4)."""

import base64
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

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

FILE_NAME = "access-token-key.pem"
OWNER_ONLY = 0o600


class SigningKeyError(Exception):
    """The signing key cannot be used; the text says why."""


@dataclass(frozen=True)
class SigningKey:
    """A parsed key pair and the id that tokens name it by."""

    id: str
    private: EllipticCurvePrivateKey
    public: EllipticCurvePublicKey


def load_or_make_signing_key(folder: Path) -> SigningKey:
    """The key in this folder, made at the first call; every process gets the same one.

    Raises SigningKeyError when the file is not a P-256 key or may be read by others.
    """
    path = folder / FILE_NAME
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise SigningKeyError(f"{path} may be read by others than its owner; run: chmod 600 {path}")
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError):
        raise SigningKeyError(f"{path} is not a private key in PEM form") from None
    if not isinstance(private, EllipticCurvePrivateKey) or not isinstance(private.curve, SECP256R1):
        raise SigningKeyError(f"{path} is not a key on the curve P-256")
    public = private.public_key()
    return SigningKey(_key_id(public), private, public)


def _make(path: Path) -> None:
    """Writes a new key whole or not at all; where two processes make one, the first stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor, draft = tempfile.mkstemp(dir=path.parent)  # made with mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()


def _key_id(public: EllipticCurvePublicKey) -> str:
    digest = hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    return base64.urlsafe_b64encode(digest[:12]).decode()
