"""The door: finds out who calls."""

from app.auth.actor import ANONYMOUS, Actor
from app.auth.errors import TokenRefused
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

    async def actor(self, authorization: str | None) -> Actor:
        """Whoever the bearer token names (RFC 6750), while session or partner lives. Raises TokenRefused."""
        if authorization is None:
            return ANONYMOUS
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise TokenRefused
        shown = self._tokens.verify(token.strip(), self._clock.now())
        if isinstance(shown, PartnerClaims):
            return await self._partners.actor(shown)
        if not await self._sessions.is_live(shown.session_id):
            raise TokenRefused
        return shown
