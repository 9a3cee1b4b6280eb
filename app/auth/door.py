"""The door: finds out who calls."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from pymongo.errors import PyMongoError

from app.auth.actor import ANONYMOUS, Actor, MemberActor, StaffActor
from app.auth.errors import TokenExpired, TokenRefused
from app.auth.partner_service import PartnerService
from app.auth.session_service import SessionService
from app.auth.tokens import AccessTokens, PartnerClaims
from app.shared.clock import Clock

CHECK_SECONDS = 1.0  # an ended token is noticed so soon


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
        return await self._let_in(self._tokens.verify(_token_in(authorization), self._clock.now()))

    def lease(self, actor: Actor, authorization: str | None) -> "Lease":
        """For how long this actor, who came in by this authorization, may stay. Raises TokenRefused."""
        if authorization is None:
            return Lease(actor, None, None, self._clock)
        token = _token_in(authorization)
        shown = self._tokens.verify(token, self._clock.now())
        return Lease(actor, self._tokens.expiry(token), lambda: self._let_in(shown), self._clock)

    async def _let_in(self, shown: MemberActor | StaffActor | PartnerClaims) -> Actor:
        if isinstance(shown, PartnerClaims):
            return await self._partners.actor(shown)
        if not await self._sessions.is_live(shown.session_id):
            raise TokenRefused
        return shown


class Lease:
    """How long a caller may stay who does not ask anew: until the token or the session ends, or the partner
    may do other things than it might at first.
    """

    def __init__(
        self,
        actor: Actor,
        expires_at: datetime | None,
        let_in: Callable[[], Awaitable[Actor]] | None,
        clock: Clock,
    ) -> None:
        self._actor = actor
        self._expires_at = expires_at
        self._let_in = let_in
        self._clock = clock

    async def end(self) -> TokenRefused:
        """Why it ended, as soon as it has; never, for a stranger."""
        while True:
            if refused := await self.refused():
                return refused
            await asyncio.sleep(CHECK_SECONDS)

    async def refused(self) -> TokenRefused | None:
        """Why it has ended; None while it lasts."""
        if self._expires_at is not None and self._expires_at <= self._clock.now():
            return TokenExpired()
        if self._let_in is not None and not await self._is_let_in(self._let_in):
            return TokenRefused()
        return None

    async def _is_let_in(self, let_in: Callable[[], Awaitable[Actor]]) -> bool:
        try:
            return await let_in() == self._actor
        except TokenRefused:
            return False
        except PyMongoError:  # nobody can be asked, and nothing happens that could be told
            return True


def _token_in(authorization: str) -> str:
    """The bearer token (RFC 6750). Raises TokenRefused."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise TokenRefused
    return token.strip()
