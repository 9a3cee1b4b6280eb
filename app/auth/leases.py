"""Leases: for how long somebody may stay who does not ask anew, such as who follows what changes."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime

from pymongo.errors import PyMongoError

from app.auth.actor import Actor
from app.auth.errors import TokenExpired, TokenRefused
from app.shared.clock import Clock

CHECK_SECONDS = 1.0  # an ended token is noticed so soon
LOOKED_AT_ONCE = 200  # leases, before others have their turn


@dataclass(frozen=True, slots=True)
class Terms:
    """When a token expires, and who it lets in: as far as this process remembers, and for sure.

    `let_in` raises TokenRefused.
    """

    expires_at: datetime
    known: Callable[[datetime], Actor | None]
    let_in: Callable[[], Awaitable[Actor]]


@dataclass(frozen=True, slots=True, eq=False)
class Lease:
    """How long a caller may stay: until the token or the session ends, or the partner may do other things
    than it might at first. A stranger has no terms, and may stay.
    """

    actor: Actor
    terms: Terms | None
    clock: Clock
    leases: "Leases"

    def end(self) -> "asyncio.Future[TokenRefused]":
        """Why it ended, once it has: never, for a stranger. To be cancelled by who need not know any more."""
        return self.leases.end_of(self)

    def is_known_to_last(self) -> bool:
        """Whether it lasts as far as this process remembers; if not, `refused` tells, and may have to ask."""
        if self.terms is None:
            return True
        now = self.clock.now()
        if self.terms.expires_at <= now:
            return False
        known = self.terms.known(now)
        return known is self.actor or known == self.actor

    async def refused(self) -> TokenRefused | None:
        """Why it has ended; None while it lasts."""
        if self.terms is None or self.is_known_to_last():
            return None
        if self.terms.expires_at <= self.clock.now():
            return TokenExpired()
        try:
            lasts = await self.terms.let_in() == self.actor
        except TokenRefused:
            lasts = False
        except PyMongoError:  # nobody can be asked, and nothing happens that could be told
            lasts = True
        return None if lasts else TokenRefused()


class Leases:
    """Sees the ends of all leases once a second, in one task: thousands of their own would wake up for it."""

    def __init__(self) -> None:
        self._ends: dict[Lease, asyncio.Future[TokenRefused]] = {}
        self._asking: dict[Lease, asyncio.Task[None]] = {}
        self._task: asyncio.Task[None] | None = None

    def end_of(self, lease: Lease) -> "asyncio.Future[TokenRefused]":
        """Why this lease ended, once it has."""
        end = asyncio.get_running_loop().create_future()
        if lease.terms is not None:
            self._ends[lease] = end
            end.add_done_callback(lambda _: self._leave(lease))
            if self._task is None:
                self._task = asyncio.create_task(self._look(), context=Context())
        return end

    def _leave(self, lease: Lease) -> None:
        self._ends.pop(lease, None)
        if not self._ends and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _look(self) -> None:
        while True:
            for number, lease in enumerate(list(self._ends), 1):
                if lease not in self._asking and not lease.is_known_to_last():
                    self._asking[lease] = asyncio.create_task(self._ask(lease))
                if number % LOOKED_AT_ONCE == 0:
                    await asyncio.sleep(0)
            await asyncio.sleep(CHECK_SECONDS)

    async def _ask(self, lease: Lease) -> None:
        """Asks whether it has ended; others are looked at meanwhile."""
        try:
            refused = await lease.refused()
        finally:
            del self._asking[lease]
        end = self._ends.get(lease)
        if refused is not None and end is not None and not end.done():
            end.set_result(refused)
