"""`/dev/demo`: in development, the member's phone and the counter's tablet side by side, for a tour."""

from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from app.auth.actor import OPERATOR
from app.demo.people import SIGN_INS
from app.demo.staff import DEMO_STAFF
from app.services import Services
from app.stores.errors import StoreNotFound
from app.web.development_clock import NEVER_KEPT, is_from_our_pages, not_from_elsewhere
from app.web.pages import FOLDER, HEADERS

PAGE = (FOLDER / "demo.html").read_text(encoding="utf-8")
POLICY = HEADERS["Content-Security-Policy"] + "; frame-src 'self'"
MEMBER, CLERK = SIGN_INS[0], DEMO_STAFF[0]
STORE = "umeda"


class DemoEndpoint(HTTPEndpoint):
    """GET is the page; POST gives it what the demo persons sign in with, by the API like everybody else."""

    async def get(self, request: Request) -> Response:
        return HTMLResponse(PAGE, headers={**HEADERS, **NEVER_KEPT, "Content-Security-Policy": POLICY})

    async def post(self, request: Request) -> Response:
        if not is_from_our_pages(request):
            return not_from_elsewhere()
        services: Services = request.app.state.services
        try:
            (store,) = await services.stores.require_codes([STORE])
        except StoreNotFound:
            return JSONResponse({"error": "The demo retailer is not there."}, status_code=404)
        made = await services.store_devices.create_enrolment_code(OPERATOR, store.id, "Demo")
        told = {
            "deviceId": MEMBER.device_id,
            "enrolmentCode": made.code,
            "staffCode": CLERK.code,
            "pin": CLERK.pin,
            "store": {"latitude": store.location.latitude, "longitude": store.location.longitude},
        }
        return JSONResponse(told, headers=NEVER_KEPT)
