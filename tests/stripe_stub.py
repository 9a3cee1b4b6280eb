"""A server on the loopback address that speaks the few words of Stripe's HTTP that we use, with accidents."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.listeners import listening

SECRET_KEY = "sk_test_stub_4711"
CAPTURE_BEFORE = 1_795_834_800  # 2026-11-28 03:00 UTC: a week after the noon of the tests


class Accident(StrEnum):
    """What may go wrong with a request."""

    RESET_BEFORE = "the line breaks before it is done"
    RESET_AFTER = "the line breaks after it is done"
    HANG = "nobody answers"
    ERROR_BEFORE = "status 500 before it is done"
    ERROR_AFTER = "status 500 after it is done"
    BUSY = "status 429"
    GARBAGE = "an answer that is none"
    EMPTY = "an answer that says nothing"
    NOT_ALLOWED = "status 401"


NONSENSE = {Accident.GARBAGE: b"<html>oh", Accident.EMPTY: b"{}"}
DECLINES = {
    "pm_card_declined": ("card_declined", "generic_decline"),
    "pm_card_stolen": ("card_declined", "stolen_card"),
    "pm_card_poor": ("card_declined", "insufficient_funds"),
    "pm_card_expired": ("expired_card", None),
    "pm_card_wrong_cvc": ("incorrect_cvc", None),
}

Json = dict[str, Any]


class Refused(Exception):
    """An error that Stripe answers with."""

    def __init__(self, status: int, **error: Any) -> None:
        super().__init__(error)
        self.status = status
        self.body = {"error": error}


@dataclass(frozen=True)
class Request:
    """What was asked."""

    method: str
    path: str
    form: dict[str, str]
    headers: dict[str, str]


@dataclass
class StripeStub:
    """Intents and refunds, and what goes wrong with the next requests."""

    intents: dict[str, Json] = field(default_factory=dict)
    refunds: list[Json] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    accidents: deque[Accident | None] = field(default_factory=deque)
    answers: dict[str, tuple[Request, int, Json]] = field(default_factory=dict)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (request := await _read(reader)) is not None:
            self.requests.append(request)
            accident = self.accidents.popleft() if self.accidents else None
            if accident is Accident.HANG:
                await reader.read()
                return
            if accident is Accident.RESET_BEFORE:
                return
            status, body = self._unless(accident, request)
            if accident is Accident.RESET_AFTER:
                return
            content = NONSENSE[accident] if accident in NONSENSE else json.dumps(body).encode()
            head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\n"
            head += f"Content-Type: application/json\r\nRequest-Id: req_{len(self.requests)}\r\n\r\n"
            writer.write(head.encode() + content)
            await writer.drain()

    def _unless(self, accident: Accident | None, request: Request) -> tuple[int, Json]:
        match accident:
            case Accident.ERROR_BEFORE:
                return self._kept(request, 500, {"error": {"type": "api_error", "message": "oh"}})
            case Accident.ERROR_AFTER:
                self._answer(request)
                return self._kept(request, 500, {"error": {"type": "api_error", "message": "oh"}})
            case Accident.BUSY:
                return 429, {"error": {"type": "invalid_request_error", "code": "lock_timeout"}}
            case Accident.NOT_ALLOWED:
                return 401, {"error": {"type": "invalid_request_error", "message": "no such key"}}
        return self._answer(request)

    def _answer(self, request: Request) -> tuple[int, Json]:
        if request.headers.get("authorization") != f"Bearer {SECRET_KEY}":
            return 401, {"error": {"type": "invalid_request_error", "message": "no such key"}}
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        if key in self.answers:
            first, status, body = self.answers[key]
            if (first.path, first.form) != (request.path, request.form):
                return 400, {"error": {"type": "idempotency_error", "message": "another request"}}
            return status, body
        try:
            return self._kept(request, 200, self._done(request))
        except Refused as refused:
            return self._kept(request, refused.status, refused.body)

    def _kept(self, request: Request, status: int, body: Json) -> tuple[int, Json]:
        """Stripe answers a key as it did the first time, errors too."""
        if request.method == "POST":
            snapshot = json.loads(json.dumps(body))
            self.answers[request.headers["idempotency-key"]] = (request, status, snapshot)
        return status, body

    def _done(self, request: Request) -> Json:
        match request.method, request.path.strip("/").split("/"):
            case "POST", ["v1", "payment_intents"]:
                return self._create(request.form)
            case "GET", ["v1", "payment_intents", name]:
                return self._intent(name)
            case "POST", ["v1", "payment_intents", name, act]:
                acts = {"confirm": self._confirm, "capture": self._capture, "cancel": self._cancel}
                return acts[act](self._intent(name), request.form)
            case "POST", ["v1", "refunds"]:
                return self._refund(request.form)
            case "GET", ["v1", "refunds"]:
                found = [
                    each for each in self.refunds if each["payment_intent"] == request.form["payment_intent"]
                ]
                return {"object": "list", "data": found, "has_more": False, "url": "/v1/refunds"}
        raise Refused(404, type="invalid_request_error", message="no such route")

    def _intent(self, name: str) -> Json:
        if name not in self.intents:
            raise Refused(404, type="invalid_request_error", code="resource_missing", param="intent")
        return self.intents[name]

    def _create(self, form: dict[str, str]) -> Json:
        if form["payment_method"] == "pm_missing":
            raise Refused(400, type="invalid_request_error", code="resource_missing", param="payment_method")
        if int(form["amount"]) < 50:
            raise Refused(400, type="invalid_request_error", code="amount_too_small", param="amount")
        name = f"pi_{len(self.intents) + 1}"
        self.intents[name] = {
            "id": name,
            "object": "payment_intent",
            "amount": int(form["amount"]),
            "amount_capturable": 0,
            "amount_received": 0,
            "currency": form["currency"],
            "capture_method": form["capture_method"],
            "client_secret": f"{name}_secret_x",
            "last_payment_error": None,
            "latest_charge": None,
            "metadata": {"payment_id": form["metadata[payment_id]"]},
            "payment_method": form["payment_method"],
            "status": "requires_confirmation",
        }
        return self.intents[name]

    def _confirm(self, intent: Json, form: dict[str, str]) -> Json:
        _require_status(intent, "requires_confirmation")
        card = intent["payment_method"]
        if card in DECLINES:
            code, decline_code = DECLINES[card]
            error = {"type": "card_error", "code": code, "decline_code": decline_code, "message": "no"}
            intent.update(status="requires_payment_method", last_payment_error=error, payment_method=None)
            raise Refused(402, **error, payment_intent=intent)
        intent["status"] = "requires_action" if card == "pm_card_3ds" else "requires_capture"
        if card == "pm_card_slow":
            intent["status"] = "processing"
        if intent["status"] == "requires_capture":
            intent["amount_capturable"] = intent["amount"]
            intent["latest_charge"] = {
                "id": f"ch_{intent['id']}",
                "object": "charge",
                "payment_method_details": {"type": "card", "card": {"capture_before": CAPTURE_BEFORE}},
            }
        return intent

    def expire(self, name: str) -> None:
        """The bank has let go of the money."""
        self.intents[name].update(status="canceled", amount_capturable=0, cancellation_reason="automatic")

    def _capture(self, intent: Json, form: dict[str, str]) -> Json:
        _require_status(intent, "requires_capture")
        intent.update(status="succeeded", amount_capturable=0, amount_received=int(form["amount_to_capture"]))
        return intent

    def _cancel(self, intent: Json, form: dict[str, str]) -> Json:
        if intent["status"] in {"succeeded", "canceled"}:
            _require_status(intent, "requires_capture")
        intent.update(status="canceled", amount_capturable=0)
        return intent

    def _refund(self, form: dict[str, str]) -> Json:
        intent, amount = self._intent(form["payment_intent"]), int(form["amount"])
        given = sum(each["amount"] for each in self.refunds if each["payment_intent"] == intent["id"])
        if given + amount > intent["amount_received"]:
            raise Refused(400, type="invalid_request_error", code="charge_already_refunded")
        refund = {
            "id": f"re_{len(self.refunds) + 1}",
            "object": "refund",
            "amount": amount,
            "payment_intent": intent["id"],
            "status": "succeeded",
            "metadata": {"refund_id": form["metadata[refund_id]"]},
        }
        self.refunds.append(refund)
        return refund


def _require_status(intent: Json, status: str) -> None:
    if intent["status"] != status:
        raise Refused(
            400,
            type="invalid_request_error",
            code="payment_intent_unexpected_state",
            message=f"it is {intent['status']}",
        )


async def _read(reader: asyncio.StreamReader) -> Request | None:
    """The next request, None when the caller has hung up."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    method, target, _ = first.split(" ")
    url = urlsplit(target)
    body = (await reader.readexactly(int(headers.get("content-length", 0)))).decode()
    return Request(method, url.path, dict(parse_qsl(url.query + "&" + body)), headers)


@asynccontextmanager
async def stripe_stub() -> AsyncIterator[StripeStub]:
    stub = StripeStub()
    async with listening(stub.converse) as port:
        stub.port = port
        yield stub
