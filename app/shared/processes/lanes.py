"""Lanes: what is due goes its own way for each receiver, so that a slow or dead one delays no other."""

import asyncio
from collections import defaultdict
from functools import partial
from typing import Protocol

import structlog

from app.shared.mongodb.database import is_passing
from app.shared.processes.tasks import was_cancelled

POLL_SECONDS = 0.5
LANES_OF_A_RECEIVER = 4
MAXIMUM_LANES = 400
# From here on, only a receiver that has no lane yet is given one.
CROWDED_LANES = 200
GRACE_SECONDS = 8.0

log = structlog.get_logger(__name__)


class Deliverer(Protocol):
    """Knows what is due, and delivers it."""

    async def due_receivers(self) -> list[str]:
        """Those who have something due, who has waited for the longest time first."""
        ...

    async def deliver_next(self, receiver: str) -> bool:
        """Tries what has been due for the longest time; false when there is nothing."""
        ...


class Lanes:
    """Delivers to all receivers at the same time, one delivery after the other in each lane.

    A receiver that still has something due at the next look gets a further lane, up to so many.
    """

    def __init__(
        self,
        deliverer: Deliverer,
        lanes_of_a_receiver: int = LANES_OF_A_RECEIVER,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self._deliverer = deliverer
        self._lanes_of_a_receiver = lanes_of_a_receiver
        self._grace_seconds = grace_seconds
        self._lanes: dict[str, set[asyncio.Task[None]]] = defaultdict(set)
        self._is_closing = False

    async def run(self) -> None:
        """Delivers until it is cancelled; what is under way then is finished, for 8 s at the most."""
        self._is_closing = False
        try:
            while not was_cancelled():
                self._open(await self._deliverer.due_receivers())
                await asyncio.sleep(POLL_SECONDS)
        finally:
            await self._close()

    def _open(self, receivers: list[str]) -> None:
        open_lanes = sum(map(len, self._lanes.values()))
        for receiver in receivers:
            own = len(self._lanes.get(receiver, ()))
            if own >= self._lanes_of_a_receiver or open_lanes >= (CROWDED_LANES if own else MAXIMUM_LANES):
                continue
            lane = asyncio.create_task(self._lane(receiver))
            self._lanes[receiver].add(lane)
            lane.add_done_callback(partial(self._end, receiver))
            open_lanes += 1

    def _end(self, receiver: str, lane: asyncio.Task[None]) -> None:
        self._lanes[receiver].discard(lane)
        if not self._lanes[receiver]:
            del self._lanes[receiver]

    async def _lane(self, receiver: str) -> None:
        try:
            while not self._is_closing and await self._deliverer.deliver_next(receiver):
                pass
        except Exception as error:
            if is_passing(error):
                log.warning("lane_interrupted", receiver=receiver, error=str(error)[:300])
            else:
                log.error("lane_failed", receiver=receiver, exc_info=error)

    async def _close(self) -> None:
        self._is_closing = True
        lanes = [lane for each in self._lanes.values() for lane in each]
        if not lanes:
            return
        _, unfinished = await asyncio.wait(lanes, timeout=self._grace_seconds)
        for lane in unfinished:
            lane.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
