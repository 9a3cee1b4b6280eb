"""`POST /webhooks/stripe`: Stripe tells that something became of a payment."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app.payments.errors import PaymentPending
from app.services import Services

MAXIMUM_BODY_BYTES = 256 * 1024
RETRY_AFTER = {"Retry-After": "60"}


def stripe_webhook(secret: str) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint that believes what is signed with this secret, within 5 minutes."""
    from app.payments.stripe_webhooks import WebhookUntrusted, read_webhook  # it takes long to load

    async def receive(request: Request) -> Response:
        services: Services = request.app.state.services
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > MAXIMUM_BODY_BYTES:
                return PlainTextResponse("too large\n", status_code=413)
        try:
            notice = read_webhook(body, request.headers.get("stripe-signature", ""), secret)
        except WebhookUntrusted:
            return PlainTextResponse("not signed by Stripe\n", status_code=400)
        if notice is not None:
            try:
                await services.payments.heed(notice)
            except PaymentPending:  # Stripe sends it again
                return PlainTextResponse("busy\n", status_code=503, headers=RETRY_AFTER)
        return PlainTextResponse("ok\n")

    return receive
