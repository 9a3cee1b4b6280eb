"""Push by Firebase Cloud Messaging, its HTTP v1 API."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import jwt

from app.push.model import PushAnswer, PushNote, PushOutcome
from app.push.sender import SEND_SECONDS, is_passing, later, plain
from app.shared.clock import Clock, rfc3339
from app.shared.settings.push import GoogleAccount

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_LASTS = timedelta(hours=1)
RENEWED_BEFORE = timedelta(minutes=5)
UNAUTHORIZED = 401
BAD_REQUEST = 400
# What says that a token stands for no device of ours any more.
DEAD = {"UNREGISTERED", "SENDER_ID_MISMATCH"}


class FcmSender:
    """Posts each push with an access token that the service account is given for an hour."""

    def __init__(
        self, account: GoogleAccount, api_base: str, clock: Clock, seconds: float = SEND_SECONDS
    ) -> None:
        self._account = account
        self._url = f"{api_base.rstrip('/')}/v1/projects/{account.project_id}/messages:send"
        self._clock = clock
        self._seconds = seconds
        self._client: httpx.AsyncClient | None = None
        self._access_token = ""
        self._good_until: datetime | None = None
        self._asking = asyncio.Lock()

    async def send(self, token: str, note: PushNote) -> PushAnswer:
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._post(token, note)
        except (TimeoutError, httpx.HTTPError, OSError, ValueError, KeyError) as error:
            return PushAnswer(PushOutcome.LATER, type(error).__name__)
        return self._answer_of(answer)

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _post(self, token: str, note: PushNote) -> httpx.Response:
        headers = {"Authorization": f"Bearer {await self._current_token()}"}
        body = {"message": _message_of(token, note)}
        return await self._http().post(self._url, json=body, headers=headers)

    def _answer_of(self, answer: httpx.Response) -> PushAnswer:
        if answer.is_success:
            return PushAnswer(PushOutcome.SENT)
        if answer.status_code == UNAUTHORIZED:
            self._good_until = None
            return PushAnswer(PushOutcome.LATER, "status 401")
        if is_passing(answer.status_code):
            return later(answer)
        reason, is_about_token = _reason_of(answer)
        is_dead = reason in DEAD or (answer.status_code == BAD_REQUEST and is_about_token)
        return PushAnswer(PushOutcome.TOKEN_INVALID if is_dead else PushOutcome.REFUSED, plain(reason))

    async def _current_token(self) -> str:
        """The access token. Of many who want one at once, one asks."""
        async with self._asking:
            now = self._clock.now()
            if self._good_until is None or now >= self._good_until:
                self._access_token, lasts = await self._ask_for_token(now)
                self._good_until = now + lasts - RENEWED_BEFORE
            return self._access_token

    async def _ask_for_token(self, now: datetime) -> tuple[str, timedelta]:
        account = self._account
        claims = {
            "iss": account.client_email,
            "scope": SCOPE,
            "aud": account.token_uri,
            "iat": now,
            "exp": now + ASSERTION_LASTS,
        }
        assertion = jwt.encode(claims, account.private_key, algorithm="RS256")
        form = {"grant_type": GRANT, "assertion": assertion}
        answer = (await self._http().post(account.token_uri, data=form)).raise_for_status().json()
        return str(answer["access_token"]), timedelta(seconds=int(answer["expires_in"]))

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                timeout=self._seconds, follow_redirects=False, trust_env=False, http2=True
            )
        return self._client


def _message_of(token: str, note: PushNote) -> dict[str, Any]:
    notification = {"title": note.title, "body": note.text}
    if note.picture_url is not None:
        notification["image"] = note.picture_url
    lasts = max(0, int((note.expires_at - note.sent_at).total_seconds()))
    return {
        "token": token,
        "notification": notification,
        "data": {**note.data, "toldAt": rfc3339(note.sent_at)},
        "android": {
            "collapse_key": note.collapse_key,
            "priority": "HIGH" if note.is_urgent else "NORMAL",
            "ttl": f"{lasts}s",
            "notification": {"tag": note.collapse_key},
        },
    }


def _reason_of(answer: httpx.Response) -> tuple[str, bool]:
    """FCM's own code for what went wrong, and whether it says that the token is at fault."""
    try:
        error = answer.json()["error"]
        details = error.get("details", [])
        codes = [each["errorCode"] for each in details if "errorCode" in each]
        fields = [field.get("field") for each in details for field in each.get("fieldViolations", [])]
        return str((codes or [error["status"]])[0]), "message.token" in fields
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return f"status {answer.status_code}", False
