"""What can be done with partners: make them, change their secrets, let them in."""

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from app.auth.errors import PartnerNotFound, ScopeUnknown
from app.auth.partners import Partner, PartnerRepository, Scope
from app.auth.remembering import RememberedLives
from app.auth.tokens import AccessToken, AccessTokens
from app.shared.clock import Clock
from app.shared.database import Database
from app.shared.hashing import secret_hash

LIVE_SECRETS = 2  # the old one goes on while the partner changes over to the new one
NAME_MAXIMUM_LENGTH = 80


@dataclass(frozen=True, slots=True)
class GrantedToken:
    """An access token and the scopes that it carries."""

    token: AccessToken
    scopes: frozenset[Scope]


class PartnerService:
    """The use cases of partners (OAuth 2.0 client credentials, RFC 6749, 4.4)."""

    def __init__(self, database: Database, tokens: AccessTokens, clock: Clock) -> None:
        self._partners = PartnerRepository(database)
        self._tokens = tokens
        self._clock = clock
        self._live = RememberedLives(self._partners.lives, clock)

    async def create(self, name: str, scopes: Iterable[Scope]) -> tuple[Partner, str]:
        """A new partner and its secret, which is shown this once. Its name is cut at 80 characters."""
        secret = secrets.token_urlsafe(32)
        partner = Partner(
            id=f"partner-{secrets.token_hex(8)}",
            name=name.strip()[:NAME_MAXIMUM_LENGTH],
            scopes=frozenset(scopes),
            secret_hashes=(secret_hash(secret),),
            created_at=self._clock.now(),
        )
        await self._partners.add(partner)
        return partner, secret

    async def all(self) -> list[Partner]:
        return await self._partners.all()

    async def rotate_secret(self, partner_id: str) -> str:
        """A further secret, shown this once; the one before it goes on. Raises PartnerNotFound."""
        secret = secrets.token_urlsafe(32)
        if not await self._partners.add_secret(partner_id, secret_hash(secret), LIVE_SECRETS):
            raise PartnerNotFound
        return secret

    async def remove(self, partner_id: str) -> None:
        """Ends the partner; its tokens are dead within 30 s. Raises PartnerNotFound."""
        if not await self._partners.remove(partner_id):
            raise PartnerNotFound
        self._live.forget(partner_id)

    async def authenticate(self, partner_id: str, secret: str) -> Partner | None:
        """The partner, if this is one of its secrets."""
        partner = await self._partners.get(partner_id)
        given = secret_hash(secret)
        kept = partner.secret_hashes if partner else ("",)
        matches = [hmac.compare_digest(given, each) for each in kept]
        return partner if any(matches) else None

    def grant(self, partner: Partner, wanted: frozenset[Scope] | None) -> GrantedToken:
        """A token with the wanted scopes, or with all of the partner's. Raises ScopeUnknown."""
        scopes = partner.scopes if wanted is None else wanted
        if not scopes <= partner.scopes:
            raise ScopeUnknown
        names = sorted(scope.value for scope in scopes)
        return GrantedToken(self._tokens.issue_to_partner(partner.id, names, self._clock.now()), scopes)

    async def is_live(self, partner_id: str) -> bool:
        """Whether access tokens of this partner are still good."""
        return await self._live.contains(partner_id)


def scopes_of(text: str) -> frozenset[Scope]:
    """The scopes in a list with spaces between them (RFC 6749, 3.3). Raises ScopeUnknown."""
    try:
        return frozenset(Scope(word) for word in text.split(" ") if word)
    except ValueError:
        raise ScopeUnknown from None
