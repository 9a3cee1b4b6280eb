"""`POST /webhooks/stripe`: believed when signed, harmless when repeated, late or about somebody else's."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from stripe import WebhookSignature

from app.composition import build_services
from app.payments.errors import PaymentPending
from app.payments.model import Payment, PaymentState
from app.payments.repository import PAYMENT_NOTICES
from app.services import Services
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from tests.api.callers import client_of
from tests.conftest import MovableClock
from tests.examples import a_payment_wish
from tests.stripe_stub import SECRET_KEY, Accident, StripeStub, stripe_stub

SECRET = "whsec_test_4711"


@pytest.fixture
async def stub() -> AsyncIterator[StripeStub]:
    async with stripe_stub() as stub:
        yield stub


@pytest.fixture
def settings(settings: Settings, stub: StripeStub) -> Settings:
    return Settings(
        MONGODB_URI=settings.mongodb_uri,
        data_dir=settings.data_dir,
        payment_gateway="stripe",
        stripe_secret_key=SECRET_KEY,
        stripe_webhook_secret=SECRET,
        stripe_api_base=stub.url,
    )


@pytest.fixture
async def services(settings: Settings, database: Database, clock: MovableClock) -> AsyncIterator[Services]:
    services = build_services(settings, database, clock)
    yield services
    await services.payments.close()


@pytest.fixture
async def payment(services: Services) -> Payment:
    """One that its customer must confirm to her bank."""
    return (await services.payments.authorize(a_payment_wish(card_token="pm_card_3ds"))).payment


def an_event(intent: str, number: int = 1, **about: Any) -> str:
    fields = {"object": "payment_intent", "id": intent, "status": "canceled", **about}
    kind = "payment_intent.amount_capturable_updated"
    return json.dumps({"id": f"evt_{number}", "object": "event", "type": kind, "data": {"object": fields}})


def signed(body: str, secret: str = SECRET, seconds_ago: float = 0) -> str:
    return WebhookSignature.generate_signature_header(body, secret, int(time.time() - seconds_ago))


async def post(client: httpx.AsyncClient, body: str | bytes, signature: str | bytes) -> int:
    headers = {b"stripe-signature": signature if isinstance(signature, bytes) else signature.encode()}
    return (await client.post("/webhooks/stripe", content=body, headers=headers)).status_code


async def state_of(services: Services, payment: Payment) -> PaymentState:
    found = await services.payments.get(payment.id)
    assert found is not None
    return found.state


async def test_a_webhook_has_us_ask_what_became_of_the_payment(
    client: httpx.AsyncClient, services: Services, stub: StripeStub, payment: Payment
) -> None:
    stub.intents["pi_1"]["status"] = "requires_capture"
    body = an_event("pi_1")
    assert await post(client, body, signed(body)) == 200
    assert await state_of(services, payment) is PaymentState.AUTHORIZED


async def test_repetitions_and_old_events_change_nothing(
    client: httpx.AsyncClient, services: Services, stub: StripeStub, database: Database, payment: Payment
) -> None:
    stub.intents["pi_1"]["status"] = "requires_capture"
    asked = len(stub.requests)
    for number in (2, 1, 2, 1, 1):
        body = an_event("pi_1", number)
        assert await post(client, body, signed(body)) == 200
    assert len(stub.requests) == asked + 2
    assert await database.collection(PAYMENT_NOTICES).count({"_id": {"$gt": ""}}) == 2
    assert await state_of(services, payment) is PaymentState.AUTHORIZED


@pytest.mark.parametrize("about", ["refund", "charge"])
async def test_refunds_and_charges_name_their_intent(
    client: httpx.AsyncClient, services: Services, stub: StripeStub, payment: Payment, about: str
) -> None:
    stub.intents["pi_1"]["status"] = "requires_capture"
    body = an_event("x_1", object=about, payment_intent="pi_1")
    assert await post(client, body, signed(body)) == 200
    assert await state_of(services, payment) is PaymentState.AUTHORIZED


@pytest.mark.parametrize(
    "body",
    [
        an_event("pi_of_somebody_else"),
        an_event("cus_1", object="customer"),
        an_event("re_1", object="refund", payment_intent=None),
        an_event("pi_1", object={"$gt": ""}),
        an_event("pi_1" * 100),
        '{"id": "evt_1"}',
        '{"data": {"object": 1}}',
        "[]",
        "null",
    ],
)
async def test_what_is_about_no_payment_of_ours_is_taken_and_changes_nothing(
    client: httpx.AsyncClient, stub: StripeStub, body: str
) -> None:
    assert await post(client, body, signed(body)) == 200
    assert stub.requests == []


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        b"t=1,v1=2",
        b"nonsense",
        b"t=,v1=",
        b"t=1=2,v1",
        b"\xff\xfe",
        b"t=1,v1=\xe3\x81\x82",
        b"t=" + b"9" * 5000 + b",v1=0",
    ],
)
async def test_a_bad_signature_is_refused(
    client: httpx.AsyncClient, stub: StripeStub, signature: bytes
) -> None:
    assert await post(client, an_event("pi_1"), signature) == 400
    assert stub.requests == []


async def test_a_signature_of_another_key_body_time_or_scheme_is_refused(
    client: httpx.AsyncClient, stub: StripeStub
) -> None:
    body = an_event("pi_1")
    for signature in (
        signed(body, "whsec_of_somebody_else"),
        signed(an_event("pi_2")),
        signed(body, seconds_ago=400),
        signed(body).replace("v1=", "v0="),
    ):
        assert await post(client, body, signature) == 400
    assert stub.requests == []


@pytest.mark.parametrize("body", [b"\xff\xfe", b"", b"{"])
async def test_a_body_that_is_no_event_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    assert await post(client, body, signed(body.decode("latin-1"))) == 400


async def test_a_body_has_bounds(client: httpx.AsyncClient) -> None:
    body = " " * (256 * 1024 + 1)
    assert await post(client, body, signed(body)) == 413


async def test_what_cannot_be_looked_into_now_is_to_be_sent_again(
    client: httpx.AsyncClient, services: Services, stub: StripeStub, payment: Payment
) -> None:
    stub.intents["pi_1"]["status"] = "requires_capture"
    stub.accidents.append(Accident.ERROR_BEFORE)
    body = an_event("pi_1")
    assert await post(client, body, signed(body)) == 503
    assert await post(client, body, signed(body)) == 200
    assert await state_of(services, payment) is PaymentState.AUTHORIZED


async def test_a_lost_answer_is_settled_by_the_webhook_that_tells_of_it(
    client: httpx.AsyncClient, services: Services, stub: StripeStub
) -> None:
    stub.accidents.extend([None, Accident.RESET_AFTER])
    wish = a_payment_wish(card_token="pm_card_visa")
    with pytest.raises(PaymentPending):
        await services.payments.authorize(wish)
    body = an_event("pi_1")
    assert await post(client, body, signed(body)) == 200
    (payment,) = await services.payments.of_reference(wish.reference)
    assert (payment.state, payment.pending) == (PaymentState.AUTHORIZED, None)


async def test_only_post_is_known(client: httpx.AsyncClient) -> None:
    assert (await client.get("/webhooks/stripe")).status_code == 405


@pytest.mark.parametrize("changes", [{"payment_gateway": "sandbox"}, {"stripe_webhook_secret": None}])
async def test_without_its_settings_there_is_no_such_address(
    settings: Settings, services: Services, changes: dict[str, Any]
) -> None:
    async with client_of(settings.model_copy(update=changes), services) as client:
        body = an_event("pi_1")
        assert await post(client, body, signed(body)) == 404
