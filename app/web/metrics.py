"""`/metrics`: figures for Prometheus."""

import asyncio
import hmac
import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from prometheus_client import CONTENT_TYPE_LATEST
from pymongo.errors import PyMongoError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app.services import Services
from app.telemetry.metrics import HOLDS, OUTBOX_LAG, exposition

LOOK_SECONDS = 2.0  # Prometheus itself waits 10 s, unless told otherwise

log = structlog.get_logger(__name__)


def metrics_page(token: str | None) -> Callable[[Request], Awaitable[Response]]:
    """The page, for who sends this token as a bearer's; without one, for everybody."""

    async def page(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode()
        if token is not None and not hmac.compare_digest(given, f"Bearer {token}".encode()):
            return PlainTextResponse("Unauthorized\n", 401, {"WWW-Authenticate": "Bearer"})
        services: Services = request.app.state.services
        await _ask_mongodb(services)
        return Response(exposition(), media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})

    return page


async def _ask_mongodb(services: Services) -> None:
    """What only MongoDB knows. Where it does not answer, everything else is told all the more."""
    lag = holds = math.nan
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            lag = await services.events.longest_wait_seconds(datetime.now(UTC))
            holds = await services.stock_holds.count_in_force()
    except (PyMongoError, TimeoutError) as error:
        log.warning("figures_without_mongodb", error=repr(error)[:300])
    OUTBOX_LAG.set(lag)
    HOLDS.set(holds)
