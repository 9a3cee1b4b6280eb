"""Access tokens: JWTs as RFC 9068 describes them, with one fixed algorithm (RFC 8725)."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt

from app.auth.actor import MemberActor
from app.auth.errors import TokenExpired, TokenRefused
from app.auth.keys import SigningKey
from app.shared.i18n import DEFAULT_LANGUAGE, Language, language_of

ALGORITHM = "ES256"
TOKEN_TYPE = "at+jwt"  # noqa: S105  the media type of RFC 9068, not a secret
REQUIRED_CLAIMS = ("iss", "aud", "sub", "sid", "exp", "iat", "jti")
MAXIMUM_TOKEN_LENGTH = 2048
CLOCK_TOLERANCE_SECONDS = 10  # between the machines that sign and verify


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A signed token and when it ends."""

    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a device keeps: the tokens, and when the access token ends."""

    access_token: str
    refresh_token: str
    expires_at: datetime


class AccessTokens:
    """Signs and verifies access tokens."""

    def __init__(self, key: SigningKey, issuer: str, audience: str, lifetime: timedelta) -> None:
        self._key = key
        self._issuer = issuer
        self._audience = audience
        self._lifetime = lifetime

    def issue(self, member_id: str, session_id: str, language: Language, now: datetime) -> AccessToken:
        """A token for this member's session."""
        issued_at = int(now.timestamp())
        expires_at = issued_at + int(self._lifetime.total_seconds())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": member_id,
            "sid": session_id,
            "iat": issued_at,
            "exp": expires_at,
            "jti": secrets.token_urlsafe(16),
            "locale": language.value,
        }
        headers = {"typ": TOKEN_TYPE, "kid": self._key.id}
        text = jwt.encode(claims, self._key.private, algorithm=ALGORITHM, headers=headers)
        return AccessToken(text, datetime.fromtimestamp(expires_at, UTC))

    def verify(self, text: str, now: datetime) -> MemberActor:
        """The member who holds this token now. Raises TokenExpired or TokenRefused."""
        if len(text) > MAXIMUM_TOKEN_LENGTH:
            raise TokenRefused
        try:
            token = jwt.decode_complete(
                text,
                self._key.public,
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                # The time is checked below, by the clock that the rest of the house goes by.
                options={"require": list(REQUIRED_CLAIMS), "verify_exp": False, "verify_iat": False},
            )
        except (jwt.InvalidTokenError, ValueError):
            raise TokenRefused from None
        header, claims = token["header"], token["payload"]
        if header.get("typ") != TOKEN_TYPE or header.get("kid") != self._key.id:
            raise TokenRefused
        _require_time(claims["iat"], claims["exp"], now)
        member_id, session_id = claims["sub"], claims["sid"]
        if not isinstance(member_id, str) or not isinstance(session_id, str):
            raise TokenRefused
        locale = claims.get("locale")
        language = language_of(locale) if isinstance(locale, str) else None
        return MemberActor(member_id, session_id, language or DEFAULT_LANGUAGE)


def _require_time(issued_at: object, expires_at: object, now: datetime) -> None:
    if not isinstance(issued_at, int) or not isinstance(expires_at, int):
        raise TokenRefused
    if issued_at > now.timestamp() + CLOCK_TOLERANCE_SECONDS:
        raise TokenRefused
    if expires_at <= now.timestamp():
        raise TokenExpired
