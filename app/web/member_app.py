"""The member app: its page at `/app`, and what phones install it by: the manifest and the service worker."""

import hashlib
import json
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app.shared.settings.model import Settings
from app.web.pages import FOLDER, HEADERS, headers_of_app

PAGE = "/app"
FIRST_SCRIPTS = ("/assets/app/main.js", "/assets/app/home.js")
IMPORTED = re.compile(r'^(?:import|export) .*? from "([^"]+)";$', re.MULTILINE)
NEVER_STALE = {"Cache-Control": "no-cache"}
ICON_SIZES = (192, 512)

# What the app is made of beside its page: scripts, styles and the icon in its head.
FILES = sorted(
    path
    for pattern in ("app/*.js", "app/*.css", "client/*.js", "language.js", "palette.css", "icon.svg")
    for path in (FOLDER / "assets").glob(pattern)
)


def member_app_routes(settings: Settings) -> list[BaseRoute]:
    html = (FOLDER / "app.html").read_text(encoding="utf-8")
    html = html.replace("{{retailer}}", escape(settings.retailer_name))
    html = html.replace("{{environment}}", settings.environment)
    preloads = (f'<link rel="modulepreload" href="{script}">' for script in _with_imports(FIRST_SCRIPTS))
    html = html.replace("{{modules}}", "\n  ".join(preloads))
    worker = _service_worker(html)
    described = _manifest(settings.retailer_name)

    async def page(request: Request) -> Response:
        return HTMLResponse(html, headers=headers_of_app(settings) | NEVER_STALE)

    async def manifest(request: Request) -> Response:
        return JSONResponse(described, media_type="application/manifest+json", headers=NEVER_STALE)

    async def service_worker(request: Request) -> Response:
        headers = HEADERS | NEVER_STALE | {"Service-Worker-Allowed": PAGE}
        return Response(worker, media_type="text/javascript", headers=headers)

    return [
        Route(PAGE, page),
        Route(f"{PAGE}/manifest.webmanifest", manifest),
        Route(f"{PAGE}/service-worker.js", service_worker),
    ]


def address_of(file: Path) -> str:
    return f"/{file.relative_to(FOLDER).as_posix()}"


def _with_imports(scripts: Iterable[str]) -> list[str]:
    """These scripts and all that they import, the importing one first."""
    found: dict[str, None] = {}
    waiting = list(scripts)
    while waiting:
        script = waiting.pop(0)
        if script not in found:
            found[script] = None
            waiting += IMPORTED.findall((FOLDER / script.removeprefix("/")).read_text(encoding="utf-8"))
    return list(found)


def _service_worker(html: str) -> str:
    """The script that keeps the app's files; when any of them is another one, so is its version."""
    addresses = [PAGE, *map(address_of, FILES)]
    content = hashlib.sha256(html.encode())
    for file in FILES:
        content.update(file.read_bytes())
    script = (FOLDER / "service_worker.js").read_text(encoding="utf-8")
    script = script.replace("{{files}}", json.dumps(addresses, indent=2))
    return script.replace("{{version}}", content.hexdigest()[:16])


def _manifest(retailer_name: str) -> dict[str, object]:
    return {
        "name": retailer_name,
        "short_name": retailer_name,
        "id": PAGE,
        "start_url": PAGE,
        "scope": PAGE,
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#faf7f2",
        "theme_color": "#faf7f2",
        "icons": [
            {"src": "/assets/icon.svg", "sizes": "any", "type": "image/svg+xml"},
            *(_icon(size) for size in ICON_SIZES),
        ],
    }


def _icon(size: int) -> dict[str, str]:
    source = f"/assets/app/icon-{size}.png"
    return {"src": source, "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any maskable"}
