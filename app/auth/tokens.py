"""Access tokens: JWTs as RFC 9068 describes them, with one fixed algorithm (RFC 8725)."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from app.auth.actor import MemberActor, StaffActor
from app.auth.errors import TokenExpired, TokenRefused
from app.auth.keys import KeyRing, SigningKey
from app.auth.partners import Scope
from app.auth.roles import Role
from app.shared.i18n import Language

ALGORITHM = "ES256"
TOKEN_TYPE = "at+jwt"  # noqa: S105  the media type of RFC 9068, not a secret
REQUIRED_CLAIMS = frozenset({"iss", "aud", "sub", "exp", "iat", "jti"})
# What the token of each kind of caller says besides, all of it and no more: none passes for another.
MEMBER_CLAIMS = REQUIRED_CLAIMS | {"sid", "locale"}
STAFF_CLAIMS = MEMBER_CLAIMS | {"role", "store", "device"}
PARTNER_CLAIMS = REQUIRED_CLAIMS | {"client_id", "scope"}
MAXIMUM_TOKEN_LENGTH = 2048
MAXIMUM_KNOWN_TOKENS = 10_000  # of each process: some 12 MB
CLOCK_TOLERANCE_SECONDS = 10  # between the machines that sign and verify


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A signed token and when it ends."""

    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a device keeps: the tokens, and when the access token ends.

    They are of the session `session_id`; `made_room` tells whether an older one ended for it.
    """

    access_token: str
    refresh_token: str
    expires_at: datetime
    session_id: str
    made_room: bool = False


@dataclass(frozen=True, slots=True)
class PartnerClaims:
    """What a partner's token says: which partner it is, and the scopes that it was granted."""

    partner_id: str
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """What a token says whose signature was found to be good, and the key that it is by."""

    holder: MemberActor | StaffActor | PartnerClaims
    key_id: str
    issued_at: int
    expires_at: int


class AccessTokens:
    """Signs and verifies access tokens.

    A signature is verified once in a process, and the newest tokens are remembered: that they have not
    ended, and that their key has not been taken back, is looked at each time.
    """

    def __init__(self, keys: KeyRing, issuer: str, audience: str, lifetime: timedelta) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._lifetime = lifetime
        self._known: dict[str, VerifiedToken] = {}

    def issue(self, member_id: str, session_id: str, language: Language, now: datetime) -> AccessToken:
        """A token for this member's session."""
        return self._sign(member_id, {"sid": session_id, "locale": language.value}, now)

    def issue_to_staff(self, actor: StaffActor, ends_at: datetime, now: datetime) -> AccessToken:
        """A token for this staff member's session; it ends with the shift."""
        claims = {
            "sid": actor.session_id,
            "locale": actor.language.value,
            "role": actor.role.value,
            "store": actor.store_id,
            "device": actor.device_id,
        }
        return self._sign(actor.staff_id, claims, now, ends_at)

    def issue_to_partner(self, partner_id: str, scopes: Sequence[str], now: datetime) -> AccessToken:
        """A token for this partner with these scopes."""
        return self._sign(partner_id, {"client_id": partner_id, "scope": " ".join(scopes)}, now)

    def _sign(
        self,
        subject: str,
        further_claims: Mapping[str, str | None],
        now: datetime,
        ends_at: datetime | None = None,
    ) -> AccessToken:
        issued_at = int(now.timestamp())
        expires_at = issued_at + int(self._lifetime.total_seconds())
        if ends_at is not None:
            expires_at = min(expires_at, int(ends_at.timestamp()))
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

    def verify(self, text: str, now: datetime) -> MemberActor | StaffActor | PartnerClaims:
        """Who holds this token now. Raises TokenExpired or TokenRefused."""
        known = self._known.get(text)
        if known is None or self._keys.find(known.key_id, now) is None:
            known = self._verified(text, now)
            self._remember(text, known)
        _require_time(known.issued_at, known.expires_at, now)
        return known.holder

    def _remember(self, text: str, verified: VerifiedToken) -> None:
        self._known[text] = verified
        if len(self._known) > MAXIMUM_KNOWN_TOKENS:
            del self._known[next(iter(self._known))]

    def _verified(self, text: str, now: datetime) -> VerifiedToken:
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
        return VerifiedToken(_holder(claims), key.id, claims["iat"], claims["exp"])

    def expiry(self, text: str) -> datetime:
        """When a token ends that was found to be good."""
        claims = jwt.decode(text, options={"verify_signature": False})
        return datetime.fromtimestamp(claims["exp"], UTC)

    def _key_of(self, header: dict[str, Any], now: datetime) -> SigningKey:
        key_id = header.get("kid")
        key = self._keys.find(key_id, now) if isinstance(key_id, str) else None
        if key is None or header.get("typ") != TOKEN_TYPE:
            raise TokenRefused
        return key


def _holder(claims: dict[str, Any]) -> MemberActor | StaffActor | PartnerClaims:
    """Whom the claims name. Raises TokenRefused for claims that we never sign together."""
    if not all(isinstance(claims[name], str) for name in claims.keys() - {"iat", "exp", "store"}):
        raise TokenRefused
    try:
        if claims.keys() == MEMBER_CLAIMS:
            return MemberActor(claims["sub"], claims["sid"], Language(claims["locale"]))
        if claims.keys() == STAFF_CLAIMS:
            return _staff_of(claims)
    except ValueError:
        raise TokenRefused from None
    if claims.keys() == PARTNER_CLAIMS and claims["client_id"] == claims["sub"]:
        names = set(claims["scope"].split())
        return PartnerClaims(claims["sub"], frozenset(each for each in Scope if each.value in names))
    raise TokenRefused


def _staff_of(claims: dict[str, Any]) -> StaffActor:
    store_id = claims["store"]
    if not isinstance(store_id, str | None):
        raise ValueError("no store")
    return StaffActor(
        staff_id=claims["sub"],
        role=Role(claims["role"]),
        store_id=store_id,
        device_id=claims["device"],
        session_id=claims["sid"],
        language=Language(claims["locale"]),
    )


def _require_time(issued_at: object, expires_at: object, now: datetime) -> None:
    if not isinstance(issued_at, int) or not isinstance(expires_at, int):
        raise TokenRefused
    if issued_at > now.timestamp() + CLOCK_TOLERANCE_SECONDS:
        raise TokenRefused
    if expires_at <= now.timestamp():
        raise TokenExpired
