"""Webhooks of Stripe: who signed them, and which charge they are about."""

from typing import Any

import orjson
from stripe import SignatureVerificationError, WebhookSignature

from app.payments.model import Notice
from app.payments.stripe_gateway import StripeGateway

TOLERANCE_SECONDS = 300
MAXIMUM_ID_LENGTH = 255
# What an event may be about, and where that names its payment intent.
NAMED_BY = {"payment_intent": "id", "charge": "payment_intent", "refund": "payment_intent"}


class WebhookUntrusted(Exception):
    """It was not signed with our secret, or too long ago."""


def read_webhook(body: bytes, signature: str, secret: str) -> Notice | None:
    """The notice in a webhook, None when it is about no payment. Raises WebhookUntrusted."""
    try:
        # The library raises others than its own error where header or body are no proper text.
        WebhookSignature.verify_header(body, signature, secret, TOLERANCE_SECONDS)
        event = orjson.loads(body)
    except (SignatureVerificationError, TypeError, ValueError):
        raise WebhookUntrusted from None
    return _notice_from(event)


def _notice_from(event: Any) -> Notice | None:
    try:
        about: dict[str, Any] = event["data"]["object"]
        names = event["id"], about[NAMED_BY[about["object"]]]
    except (KeyError, TypeError):
        return None
    if not all(isinstance(name, str) and 0 < len(name) <= MAXIMUM_ID_LENGTH for name in names):
        return None
    return Notice(f"{StripeGateway.name}:{names[0]}", StripeGateway.name, names[1])
