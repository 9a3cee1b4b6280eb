"""What the API is measured against: routes straight on the driver, without GraphQL and the domain's layers.

`/{operation}/{number}` sends the recorded commands of a request (`bench.replaying`). `/place-order` is the
bare transaction of placing an order, by hand: it quotes nothing, and refuses a repeated idempotency key.
A WebSocket tells what changes (`bench.plain_events`).
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import orjson
from pymongo import AsyncMongoClient
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from app.auth.actor import MemberActor
from app.auth.errors import TokenRefused
from app.auth.keys import KEYS_FOLDER, KeyRing
from app.auth.tokens import AccessTokens
from app.shared.mongodb.database import DURABLE
from app.shared.settings.loading import load_settings
from app.shared.settings.model import Settings
from bench.plain_documents import Document
from bench.plain_events import PlainEvents
from bench.plain_orders import PlainOrders
from bench.recording import RECORDED, Recorded
from bench.replaying import PlainOperations
from bench.serving import serve


class PlainOrderRoute:
    """Places orders by hand."""

    def __init__(self, client: AsyncMongoClient[Document], database: str, tokens: AccessTokens) -> None:
        self._database = client.get_database(database, write_concern=DURABLE)
        self._orders = PlainOrders(client, self._database)
        self._tokens = tokens
        self._live_sessions: set[str] = set()

    async def place_order(self, request: Request) -> Response:
        """Places an order with all that it holds in one transaction."""
        member_id = await self._member_id(request)
        order = await self._orders.place(member_id, orjson.loads(await request.body())["variables"]["input"])
        return Response(orjson.dumps({"data": {"placeOrder": order}}), media_type="application/json")

    async def _member_id(self, request: Request) -> str:
        """The member whose bearer token this is; her session is looked up at its first request."""
        try:
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            actor = self._tokens.verify(token, datetime.now(UTC))
        except TokenRefused:
            raise HTTPException(401) from None
        if not isinstance(actor, MemberActor):
            raise HTTPException(401)
        if actor.session_id not in self._live_sessions:
            if await self._database.sessions.find_one({"_id": actor.session_id}) is None:
                raise HTTPException(401)
            self._live_sessions.add(actor.session_id)
        return actor.member_id


def create_application(settings: Settings, recorded: Mapping[str, Sequence[Document]]) -> Starlette:
    """The plain application for these recorded operations."""
    client: AsyncMongoClient[Document] = AsyncMongoClient(settings.mongodb_uri, tz_aware=True)
    tokens = AccessTokens(
        KeyRing(settings.data_dir / KEYS_FOLDER, datetime.now(UTC)),
        settings.issuer,
        settings.audience,
        timedelta(minutes=settings.access_token_minutes),
    )
    operations = PlainOperations(client, settings.mongodb_database, tokens, recorded)
    orders = PlainOrderRoute(client, settings.mongodb_database, tokens)
    events = PlainEvents(client[settings.mongodb_database], tokens)

    @asynccontextmanager
    async def lifespan(application: Starlette) -> AsyncIterator[None]:
        async with client, events.running():
            yield

    return Starlette(
        routes=[
            WebSocketRoute("/graphql", events.talk),
            Route("/place-order", orders.place_order, methods=["POST"]),
            Route("/{operation}/{number:int}", operations.answer, methods=["POST"]),
        ],
        lifespan=lifespan,
    )


def main() -> None:
    settings = load_settings()
    recorded = Recorded(settings.data_dir / RECORDED)
    serve(create_application(settings, {name: list(recorded.of(name)) for name in recorded.names()}))


if __name__ == "__main__":
    main()
