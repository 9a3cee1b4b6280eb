"""What is said to Google's and Apple's services of push, and what is made of their answers."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import jwt
import pytest

from app.push.apns import ApnsSender
from app.push.fcm import FcmSender
from app.push.model import PushOutcome
from app.push.sender import PushSender
from app.shared.settings.push import AppleKey, GoogleAccount
from tests.conftest import MovableClock
from tests.listeners import closed_port, listening, reset, say_nothing, speak_no_http
from tests.patience import PATIENCE_SECONDS
from tests.push_arrangements import EC_KEY, RSA_KEY, StandIn, a_note, a_token, google_file, standing_in

TOKEN = a_token()
KEY = AppleKey("KEY1234567", "TEAM123456", "jp.koharu.app", EC_KEY)


@pytest.fixture
async def stand_in() -> StandIn:
    return StandIn()


@pytest.fixture
async def fcm(stand_in: StandIn, clock: MovableClock, tmp_path: Path) -> AsyncIterator[FcmSender]:
    async with standing_in(stand_in) as base:
        sender = FcmSender(
            GoogleAccount.from_file(google_file(tmp_path, f"{base}/token")), base, clock, PATIENCE_SECONDS
        )
        yield sender
        await sender.close()


@pytest.fixture
async def apns(stand_in: StandIn, clock: MovableClock) -> AsyncIterator[ApnsSender]:
    async with standing_in(stand_in) as base:
        sender = ApnsSender(KEY, base, clock, PATIENCE_SECONDS)
        yield sender
        await sender.close()


async def test_fcm_is_told_all_it_needs(fcm: FcmSender, stand_in: StandIn, clock: MovableClock) -> None:
    note = a_note(picture_url="https://pictures.example/1.jpg", data={"messageId": "m", "orderId": "o"})
    assert (await fcm.send(TOKEN, note)).outcome is PushOutcome.SENT
    (asked,) = stand_in.asked
    assert asked.path == "/v1/projects/koharu/messages:send"
    assert asked.headers["authorization"] == "Bearer access-1"
    message = asked.json()["message"]
    assert message["token"] == TOKEN
    assert message["notification"] == {
        "title": note.title,
        "body": note.text,
        "image": "https://pictures.example/1.jpg",
    }
    assert {"messageId": "m", "orderId": "o"}.items() <= message["data"].items()
    assert message["android"]["collapse_key"] == "order-1"
    assert (message["android"]["priority"], message["android"]["ttl"]) == ("HIGH", "43200s")
    (form,) = stand_in.tokens
    assertion = parse_qs(form.decode())["assertion"][0]
    claims = jwt.decode(
        assertion,
        RSA_KEY.public_key(),
        algorithms=["RS256"],
        options={"verify_aud": False, "verify_exp": False, "verify_iat": False},
    )
    assert claims["iss"] == "push@koharu.example"
    assert claims["aud"].endswith("/token")
    assert claims["exp"] - claims["iat"] == 3600


async def test_fcms_access_token_is_used_until_it_ends_by_many_at_once(
    fcm: FcmSender, stand_in: StandIn, clock: MovableClock
) -> None:
    await asyncio.gather(*(fcm.send(TOKEN, a_note()) for _ in range(16)))
    clock.advance(timedelta(minutes=54))
    await fcm.send(TOKEN, a_note())
    assert len(stand_in.tokens) == 1
    clock.advance(timedelta(minutes=1))
    await fcm.send(TOKEN, a_note())
    assert len(stand_in.tokens) == 2
    stand_in.will(401)
    assert (await fcm.send(TOKEN, a_note())).outcome is PushOutcome.LATER
    assert (await fcm.send(TOKEN, a_note())).outcome is PushOutcome.SENT
    assert stand_in.asked[-1].headers["authorization"] == "Bearer access-3"


def error_of_fcm(status: str, code: str | None = None, field: str | None = None) -> dict[str, Any]:
    details: list[dict[str, Any]] = []
    if code:
        details.append({"errorCode": code})
    if field:
        details.append({"fieldViolations": [{"field": field}]})
    return {"error": {"status": status, "message": "secret", "details": details}}


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (404, error_of_fcm("NOT_FOUND", "UNREGISTERED"), PushOutcome.TOKEN_INVALID),
        (403, error_of_fcm("PERMISSION_DENIED", "SENDER_ID_MISMATCH"), PushOutcome.TOKEN_INVALID),
        (
            400,
            error_of_fcm("INVALID_ARGUMENT", "INVALID_ARGUMENT", "message.token"),
            PushOutcome.TOKEN_INVALID,
        ),
        (400, error_of_fcm("INVALID_ARGUMENT", "INVALID_ARGUMENT", "message.data"), PushOutcome.REFUSED),
        (404, error_of_fcm("NOT_FOUND"), PushOutcome.REFUSED),
        (403, error_of_fcm("PERMISSION_DENIED"), PushOutcome.REFUSED),
        (400, b"<html>", PushOutcome.REFUSED),
        (400, {"error": 7}, PushOutcome.REFUSED),
        (302, b"", PushOutcome.REFUSED),
        (500, b"<html>", PushOutcome.LATER),
    ],
)
async def test_what_fcm_says(
    fcm: FcmSender, stand_in: StandIn, status: int, body: Any, outcome: PushOutcome
) -> None:
    stand_in.will(status, body)
    answer = await fcm.send(TOKEN, a_note())
    assert answer.outcome is outcome
    assert "secret" not in answer.reason


async def test_apple_is_told_all_it_needs_over_http_2(
    apns: ApnsSender, stand_in: StandIn, clock: MovableClock
) -> None:
    note = a_note(picture_url="https://pictures.example/1.jpg")
    assert (await apns.send(TOKEN, note)).outcome is PushOutcome.SENT
    (asked,) = stand_in.asked
    assert (asked.http_version, asked.path) == ("2", f"/3/device/{TOKEN}")
    told = {name: asked.headers[name] for name in asked.headers if name.startswith("apns-")}
    assert told == {
        "apns-id": str(UUID(note.id)),
        "apns-topic": "jp.koharu.app",
        "apns-push-type": "alert",
        "apns-priority": "10",
        "apns-expiration": str(int(note.expires_at.timestamp())),
        "apns-collapse-id": "order-1",
    }
    claims = asked.claims(EC_KEY.public_key(), "ES256")
    assert claims == {"iss": "TEAM123456", "iat": int(clock.now().timestamp())}
    header = jwt.get_unverified_header(asked.headers["authorization"].split(" ")[1])
    assert (header["alg"], header["kid"]) == ("ES256", "KEY1234567")
    payload = asked.json()
    assert payload["aps"]["alert"] == {"title": note.title, "body": note.text}
    assert (payload["messageId"], payload["pictureUrl"]) == ("m", "https://pictures.example/1.jpg")
    await apns.send(TOKEN, a_note(is_urgent=False))
    assert stand_in.asked[-1].headers["apns-priority"] == "5"
    assert "sound" not in stand_in.asked[-1].json()["aps"]


async def test_apples_token_is_made_anew_after_40_minutes_or_when_apple_wants_it(
    apns: ApnsSender, stand_in: StandIn, clock: MovableClock
) -> None:
    async def made_at() -> datetime:
        await apns.send(TOKEN, a_note())
        return datetime.fromtimestamp(stand_in.asked[-1].claims(EC_KEY.public_key(), "ES256")["iat"], UTC)

    first = await made_at()
    clock.advance(timedelta(minutes=39))
    assert await made_at() == first
    clock.advance(timedelta(minutes=1))
    assert await made_at() == clock.now()
    stand_in.will(403, {"reason": "ExpiredProviderToken"})
    clock.advance(timedelta(minutes=1))
    assert (await apns.send(TOKEN, a_note())).outcome is PushOutcome.LATER
    assert await made_at() == clock.now()


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (410, {"reason": "Unregistered"}, PushOutcome.TOKEN_INVALID),
        (410, b"", PushOutcome.TOKEN_INVALID),
        (400, {"reason": "BadDeviceToken"}, PushOutcome.TOKEN_INVALID),
        (400, {"reason": "DeviceTokenNotForTopic"}, PushOutcome.TOKEN_INVALID),
        (400, {"reason": "BadCollapseId"}, PushOutcome.REFUSED),
        (403, {"reason": "Forbidden"}, PushOutcome.REFUSED),
        (413, {"reason": "PayloadTooLarge"}, PushOutcome.REFUSED),
        (400, b"<html>", PushOutcome.REFUSED),
        (400, [1], PushOutcome.REFUSED),
        (500, {"reason": "InternalServerError"}, PushOutcome.LATER),
        (503, {"reason": "Shutdown"}, PushOutcome.LATER),
    ],
)
async def test_what_apple_says(
    apns: ApnsSender, stand_in: StandIn, status: int, body: Any, outcome: PushOutcome
) -> None:
    stand_in.will(status, body)
    assert (await apns.send(TOKEN, a_note())).outcome is outcome


@pytest.fixture(params=["fcm", "apns"])
def sender(request: pytest.FixtureRequest) -> PushSender:
    found: PushSender = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize(
    ("told", "expected"),
    [("120", timedelta(minutes=2)), ("0", timedelta(0)), ("soon", None), ("-1", None), ("9" * 30, None)],
)
async def test_too_many_means_later_as_late_as_the_service_wants(
    sender: PushSender, stand_in: StandIn, told: str, expected: timedelta | None
) -> None:
    stand_in.will(429, None, retry_after=told)
    answer = await sender.send(TOKEN, a_note())
    assert (answer.outcome, answer.retry_after) == (PushOutcome.LATER, expected)


@pytest.mark.parametrize("conversation", [reset, speak_no_http, say_nothing, None])
@pytest.mark.parametrize("name", ["fcm", "apns"])
async def test_a_service_that_cannot_be_spoken_to_is_tried_later(
    clock: MovableClock, tmp_path: Path, name: str, conversation: Any
) -> None:
    async def ask(port: int) -> PushOutcome:
        base = f"http://127.0.0.1:{port}"
        account = GoogleAccount.from_file(google_file(tmp_path, f"{base}/token"))
        sender: PushSender = (
            FcmSender(account, base, clock, seconds=0.5)
            if name == "fcm"
            else ApnsSender(KEY, base, clock, seconds=0.5)
        )
        answer = await sender.send(TOKEN, a_note())
        await sender.close()
        return answer.outcome

    if conversation is None:
        assert await ask(closed_port()) is PushOutcome.LATER
        return
    async with listening(conversation) as port:
        assert await ask(port) is PushOutcome.LATER


async def test_a_service_that_hangs_is_given_up_and_later_spoken_to_again(
    sender: PushSender, stand_in: StandIn
) -> None:
    sender._seconds = 0.5  # type: ignore[attr-defined]
    stand_in.hangs = True
    assert (await sender.send(TOKEN, a_note())).outcome is PushOutcome.LATER
    stand_in.hangs = False
    sender._seconds = PATIENCE_SECONDS  # type: ignore[attr-defined]
    assert (await sender.send(TOKEN, a_note())).outcome is PushOutcome.SENT
    await sender.close()
    assert (await sender.send(TOKEN, a_note())).outcome is PushOutcome.SENT
