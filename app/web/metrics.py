"""`/metrics`: figures for Prometheus."""

import hmac
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app.services import Services
from app.telemetry.metrics import HOLDS, OUTBOX_LAG, exposition


def metrics_page(token: str | None) -> Callable[[Request], Awaitable[Response]]:
    """The page, for who sends this token as a bearer's; without one, for everybody."""

    async def page(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode()
        if token is not None and not hmac.compare_digest(given, f"Bearer {token}".encode()):
            return PlainTextResponse("Unauthorized\n", 401, {"WWW-Authenticate": "Bearer"})
        services: Services = request.app.state.services
        OUTBOX_LAG.set(await services.events.longest_wait_seconds(datetime.now(UTC)))
        HOLDS.set(await services.stock_holds.count_in_force())
        return Response(exposition(), media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})

    return page
