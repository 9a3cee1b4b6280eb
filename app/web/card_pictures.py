"""The card's current code as pictures: `/card/qr.svg` and `/card/barcode.svg`, for the member who asks."""

import io
from collections.abc import Callable

from barcode.codex import Code128
from barcode.writer import SVGWriter
from starlette.requests import Request
from starlette.responses import Response

from app.auth.actor import MemberActor
from app.auth.errors import TokenRefused
from app.services import Services
from app.shared.errors import Unauthenticated
from app.web.qr_codes import qr_svg

# In millimetres: bars wide enough for a phone, and around them the ten bars of white that scanners want.
BARCODE_LOOK = {"write_text": False, "module_width": 0.4, "module_height": 18.0, "quiet_zone": 4.0}
NEVER_KEPT = {"Cache-Control": "no-store"}


async def qr(request: Request) -> Response:
    """The code as a QR code."""
    return await _picture(request, qr_svg)


async def barcode(request: Request) -> Response:
    """The code as Code 128 (ISO/IEC 15417)."""
    return await _picture(request, _barcode_svg)


async def _picture(request: Request, draw: Callable[[str], bytes]) -> Response:
    services: Services = request.app.state.services
    try:
        actor = await services.door.actor(request.headers.get("authorization"))
        if not isinstance(actor, MemberActor):
            raise Unauthenticated
        code = await services.cards.code(actor, give_secret=False)
    except (TokenRefused, Unauthenticated):
        return Response(status_code=401, headers={**NEVER_KEPT, "WWW-Authenticate": "Bearer"})
    headers = {**NEVER_KEPT, "Expires": code.expires_at.strftime("%a, %d %b %Y %H:%M:%S GMT")}
    return Response(draw(code.current_code), media_type="image/svg+xml", headers=headers)


def _barcode_svg(code: str) -> bytes:
    picture = io.BytesIO()
    Code128(code, writer=SVGWriter()).write(picture, BARCODE_LOOK)
    return picture.getvalue()
