"""`/dev/clock`: in development, what time it is, and how time is made to pass."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from app.services import Services
from app.shared.clock import rfc3339
from app.shared.development_clock import AT_THE_MOST_SECONDS, DevelopmentClock

NEVER_KEPT = {"Cache-Control": "no-store"}

_WHOLE_NUMBER = re.compile(r"[0-9]{1,7}", re.ASCII)


class DevelopmentClockEndpoint(HTTPEndpoint):
    """GET tells the time, POST `?forwardSeconds=3600` lets an hour pass, DELETE comes back to now."""

    async def get(self, request: Request) -> Response:
        return _told(_clock_of(request))

    async def post(self, request: Request) -> Response:
        if not is_from_our_pages(request):
            return not_from_elsewhere()
        seconds = request.query_params.get("forwardSeconds", "")
        if not _WHOLE_NUMBER.fullmatch(seconds) or int(seconds) > AT_THE_MOST_SECONDS:
            return PlainTextResponse(f"forwardSeconds: from 0 to {AT_THE_MOST_SECONDS}\n", status_code=400)
        clock = _clock_of(request)
        await clock.move(timedelta(seconds=int(seconds)))
        return _told(clock)

    async def delete(self, request: Request) -> Response:
        if not is_from_our_pages(request):
            return not_from_elsewhere()
        clock = _clock_of(request)
        await clock.come_back()
        return _told(clock)


def is_from_our_pages(request: Request) -> bool:
    """Whether a page of this very address sent it; browsers let no page lie about where it is from."""
    return urlsplit(request.headers.get("Origin", "")).netloc == request.headers.get("Host")


def not_from_elsewhere() -> Response:
    return PlainTextResponse("Only our own pages may do this.\n", status_code=403)


def _clock_of(request: Request) -> DevelopmentClock:
    services: Services = request.app.state.services
    if services.development_clock is None:
        raise LookupError("development has a clock that can be moved")
    return services.development_clock


def _told(clock: DevelopmentClock) -> Response:
    told = {"now": rfc3339(clock.now()), "aheadSeconds": int(clock.ahead.total_seconds())}
    return JSONResponse(told, headers=NEVER_KEPT)
