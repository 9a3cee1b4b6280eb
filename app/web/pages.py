"""The pages we serve: plain HTML, CSS and ES modules from this folder, nothing from elsewhere."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from app.shared.settings.model import Settings

FOLDER = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}

# In development, the demo shows pages of ours in frames.
FRAMED_HEADERS = {
    "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace(
        "frame-ancestors 'none'", "frame-ancestors 'self'"
    ),
    "X-Frame-Options": "SAMEORIGIN",
}


def headers_of_framed(settings: Settings) -> dict[str, str]:
    """What a page is sent with that the demo shows in a frame: in production, nobody may."""
    return FRAMED_HEADERS if settings.is_development else HEADERS


def headers_of_app(settings: Settings) -> dict[str, str]:
    """The member app also shows pictures of goods, from the hosts that the retailer has named."""
    headers = headers_of_framed(settings)
    pictures = " ".join(["img-src 'self' data:", *settings.picture_hosts])
    policy = headers["Content-Security-Policy"].replace("img-src 'self' data:", pictures)
    return headers | {"Content-Security-Policy": policy}


def welcome_page(settings: Settings) -> Callable[[Request], Awaitable[Response]]:
    """`/`: what is here and how to try it. The parts that need the demo retailer show in development only."""
    html = (FOLDER / "welcome.html").read_text(encoding="utf-8")
    html = html.replace("{{environment}}", settings.environment)

    async def welcome(request: Request) -> Response:
        return HTMLResponse(html, headers=HEADERS)

    return welcome


def counter_page(settings: Settings) -> Callable[[Request], Awaitable[Response]]:
    """`/counter`: the pickup counter's tablet. Who works there is asked by the page itself."""
    html = (FOLDER / "counter.html").read_text(encoding="utf-8")
    html = html.replace("{{environment}}", settings.environment)

    async def counter(request: Request) -> Response:
        return HTMLResponse(html, headers=headers_of_framed(settings))

    return counter


class _Assets(StaticFiles):
    """Files that a browser asks about each time: after an update, none of them is from before."""

    def file_response(self, *arguments: Any, **named: Any) -> Response:
        response = super().file_response(*arguments, **named)
        response.headers["Cache-Control"] = "no-cache"
        return response


def assets() -> ASGIApp:
    """The pages' files, compressed for whoever takes them so: texts shrink to a third."""
    return GZipMiddleware(_Assets(directory=FOLDER / "assets"), minimum_size=500)
