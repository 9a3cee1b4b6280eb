"""`python -m bench.stock`: the same schema and services through Strawberry as its documentation serves it.

Neither our endpoint nor its caches, plans and limits; who calls is found out by the same door.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import copy

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL

from app.running import open_database, running_services
from app.shared.settings.loading import load_settings
from app.shared.settings.model import Settings
from bench.serving import serve
from graphql_schema.budget import Budget
from graphql_schema.context import Context
from graphql_schema.listeners import Listeners
from graphql_schema.schema import schema

ANY_NUMBER = 1_000_000


class StockEndpoint(GraphQL[Context, None]):
    """Strawberry's own view, with our context."""

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        services = request.app.state.services
        return Context(
            services=services,
            actor=await services.door.actor(request.headers.get("authorization")),
            accepted_language=None,
            now=services.clock.now(),
            may_introspect=True,
            client_address="127.0.0.1",
            budget=Budget(),
            listeners=Listeners(ANY_NUMBER),
        )


def create_application(settings: Settings) -> Starlette:
    """One route, and the services behind it."""
    stock_schema = copy(schema)
    stock_schema.extensions = ()
    endpoint = StockEndpoint(stock_schema)

    @asynccontextmanager
    async def lifespan(application: Starlette) -> AsyncIterator[None]:
        database = open_database(settings)
        try:
            async with running_services(settings, database) as services:
                application.state.services = services
                yield
        finally:
            await database.close()

    routes = [Route("/graphql", endpoint), WebSocketRoute("/graphql", endpoint)]
    return Starlette(routes=routes, lifespan=lifespan)


if __name__ == "__main__":
    serve(create_application(load_settings()))
