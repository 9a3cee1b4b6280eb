"""`/orders/…/qr.svg`: an order's pickup code as a picture, for the member who ordered."""

from starlette.requests import Request
from starlette.responses import Response

from app.auth.actor import MemberActor
from app.auth.errors import TokenRefused
from app.orders.model import Order
from app.services import Services
from app.web.card_pictures import NEVER_KEPT
from app.web.qr_codes import qr_svg
from graphql_schema.node import decode_id


async def pickup_qr(request: Request) -> Response:
    """The code as a QR code; 404 for all but the member's own orders."""
    services: Services = request.app.state.services
    try:
        actor = await services.door.actor(request.headers.get("authorization"))
    except TokenRefused:
        actor = None
    if not isinstance(actor, MemberActor):
        return Response(status_code=401, headers={**NEVER_KEPT, "WWW-Authenticate": "Bearer"})
    order = await _order(request.path_params["order_id"], services)
    if order is None or order.member_id != actor.member_id:
        return Response(status_code=404, headers=NEVER_KEPT)
    return Response(qr_svg(order.pickup_code), media_type="image/svg+xml", headers=NEVER_KEPT)


async def _order(order_id: str, services: Services) -> Order | None:
    try:
        type_name, key = decode_id(order_id)
    except ValueError:
        return None
    return await services.orders.get(key) if type_name == "Order" else None
