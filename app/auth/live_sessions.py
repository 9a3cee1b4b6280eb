"""Which sessions live, remembered for a moment so that not every request asks MongoDB."""

from collections import OrderedDict
from datetime import datetime, timedelta

from app.auth.sessions import SessionRepository
from app.shared.clock import Clock

REMEMBERED_FOR = timedelta(seconds=30)
MAXIMUM_REMEMBERED = 100_000


class LiveSessions:
    """A session that is ended here is dead at once; one that is ended by another process within 30 s."""

    def __init__(self, sessions: SessionRepository, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock
        self._seen: OrderedDict[str, datetime] = OrderedDict()

    async def contains(self, session_id: str) -> bool:
        now = self._clock.now()
        seen = self._seen.get(session_id)
        if seen is not None and timedelta(0) <= now - seen < REMEMBERED_FOR:
            return True
        if await self._sessions.get(session_id, now) is None:
            self.forget(session_id)
            return False
        self._remember(session_id, now)
        return True

    def forget(self, session_id: str) -> None:
        self._seen.pop(session_id, None)

    def forget_all(self) -> None:
        self._seen.clear()

    def _remember(self, session_id: str, now: datetime) -> None:
        self._seen[session_id] = now
        self._seen.move_to_end(session_id)
        if len(self._seen) > MAXIMUM_REMEMBERED:
            self._seen.popitem(last=False)
