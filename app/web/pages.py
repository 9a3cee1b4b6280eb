"""The pages we serve: plain HTML, CSS and ES modules from this folder, nothing from elsewhere."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from app.shared.settings import Settings

FOLDER = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}


def welcome_page(settings: Settings) -> Callable[[Request], Awaitable[Response]]:
    """`/`: what is here and how to try it. The parts that need the demo retailer show in development only."""
    html = (FOLDER / "welcome.html").read_text(encoding="utf-8")
    html = html.replace("{{environment}}", settings.environment)

    async def welcome(request: Request) -> Response:
        return HTMLResponse(html, headers=HEADERS)

    return welcome


def assets() -> StaticFiles:
    return StaticFiles(directory=FOLDER / "assets")
