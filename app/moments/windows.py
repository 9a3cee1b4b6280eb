"""Hours that are gone through one after the other, each when it is so long ago."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from app.learning.progress import LearningProgress
from app.shared.clock import Clock
from app.shared.mongodb.database import Database

AN_HOUR = timedelta(hours=1)
LATEST = timedelta(hours=48)  # nobody went through it for so long: it is left out


class Windows:
    """Hours of the past. One that was broken off comes again, from the same moment on."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def due(self, name: str, age: timedelta) -> AsyncIterator[tuple[datetime, datetime]]:
        """The hours that became so old since the last time, each from its begin until just before its end.

        Each has been gone through when the next one is asked for.
        """
        progress = LearningProgress(self._database, name)
        now = self._clock.now()
        begins = max(await progress.get(), _whole_hour(now - age - LATEST))
        while begins + AN_HOUR <= now - age:
            ends = begins + AN_HOUR
            yield begins, ends
            await progress.move_on(ends)
            begins = ends


def _whole_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
