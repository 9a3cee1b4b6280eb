"""The door: finds out who calls."""

from app.auth.actor import ANONYMOUS, Actor, MemberActor
from app.auth.errors import TokenRefused
from app.auth.partner_service import PartnerService
from app.auth.session_service import SessionService
from app.auth.tokens import AccessTokens
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
        actor = self._tokens.verify(token.strip(), self._clock.now())
        if isinstance(actor, MemberActor):
            is_live = await self._sessions.is_live(actor.session_id)
        else:
            is_live = await self._partners.is_live(actor.partner_id)
        if not is_live:
            raise TokenRefused
        return actor
