"""Refresh tokens: opaque, 256 random bits each, kept only as hashes.

A token is `session id . secret . mark`. The mark proves that the secret was given out in this session,
however long ago, so that a token which was spent is told from one that never was. When a token is
exchanged, its successor is kept sealed with it: whoever presents the same token again within the overlap
is given the very same successor, so that a lost answer throws nobody out and yet only one lineage lives.
The seal is a one-time pad made from the old secret, which the database does not have.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass

SECRET_BYTES = 32
MARK_BYTES = 16
MAXIMUM_LENGTH = 200


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token of one session."""

    session_id: str
    secret: bytes
    mark: bytes

    @classmethod
    def new(cls, session_id: str, family: str) -> "RefreshToken":
        """A new token; `family` is the session's own secret, in hexadecimal digits."""
        return cls._marked(session_id, secrets.token_bytes(SECRET_BYTES), family)

    @classmethod
    def of(cls, text: str) -> "RefreshToken":
        """The token in a text of our own. Raises ValueError."""
        token = cls.parse(text)
        if token is None:
            raise ValueError("no refresh token")
        return token

    @classmethod
    def parse(cls, text: str) -> "RefreshToken | None":
        """The token in this text; None when it cannot be one."""
        parts = text.split(".")
        if len(text) > MAXIMUM_LENGTH or len(parts) != 3 or not text.isascii():
            return None
        secret, mark = _decoded(parts[1]), _decoded(parts[2])
        if len(secret) != SECRET_BYTES or len(mark) != MARK_BYTES:
            return None
        return cls(parts[0], secret, mark)

    @classmethod
    def _marked(cls, session_id: str, secret: bytes, family: str) -> "RefreshToken":
        return cls(session_id, secret, _mark(secret, family))

    @property
    def text(self) -> str:
        return f"{self.session_id}.{_encoded(self.secret)}.{_encoded(self.mark)}"

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.secret).hexdigest()

    def is_of(self, family: str) -> bool:
        """Whether this token was given out in the session with this secret."""
        return hmac.compare_digest(self.mark, _mark(self.secret, family))

    def seal(self, successor: "RefreshToken") -> str:
        """The successor, readable with this token only."""
        return successor.sealed(self._pad)

    def unseal(self, sealed: str, family: str) -> "RefreshToken":
        """What was sealed with this token."""
        return self.unsealed(self.session_id, sealed, self._pad, family)

    def sealed(self, pad: bytes) -> str:
        """This token, readable with the same 32 bytes only, which must seal nothing else."""
        return _padded(self.secret, pad).hex()

    @classmethod
    def unsealed(cls, session_id: str, sealed: str, pad: bytes, family: str) -> "RefreshToken":
        """The session's token that was sealed with these bytes."""
        return cls._marked(session_id, _padded(bytes.fromhex(sealed), pad), family)

    @property
    def _pad(self) -> bytes:
        return hmac.digest(self.secret, b"successor", "sha256")


def _padded(content: bytes, pad: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(content, pad, strict=True))


def new_family() -> str:
    """A session's own secret, which marks its tokens."""
    return secrets.token_hex(SECRET_BYTES)


def _mark(secret: bytes, family: str) -> bytes:
    return hmac.digest(bytes.fromhex(family), secret, "sha256")[:MARK_BYTES]


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    """The bytes; none for a text that stands for none."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return b""
