"""Lanes: what is due at each endpoint goes its own way, so that a slow or dead one delays no other."""

import asyncio
from collections import defaultdict
from functools import partial

import structlog

from app.shared.database import is_passing
from app.shared.tasks import was_cancelled
from app.webhooks.delivery import WebhookDeliverer

POLL_SECONDS = 0.5
LANES_OF_AN_ENDPOINT = 4
MAXIMUM_LANES = 400
# From here on, only an endpoint that has no lane yet is given one.
CROWDED_LANES = 200
GRACE_SECONDS = 8.0

log = structlog.get_logger(__name__)


class WebhookLanes:
    """Delivers to all endpoints at the same time, one delivery after the other in each lane.

    An endpoint that still has something due at the next look gets a further lane, up to four.
    """

    def __init__(self, deliverer: WebhookDeliverer, grace_seconds: float = GRACE_SECONDS) -> None:
        self._deliverer = deliverer
        self._grace_seconds = grace_seconds
        self._lanes: dict[str, set[asyncio.Task[None]]] = defaultdict(set)
        self._is_closing = False

    async def run(self) -> None:
        """Delivers until it is cancelled; what is under way then is finished, for 8 s at the most."""
        self._is_closing = False
        try:
            while not was_cancelled():
                self._open(await self._deliverer.due_endpoints())
                await asyncio.sleep(POLL_SECONDS)
        finally:
            await self._close()

    def _open(self, endpoint_ids: list[str]) -> None:
        open_lanes = sum(map(len, self._lanes.values()))
        for endpoint_id in endpoint_ids:
            own = len(self._lanes.get(endpoint_id, ()))
            if own >= LANES_OF_AN_ENDPOINT or open_lanes >= (CROWDED_LANES if own else MAXIMUM_LANES):
                continue
            lane = asyncio.create_task(self._lane(endpoint_id))
            self._lanes[endpoint_id].add(lane)
            lane.add_done_callback(partial(self._end, endpoint_id))
            open_lanes += 1

    def _end(self, endpoint_id: str, lane: asyncio.Task[None]) -> None:
        self._lanes[endpoint_id].discard(lane)
        if not self._lanes[endpoint_id]:
            del self._lanes[endpoint_id]

    async def _lane(self, endpoint_id: str) -> None:
        try:
            while not self._is_closing and await self._deliverer.deliver_next(endpoint_id):
                pass
        except Exception as error:
            if is_passing(error):
                log.warning("webhook_lane_interrupted", endpoint_id=endpoint_id, error=str(error)[:300])
            else:
                log.error("webhook_lane_failed", endpoint_id=endpoint_id, exc_info=error)

    async def _close(self) -> None:
        self._is_closing = True
        lanes = [lane for each in self._lanes.values() for lane in each]
        if not lanes:
            return
        _, unfinished = await asyncio.wait(lanes, timeout=self._grace_seconds)
        for lane in unfinished:
            lane.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
