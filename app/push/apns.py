"""Push by the Apple Push Notification service, over HTTP/2."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import jwt

from app.push.model import PushAnswer, PushNote, PushOutcome
from app.push.sender import SEND_SECONDS, is_passing, later, plain
from app.shared.clock import Clock
from app.shared.settings.push import AppleKey

# Apple refuses a token that is older than an hour, and one that is made anew within 20 minutes.
TOKEN_LASTS = timedelta(minutes=40)
GONE = 410
FORBIDDEN = 403
DEAD = {"BadDeviceToken", "DeviceTokenNotForTopic", "Unregistered", "ExpiredToken"}
STALE = {"ExpiredProviderToken", "InvalidProviderToken"}


class ApnsSender:
    """Sends each push over one connection that stays open, as Apple wants it."""

    def __init__(self, key: AppleKey, api_base: str, clock: Clock, seconds: float = SEND_SECONDS) -> None:
        self._key = key
        self._api_base = api_base.rstrip("/")
        self._clock = clock
        self._seconds = seconds
        self._client: httpx.AsyncClient | None = None
        self._provider_token = ""
        self._made_at: datetime | None = None

    async def send(self, token: str, note: PushNote) -> PushAnswer:
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._http().post(
                    f"{self._api_base}/3/device/{token}", json=_payload_of(note), headers=self._headers(note)
                )
        except (TimeoutError, httpx.HTTPError, OSError) as error:
            return PushAnswer(PushOutcome.LATER, type(error).__name__)
        return self._answer_of(answer)

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _answer_of(self, answer: httpx.Response) -> PushAnswer:
        if answer.is_success:
            return PushAnswer(PushOutcome.SENT)
        if is_passing(answer.status_code):
            return later(answer)
        reason = _reason_of(answer)
        if answer.status_code == FORBIDDEN and reason in STALE:
            self._made_at = None
            return PushAnswer(PushOutcome.LATER, plain(reason))
        is_dead = answer.status_code == GONE or reason in DEAD
        return PushAnswer(PushOutcome.TOKEN_INVALID if is_dead else PushOutcome.REFUSED, plain(reason))

    def _headers(self, note: PushNote) -> dict[str, str]:
        return {
            "authorization": f"bearer {self._current_token()}",
            "apns-id": str(UUID(note.id)),
            "apns-topic": self._key.topic,
            "apns-push-type": "alert",
            "apns-priority": "10" if note.is_urgent else "5",
            "apns-expiration": str(int(note.expires_at.timestamp())),
            "apns-collapse-id": note.collapse_key,
        }

    def _current_token(self) -> str:
        now = self._clock.now()
        if self._made_at is None or not timedelta(0) <= now - self._made_at < TOKEN_LASTS:
            claims = {"iss": self._key.team_id, "iat": now}
            self._provider_token = jwt.encode(
                claims, self._key.private_key, algorithm="ES256", headers={"kid": self._key.key_id}
            )
            self._made_at = now
        return self._provider_token

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            # Apple speaks HTTP/2 alone.
            self._client = httpx.AsyncClient(
                timeout=self._seconds, follow_redirects=False, trust_env=False, http1=False, http2=True
            )
        return self._client


def _payload_of(note: PushNote) -> dict[str, Any]:
    aps: dict[str, Any] = {"alert": {"title": note.title, "body": note.text}, "thread-id": note.collapse_key}
    if note.is_urgent:
        aps["sound"] = "default"
    if note.picture_url is None:
        return {"aps": aps, **note.data}
    return {"aps": {**aps, "mutable-content": 1}, "pictureUrl": note.picture_url, **note.data}


def _reason_of(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["reason"])
    except (ValueError, KeyError, TypeError):
        return f"status {answer.status_code}"
