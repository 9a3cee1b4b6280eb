"""Access tokens: JWTs as RFC 9068 describes them, with one fixed algorithm (RFC 8725)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from app.auth.actor import MemberActor, PartnerActor
from app.auth.errors import TokenExpired, TokenRefused
from app.auth.keys import KeyRing, SigningKey
from app.auth.partners import Scope
from app.shared.i18n import DEFAULT_LANGUAGE, Language, language_of

ALGORITHM = "ES256"
TOKEN_TYPE = "at+jwt"  # noqa: S105  the media type of RFC 9068, not a secret
REQUIRED_CLAIMS = ("iss", "aud", "sub", "exp", "iat", "jti")
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

    def __init__(self, keys: KeyRing, issuer: str, audience: str, lifetime: timedelta) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._lifetime = lifetime

    def issue(self, member_id: str, session_id: str, language: Language, now: datetime) -> AccessToken:
        """A token for this member's session."""
        return self._sign(member_id, {"sid": session_id, "locale": language.value}, now)

    def issue_to_partner(self, partner_id: str, scopes: Sequence[str], now: datetime) -> AccessToken:
        """A token for this partner with these scopes."""
        return self._sign(partner_id, {"client_id": partner_id, "scope": " ".join(scopes)}, now)

    def _sign(self, subject: str, further_claims: dict[str, str], now: datetime) -> AccessToken:
        issued_at = int(now.timestamp())
        expires_at = issued_at + int(self._lifetime.total_seconds())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": subject,
            "iat": issued_at,
            "exp": expires_at,
            "jti": secrets.token_urlsafe(16),
            **further_claims,
        }
        key = self._keys.signing_key(now)
        headers = {"typ": TOKEN_TYPE, "kid": key.id}
        text = jwt.encode(claims, key.private, algorithm=ALGORITHM, headers=headers)
        return AccessToken(text, datetime.fromtimestamp(expires_at, UTC))

    def verify(self, text: str, now: datetime) -> MemberActor | PartnerActor:
        """Who holds this token now. Raises TokenExpired or TokenRefused."""
        if len(text) > MAXIMUM_TOKEN_LENGTH:
            raise TokenRefused
        try:
            key = self._key_of(jwt.get_unverified_header(text), now)
            claims = jwt.decode(
                text,
                key.public,
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                # The time is checked below, by the clock that the rest of the house goes by.
                options={"require": list(REQUIRED_CLAIMS), "verify_exp": False, "verify_iat": False},
            )
        except (jwt.InvalidTokenError, ValueError):
            raise TokenRefused from None
        _require_time(claims["iat"], claims["exp"], now)
        return _partner_of(claims) if "client_id" in claims else _member_of(claims)

    def _key_of(self, header: dict[str, Any], now: datetime) -> SigningKey:
        key_id = header.get("kid")
        key = self._keys.find(key_id, now) if isinstance(key_id, str) else None
        if key is None or header.get("typ") != TOKEN_TYPE:
            raise TokenRefused
        return key


def _member_of(claims: dict[str, Any]) -> MemberActor:
    member_id, session_id, locale = claims["sub"], claims.get("sid"), claims.get("locale")
    if not isinstance(member_id, str) or not isinstance(session_id, str):
        raise TokenRefused
    language = language_of(locale) if isinstance(locale, str) else None
    return MemberActor(member_id, session_id, language or DEFAULT_LANGUAGE)


def _partner_of(claims: dict[str, Any]) -> PartnerActor:
    partner_id, scope = claims["client_id"], claims.get("scope")
    if partner_id != claims["sub"] or not isinstance(partner_id, str) or not isinstance(scope, str):
        raise TokenRefused
    names = set(scope.split())
    return PartnerActor(partner_id, frozenset(each for each in Scope if each.value in names))


def _require_time(issued_at: object, expires_at: object, now: datetime) -> None:
    if not isinstance(issued_at, int) or not isinstance(expires_at, int):
        raise TokenRefused
    if issued_at > now.timestamp() + CLOCK_TOLERANCE_SECONDS:
        raise TokenRefused
    if expires_at <= now.timestamp():
        raise TokenExpired
