"""`python -m bench.engine`: the engine alone, on a schema of its own whose resolvers give what is in memory.

It asks for a member with her card and ten coupons, as a home screen does. `plans` is a bare ASGI application
that runs the query's plan: no door, no limits, nothing of the shop. `stock` is Strawberry as its
documentation serves it, `plain` a Starlette route that writes the same JSON with orjson.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import strawberry
from graphql import parse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry.asgi import GraphQL

from bench.serving import serve
from graphql_schema import schema as product
from graphql_schema.compiled.plans import Plan

HOME = """
query Home {
  me {
    id
    name
    card { number rank }
    pointBalance
    coupons(first: 10) { edges { node { id title discount expiresAt } } }
  }
}
"""


@strawberry.type
class Card:
    number: str
    rank: str


@strawberry.type
class Coupon:
    id: strawberry.ID
    title: str
    discount: int
    expires_at: datetime


@strawberry.type
class CouponEdge:
    node: Coupon


@strawberry.type
class CouponConnection:
    edges: list[CouponEdge]


@strawberry.type
class Member:
    id: strawberry.ID
    name: str
    card: Card
    point_balance: int

    @strawberry.field
    async def coupons(self, first: int) -> CouponConnection:
        return COUPONS


@strawberry.type
class Query:
    @strawberry.field
    async def me(self) -> Member:
        return MEMBER


def _edge(number: int) -> CouponEdge:
    expires_at = datetime(2026, 12, 1, tzinfo=UTC) + timedelta(days=number)
    coupon = Coupon(id=strawberry.ID(f"coupon-{number}"), title="ノート", discount=10, expires_at=expires_at)
    return CouponEdge(node=coupon)


COUPONS = CouponConnection(edges=[_edge(number) for number in range(10)])
CARD = Card(number="4716209358116029", rank="GOLD")
MEMBER = Member(id=strawberry.ID("member-1"), name="みお", card=CARD, point_balance=260)
SCHEMA = strawberry.Schema(Query, config=product.schema.config)


class BarePlan:
    """Runs the plan of whatever document is posted, if it is the home screen's."""

    def __init__(self) -> None:
        self._plans = {HOME: Plan(SCHEMA, parse(HOME))}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; of what else a server tells an application, it wants to hear nothing."""
        if scope["type"] != "http":
            raise RuntimeError("only HTTP is spoken here")
        wanted = orjson.loads((await receive())["body"])
        result = await self._plans[wanted["query"]].execute(None, {}, {})
        answer = orjson.dumps({"data": result.data})
        headers = [(b"content-length", str(len(answer)).encode()), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


def plain_application() -> Starlette:
    """One route that writes the same answer."""
    data: Any = asyncio.run(Plan(SCHEMA, parse(HOME)).execute(None, {}, {})).data

    async def home(request: Request) -> Response:
        return Response(orjson.dumps({"data": data}), media_type="application/json")

    return Starlette(routes=[Route("/graphql", home, methods=["POST"])])


def application(kind: str) -> ASGIApp:
    """One of the three."""
    match kind:
        case "plans":
            return BarePlan()
        case "stock":
            return GraphQL[None, None](SCHEMA)
        case _:
            return plain_application()


if __name__ == "__main__":
    serve(application(sys.argv[1]))
