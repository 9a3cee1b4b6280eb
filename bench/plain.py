"""What the API is measured against: plain routes that do the same reads and writes by hand.

They answer with the same JSON and write the same documents in one durable transaction, without GraphQL and
without the layers of the domain. Of the rules they check only the distance and once a store a day; they
write off no expired points, and a repeated idempotency key is refused. So the comparison leans to their side.
"""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import orjson
import uvicorn
from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.read_concern import ReadConcern
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.auth.actor import MemberActor
from app.auth.errors import TokenRefused
from app.auth.keys import KeyRing
from app.auth.tokens import AccessTokens
from app.check_ins.rules import RECENT_CHECK_INS
from app.members.ranks import RankRules
from app.members.repository import member_from
from app.points.rules import expiry
from app.services import KEYS_FOLDER
from app.shared.clock import whole_milliseconds
from app.shared.database import DURABLE
from app.shared.ids import new_id
from app.shared.settings import Settings, load_settings
from bench import plain_documents as documents
from bench.plain_documents import Document
from bench.plain_orders import PlainOrders
from bench.plain_shop import PlainShop


class PlainRoutes:
    """`/me`, `/check-in` and the shop, straight on the driver."""

    def __init__(self, client: AsyncMongoClient[Document], settings: Settings) -> None:
        self._client = client
        self._database = client.get_database(settings.mongodb_database, write_concern=DURABLE)
        self._shop = PlainShop(self._database)
        self._orders = PlainOrders(client, self._database)
        self._settings = settings
        self._time_zone = ZoneInfo(settings.time_zone)
        self._ranks = RankRules(self._time_zone, settings.rank_grace_months)
        self._live_sessions: set[str] = set()
        self._tokens = AccessTokens(
            KeyRing(settings.data_dir / KEYS_FOLDER, datetime.now(UTC)),
            settings.issuer,
            settings.audience,
            timedelta(minutes=settings.access_token_minutes),
        )

    async def me(self, request: Request) -> Response:
        """The calling member with her card and points."""
        member_id = await self._member_id(request)
        member = await self._database.members.find_one({"_id": member_id})
        if member is None:
            raise HTTPException(404)
        newest = await self._newest_entry(member_id)
        standing = self._ranks.standing(member_from(member), datetime.now(UTC))
        lots = newest["lots_after"] if newest else []
        return _answer(
            "me",
            {
                "id": documents.opaque_id("Member", member_id),
                "number": member["number"],
                "nickname": member["profile"]["nickname"],
                "locale": member["language"],
                "isGuest": member["is_guest"],
                "card": {
                    "number": member["number"],
                    "rank": standing.rank,
                    "miles": standing.miles,
                    "milesToNextRank": standing.miles_to_next,
                    "barcode": member["number"],
                },
                "points": {
                    "balance": newest["balance_after"] if newest else 0,
                    "expiringNext": {
                        "amount": lots[0]["amount"],
                        "expiresAt": documents.moment_text(lots[0]["expires_at"]),
                    }
                    if lots
                    else None,
                },
            },
        )

    async def check_in(self, request: Request) -> Response:
        """Registers the visit and awards its points in one transaction."""
        member_id = await self._member_id(request)
        wish: Document = orjson.loads(await request.body())

        async def act(session: AsyncClientSession) -> Document:
            return await self._check_in(member_id, wish, session)

        async with self._client.start_session() as session:
            check_in = await session.with_transaction(
                act, read_concern=ReadConcern("snapshot"), write_concern=DURABLE
            )
        return _answer(
            "checkIn",
            {
                "__typename": "CheckedIn",
                "pointsAwarded": check_in["points_awarded"],
                "pointBalance": check_in["point_balance"],
                "checkIn": {
                    "id": documents.opaque_id("CheckIn", check_in["_id"]),
                    "checkedInAt": documents.moment_text(check_in["checked_in_at"]),
                    "storeDay": check_in["store_day"],
                    "distanceMeters": round(check_in["distance_meters"]),
                    "pointsAwarded": check_in["points_awarded"],
                },
            },
        )

    async def availability(self, request: Request) -> Response:
        """Where a SKU can be had around a place."""
        await self._member_id(request)
        return _answer("availability", await self._shop.availability(orjson.loads(await request.body())))

    async def products(self, request: Request) -> Response:
        """Products by words."""
        member_id = await self._member_id(request)
        return _answer("products", await self._shop.products(member_id, orjson.loads(await request.body())))

    async def place_order(self, request: Request) -> Response:
        """Places an order with all that it holds in one transaction."""
        member_id = await self._member_id(request)
        return _answer("placeOrder", await self._orders.place(member_id, orjson.loads(await request.body())))

    async def _check_in(self, member_id: str, wish: Document, session: AsyncClientSession) -> Document:
        database = self._database
        now = whole_milliseconds(datetime.now(UTC))
        key = documents.hash_of([member_id, "checkIn", wish["idempotencyKey"]])
        if await database.idempotency_keys.find_one({"_id": key}, session=session) is not None:
            raise HTTPException(409)
        store = await database.stores.find_one({"_id": documents.key_of(wish["storeId"])}, session=session)
        if store is None:
            raise HTTPException(404)
        recent = await database.check_ins.find(
            {"member_id": member_id}, sort=[("seq", -1)], limit=RECENT_CHECK_INS, session=session
        ).to_list()
        distance = documents.distance_meters(wish["location"], store)
        today = now.astimezone(ZoneInfo(store["time_zone"])).date().isoformat()
        is_second = any(each["store_id"] == store["_id"] and each["store_day"] == today for each in recent)
        if distance > store["radius_meters"] or is_second:
            raise HTTPException(422)
        check_in_id = new_id()
        newest = await self._newest_entry(member_id, session)
        entry = documents.point_entry(
            member_id,
            check_in_id,
            store["_id"],
            newest,
            self._settings.check_in_points,
            now,
            self._expiry(now),
        )
        check_in = documents.check_in(entry, check_in_id, recent, today, distance, wish["location"])
        await database.point_entries.insert_one(entry, session=session)
        await database.check_ins.insert_one(check_in, session=session)
        await database.events.insert_one(documents.event(check_in), session=session)
        await database.idempotency_keys.insert_one(
            documents.idempotency_key(key, "checkIn", wish, {"check_in_id": check_in_id}, now),
            session=session,
        )
        return check_in

    async def _newest_entry(
        self, member_id: str, session: AsyncClientSession | None = None
    ) -> Document | None:
        return await self._database.point_entries.find_one(
            {"member_id": member_id}, sort=[("seq", -1)], session=session
        )

    def _expiry(self, now: datetime) -> datetime:
        return expiry(now, self._settings.point_validity_months, self._time_zone)

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


def _answer(field: str, value: Document) -> Response:
    return Response(orjson.dumps({"data": {field: value}}), media_type="application/json")


def create_application(settings: Settings, address: str) -> Starlette:
    """The plain application, which says where it is when it is ready."""
    client: AsyncMongoClient[Document] = AsyncMongoClient(settings.mongodb_uri, tz_aware=True)
    routes = PlainRoutes(client, settings)

    @asynccontextmanager
    async def lifespan(application: Starlette) -> AsyncIterator[None]:
        async with client:
            print(f"plain is ready: {address}", flush=True)
            yield

    return Starlette(
        routes=[
            Route("/me", routes.me, methods=["POST"]),
            Route("/check-in", routes.check_in, methods=["POST"]),
            Route("/availability", routes.availability, methods=["POST"]),
            Route("/products", routes.products, methods=["POST"]),
            Route("/place-order", routes.place_order, methods=["POST"]),
        ],
        lifespan=lifespan,
    )


def main() -> None:
    """Serves on a free port of the loopback address, with the same options as the real server."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    application = create_application(load_settings(), f"http://127.0.0.1:{listener.getsockname()[1]}")
    config = uvicorn.Config(
        application,
        loop="uvloop",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
