"""Stand-ins for the services of push, and members with devices that take them."""

import asyncio
import json
import socket
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypercorn.asyncio import serve
from hypercorn.config import Config

from app.auth.actor import MemberActor
from app.consents.model import ConsentKind, ConsentWish
from app.notifications.coupon_messages import CouponMessages
from app.notifications.marketing import MarketingGate
from app.notifications.news_pushes import NewsPushes
from app.notifications.service_messages import ServiceMessages
from app.push.delivery import PushDeliverer
from app.push.model import PushAnswer, PushNote, PushOutcome, PushPlatform
from app.push.service import PushService
from app.services import Services
from app.shared.channels import Channel
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.shared.settings.push import QuietHours
from tests.arrangements import A_NETWORK
from tests.webhook_arrangements import machinery

RSA_KEY = rsa.generate_private_key(65_537, 2_048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
QUIET = QuietHours.read("21:00-09:00")
SENT = PushAnswer(PushOutcome.SENT)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def google_file(folder: Path, token_uri: str) -> Path:
    """The file of a service account."""
    path = folder / "account.json"
    account = {
        "project_id": "koharu",
        "client_email": "push@koharu.example",
        "token_uri": token_uri,
        "private_key": pem(RSA_KEY),
    }
    path.write_text(json.dumps(account), encoding="utf-8")
    return path


@dataclass(frozen=True)
class Asked:
    """A request that a stand-in was sent."""

    http_version: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    def claims(self, key: Any, algorithm: str) -> dict[str, Any]:
        """What the bearer's token says, whose signature is verified; not its times, which are the tests'."""
        token = self.headers["authorization"].split(" ", 1)[1]
        return jwt.decode(token, key, algorithms=[algorithm], options={"verify_iat": False})


@dataclass
class StandIn:
    """A service that answers what it is told to, or else 200, and remembers what it was asked.

    It gives out access tokens at /token.
    """

    answers: deque[tuple[int, Any, dict[str, str]]] = field(default_factory=deque)
    asked: list[Asked] = field(default_factory=list)
    tokens: list[bytes] = field(default_factory=list)
    hangs: bool = False

    def will(self, status: int, body: Any = None, **headers: str) -> None:
        self.answers.append((status, body, headers))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return None
        body = b""
        while True:
            event = await receive()
            body += event.get("body", b"")
            if not event.get("more_body"):
                break
        if scope["path"] == "/token":
            self.tokens.append(body)
            token = f"access-{len(self.tokens)}"
            return await _answer(send, 200, {"access_token": token, "expires_in": 3600}, {})
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.asked.append(Asked(scope["http_version"], scope["path"], headers, body))
        if self.hangs:
            while (await receive())["type"] != "http.disconnect":
                pass
            return None
        status, answer, more = self.answers.popleft() if self.answers else (200, {}, {})
        await _answer(send, status, answer, more)
        return None


async def _answer(send: Any, status: int, body: Any, headers: dict[str, str]) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": named})
    await send({"type": "http.response.body", "body": content})


@asynccontextmanager
async def standing_in(stand_in: StandIn) -> AsyncIterator[str]:
    """The address of the stand-in, which speaks HTTP/2 too, without TLS."""
    ended = asyncio.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]  # it is the server's from here on
    config.errorlog = None
    config.graceful_timeout = 10  # connections end when their clients close them
    task = asyncio.create_task(serve(stand_in, config, shutdown_trigger=ended.wait))  # type: ignore[arg-type]
    try:
        yield base
    finally:
        ended.set()
        await asyncio.wait([task])


@dataclass
class Recorder:
    """A sender that takes all there is, unless it is told what to answer."""

    answers: deque[PushAnswer] = field(default_factory=deque)
    sent: list[tuple[str, PushNote]] = field(default_factory=list)

    async def send(self, token: str, note: PushNote) -> PushAnswer:
        self.sent.append((token, note))
        return self.answers.popleft() if self.answers else SENT

    async def close(self) -> None:
        """It has nothing open."""


@dataclass
class PushDesk:
    """The parts of a worker that push, with senders that record."""

    services: Services
    fcm: Recorder = field(default_factory=Recorder)
    apns: Recorder = field(default_factory=Recorder)
    pushes_per_day: int = 2

    @property
    def push(self) -> PushService:
        services = self.services
        return PushService(services.database, PushPlatform, QUIET, services.clock, services.time_zone)

    @property
    def messages(self) -> ServiceMessages:
        services = self.services
        return ServiceMessages(
            services.database,
            services.events,
            services.orders,
            services.stores,
            services.inbox,
            self.push,
            services.clock,
        )

    @property
    def gate(self) -> MarketingGate:
        services = self.services
        return MarketingGate(
            services.database, services.consents, QUIET, services.time_zone, self.pushes_per_day, 500
        )

    @property
    def news(self) -> NewsPushes:
        services = self.services
        return NewsPushes(
            services.database,
            services.news,
            services.events,
            services.stores,
            self.gate,
            self.push,
            QUIET,
            services.clock,
        )

    @property
    def coupons(self) -> CouponMessages:
        services = self.services
        return CouponMessages(
            services.database,
            services.events,
            services.coupons.wallet,
            services.stores,
            services.catalog,
            services.inbox,
            self.gate,
            self.push,
            services.clock,
            services.time_zone,
        )

    @property
    def deliverer(self) -> PushDeliverer:
        services = self.services
        return PushDeliverer(
            services.database,
            {PushPlatform.FCM: self.fcm, PushPlatform.APNS: self.apns},
            services.sessions,
            services.members,
            services.consents,
            services.inbox,
            QUIET,
            services.clock,
            services.time_zone,
        )

    async def tell(self) -> None:
        """Tells of all that happened, and pushes what is due by now."""
        await machinery(self.services).dispatch.dispatch()
        await self.messages.tell()
        await self.news.push()
        await self.deliver()

    async def deliver(self) -> None:
        for platform in await self.deliverer.due_receivers():
            while await self.deliverer.deliver_next(platform):
                pass

    async def member(
        self,
        *kinds: ConsentKind,
        platform: PushPlatform = PushPlatform.FCM,
        time_zone: str | None = None,
        language: Language = Language.JA,
    ) -> MemberActor:
        """A new member with a device, who allows these things."""
        registered = await self.services.members.register_guest(
            f"device-{new_id()}", language.value, language, A_NETWORK
        )
        (device,) = await self.services.sessions.of_member(registered.member.id)
        actor = MemberActor(registered.member.id, device.id, language)
        await self.push.register(actor, platform, a_token(), time_zone)
        await allow(self.services, actor.member_id, *kinds)
        return actor


def a_token() -> str:
    """A token that either platform takes."""
    return new_id() + new_id()


async def allow(services: Services, member_id: str, *kinds: ConsentKind, is_given: bool = True) -> None:
    if kinds:
        decisions = tuple((kind, is_given) for kind in kinds)
        await services.consents.decide(member_id, ConsentWish(decisions, "v1", Channel.ONLINE))


def a_note(**wishes: Any) -> PushNote:
    now = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
    values: dict[str, Any] = {
        "id": new_id(),
        "title": "受け取りの準備ができました",
        "text": "Koharu Umeda",
        "picture_url": None,
        "data": {"messageId": "m"},
        "collapse_key": "order-1",
        "is_urgent": True,
        "sent_at": now,
        "expires_at": now + timedelta(hours=12),
    }
    return PushNote(**{**values, **wishes})
