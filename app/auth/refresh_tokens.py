"""Refresh tokens: opaque, 256 random bits each, kept only as hashes.

A token is `session id . secret`. When it is exchanged, its successor is kept sealed with it: whoever
presents the same token again within the overlap is given the very same successor, so that a lost
answer throws nobody out and yet only one lineage lives. The seal is a one-time pad made from the old
secret, which the database does not have.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass

SECRET_BYTES = 32
MAXIMUM_LENGTH = 200


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token of one session."""

    session_id: str
    secret: bytes

    @classmethod
    def new(cls, session_id: str) -> "RefreshToken":
        return cls(session_id, secrets.token_bytes(SECRET_BYTES))

    @classmethod
    def parse(cls, text: str) -> "RefreshToken | None":
        """The token in this text; None when it cannot be one."""
        session_id, separator, encoded = text.partition(".")
        if len(text) > MAXIMUM_LENGTH or not separator or not text.isascii():
            return None
        try:
            secret = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        except binascii.Error:
            return None
        return cls(session_id, secret) if len(secret) == SECRET_BYTES else None

    @property
    def text(self) -> str:
        return f"{self.session_id}.{base64.urlsafe_b64encode(self.secret).rstrip(b'=').decode()}"

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.secret).hexdigest()

    def seal(self, successor: "RefreshToken") -> str:
        """The successor, readable with this token only."""
        return self._padded(successor.secret).hex()

    def unseal(self, sealed: str) -> "RefreshToken":
        """What was sealed with this token."""
        return RefreshToken(self.session_id, self._padded(bytes.fromhex(sealed)))

    def _padded(self, content: bytes) -> bytes:
        pad = hmac.digest(self.secret, b"successor", "sha256")
        return bytes(one ^ other for one, other in zip(content, pad, strict=True))
