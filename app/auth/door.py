"""The door: finds out who calls, and for how long."""

from datetime import datetime

from app.auth.actor import ANONYMOUS, Actor, MemberActor, StaffActor
from app.auth.errors import TokenRefused
from app.auth.leases import Lease, Leases, Terms
from app.auth.partner_service import PartnerService
from app.auth.session_service import SessionService
from app.auth.tokens import AccessTokens, PartnerClaims
from app.shared.clock import Clock


class Door:
    """Turns what a caller shows into an actor."""

    def __init__(
        self, tokens: AccessTokens, sessions: SessionService, partners: PartnerService, clock: Clock
    ) -> None:
        self._tokens = tokens
        self._sessions = sessions
        self._partners = partners
        self._clock = clock
        self._leases = Leases()

    async def actor(self, authorization: str | None) -> Actor:
        """Whoever the bearer token names (RFC 6750), while session or partner lives. Raises TokenRefused."""
        if authorization is None:
            return ANONYMOUS
        return await self._let_in(self._tokens.verify(_token_in(authorization), self._clock.now()))

    def lease(self, actor: Actor, authorization: str | None) -> Lease:
        """For how long this actor, who came in by this authorization, may stay. Raises TokenRefused."""
        if authorization is None:
            return Lease(actor, None, self._clock, self._leases)
        token = _token_in(authorization)
        shown = self._tokens.verify(token, self._clock.now())
        terms = Terms(
            self._tokens.expiry(token), lambda now: self._known(shown, now), lambda: self._let_in(shown)
        )
        return Lease(actor, terms, self._clock, self._leases)

    def _known(self, shown: MemberActor | StaffActor | PartnerClaims, now: datetime) -> Actor | None:
        """Whom it lets in as far as this process remembers."""
        if isinstance(shown, PartnerClaims):
            return self._partners.known_actor(shown, now)
        return shown if self._sessions.is_known_to_live(shown.session_id, now) else None

    async def _let_in(self, shown: MemberActor | StaffActor | PartnerClaims) -> Actor:
        if isinstance(shown, PartnerClaims):
            return await self._partners.actor(shown)
        if not await self._sessions.is_live(shown.session_id):
            raise TokenRefused
        return shown


def _token_in(authorization: str) -> str:
    """The bearer token (RFC 6750). Raises TokenRefused."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise TokenRefused
    return token.strip()
