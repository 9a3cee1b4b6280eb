"""The member app: its page at `/app`, and the manifest by which phones install it."""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app.shared.settings import Settings
from app.web.pages import FOLDER, HEADERS

NEVER_STALE = {"Cache-Control": "no-cache"}


def member_app_routes(settings: Settings) -> list[BaseRoute]:
    html = (FOLDER / "app.html").read_text(encoding="utf-8")
    html = html.replace("{{retailer}}", escape(settings.retailer_name))
    described = _manifest(settings.retailer_name)

    async def page(request: Request) -> Response:
        return HTMLResponse(html, headers=HEADERS | NEVER_STALE)

    async def manifest(request: Request) -> Response:
        return JSONResponse(described, media_type="application/manifest+json", headers=NEVER_STALE)

    return [Route("/app", page), Route("/app/manifest.webmanifest", manifest)]


def _manifest(retailer_name: str) -> dict[str, object]:
    return {
        "name": retailer_name,
        "short_name": retailer_name,
        "id": "/app",
        "start_url": "/app",
        "scope": "/app",
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#faf7f2",
        "theme_color": "#faf7f2",
        "icons": [
            {"src": "/assets/icon.svg", "sizes": "any", "type": "image/svg+xml"},
            *(
                {
                    "src": f"/assets/app/icon-{size}.png",
                    "sizes": f"{size}x{size}",
                    "type": "image/png",
                    "purpose": "any maskable",
                }
                for size in (192, 512)
            ),
        ],
    }
