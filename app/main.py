"""The ASGI application: the API, the pages, and the probes of whoever watches over us."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing import parent_process

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from app.collections import COLLECTIONS
from app.running import open_database, running_services
from app.services import Services
from app.shared.logging import configure_logging
from app.shared.processes.children import NEW_OBJECTS, die_with_parent, leave_in_two_steps
from app.shared.processes.tasks import meanwhile
from app.shared.settings.loading import load_settings
from app.shared.settings.model import Settings
from app.telemetry.loop_lag import loop_lag_measured
from app.telemetry.traced_services import traced
from app.telemetry.tracing import tracing
from app.web import card_pictures
from app.web.demo import DemoEndpoint
from app.web.development_clock import DevelopmentClockEndpoint
from app.web.member_app import member_app_routes
from app.web.metrics import metrics_page
from app.web.middleware import REQUEST_ID, Directly, EveryRequest
from app.web.oauth import token
from app.web.outbox import outbox
from app.web.pages import assets, counter_page, welcome_page
from app.web.pickup_pictures import pickup_qr
from app.web.receipt_page import receipt_page
from app.web.sandbox_bank import SandboxBank
from app.web.stripe_webhooks import stripe_webhook
from app.worker import Worker
from graphql_schema.compiled.official import official_plans
from graphql_schema.documents import HASHES
from graphql_schema.endpoint import GraphQLEndpoint
from graphql_schema.graphiql import graphiql_page
from graphql_schema.view import GraphQLView

READY_SECONDS = 1.5

log = structlog.get_logger(__name__)


def create_application(settings: Settings) -> Starlette:
    """The application with these settings; it connects to MongoDB when it is started."""

    @asynccontextmanager
    async def lifespan(application: Starlette) -> AsyncIterator[None]:
        state = application.state
        leave_in_two_steps(
            asyncio.get_running_loop(), settings.seconds_to_drain, state.draining.set, state.leaving.set
        )
        database = open_database(settings)
        try:
            await database.prepare(COLLECTIONS)
            with tracing(settings.otlp_url, settings.traced_percent):
                async with loop_lag_measured(), running_services(settings, database) as services:
                    application.state.services = traced(services) if settings.otlp_url else services
                    # What is alive now stays alive: the collector need not look at it again during requests.
                    gc.collect()
                    gc.freeze()
                    gc.set_threshold(NEW_OBJECTS)
                    log.info("ready", database=settings.mongodb_database, driver=settings.mongo_driver)
                    async with _working(services.worker if settings.serves_with_worker else None):
                        yield
        finally:
            await database.close()

    application = Starlette(
        routes=[
            Route("/", welcome_page(settings)),
            Route("/counter", counter_page(settings)),
            *member_app_routes(settings),
            *_graphiql_routes(settings),
            *_development_routes(settings),
            *_webhook_routes(settings),
            Route("/receipts/{page_id}", receipt_page),
            Route("/orders/{order_id}/qr.svg", pickup_qr),
            Route("/card/qr.svg", card_pictures.qr),
            Route("/card/barcode.svg", card_pictures.barcode),
            Route("/oauth/token", token, methods=["POST"]),
            Route("/.well-known/jwks.json", jwks),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/operations.json", operations, middleware=[Middleware(GZipMiddleware, minimum_size=500)]),
            *_metrics_routes(settings),
            Mount("/assets", assets()),
        ],
        middleware=_middleware(settings),
        lifespan=lifespan,
    )
    application.state.draining = asyncio.Event()  # set when this process is asked to end
    application.state.leaving = asyncio.Event()  # set when it does: streams break off
    application.router.redirect_slashes = False  # a redirect would lead to whatever host the caller names
    return application


@asynccontextmanager
async def _working(worker: Worker | None) -> AsyncIterator[None]:
    """The worker, if there is one, does its jobs meanwhile."""
    if worker is None:
        yield
        return
    async with meanwhile(worker.run()):
        yield


def _middleware(settings: Settings) -> list[Middleware]:
    middleware = [Middleware(EveryRequest, settings=settings)]
    if settings.cors_origins:
        middleware.append(
            Middleware(
                CORSMiddleware,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST"],
                allow_headers=["Authorization", "Content-Type", "Accept-Language", REQUEST_ID],
                expose_headers=[REQUEST_ID],
                max_age=3600,
            )
        )
    middleware.append(Middleware(Directly, path="/graphql", endpoint=_graphql_endpoint(settings)))
    return middleware


def _graphql_endpoint(settings: Settings) -> GraphQLEndpoint:
    """The API, in development with GraphiQL."""
    slow_seconds = settings.slow_operation_milliseconds / 1000
    plans = official_plans() if settings.compiled_operations == "on" else None
    view = GraphQLView(
        settings.connections_per_address,
        settings.cors_origins,
        graphiql_page(settings.data_dir / "graphiql") if settings.is_development else None,
        slow_seconds,
        plans,
    )
    return GraphQLEndpoint(view, slow_seconds, plans)


def _graphiql_routes(settings: Settings) -> list[BaseRoute]:
    """GraphiQL's own files, in development if they are there."""
    folder = settings.data_dir / "graphiql"
    is_there = settings.is_development and folder.is_dir()
    return [Mount("/graphiql", StaticFiles(directory=folder))] if is_there else []


def _development_routes(settings: Settings) -> list[BaseRoute]:
    if not settings.is_development:
        return []
    return [
        Route("/dev/outbox", outbox),
        Route("/dev/clock", DevelopmentClockEndpoint),
        Route("/dev/demo", DemoEndpoint),
        Route("/dev/bank", SandboxBank),
    ]


def _metrics_routes(settings: Settings) -> list[BaseRoute]:
    """What Prometheus reads: for who has the token, and in development for everybody."""
    token = settings.metrics_token.get_secret_value() if settings.metrics_token else None
    if token is None and not settings.is_development:
        return []
    return [Route("/metrics", metrics_page(token))]


def _webhook_routes(settings: Settings) -> list[BaseRoute]:
    """Where gateways tell that something became of a payment, if one is set up that does."""
    secret = settings.stripe_webhook_secret
    if settings.card_gateway != "stripe" or secret is None:
        return []
    return [Route("/webhooks/stripe", stripe_webhook(secret.get_secret_value()), methods=["POST"])]


def create_worker_application() -> Starlette:
    """The application of one server process among several: it ends with the process that started it."""
    parent = parent_process()
    if parent is not None and parent.pid is not None:
        die_with_parent(parent.pid)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a closed terminal: our parent ends us in order
    settings = load_settings()
    configure_logging(settings.log_format, settings.log_level)
    return create_application(settings)


async def jwks(request: Request) -> Response:
    """The public keys that access tokens are verified with (RFC 7517)."""
    services: Services = request.app.state.services
    keys = services.signing_keys.to_jwks(services.clock.now())
    return JSONResponse(keys, headers={"Cache-Control": "public, max-age=30"})


async def operations(request: Request) -> Response:
    """The hashes of the official operations by their names, for pages that send these alone."""
    return JSONResponse(dict(HASHES), headers={"Cache-Control": "no-cache"})


async def healthz(request: Request) -> Response:
    """Whether this process lives."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """Whether this process can serve: 503 when MongoDB has no primary that answers within 1.5 s.

    503 too once it is asked to end: it serves for a little while still, so that nobody is sent here in vain.
    """
    services: Services = request.app.state.services
    if request.app.state.draining.is_set():
        return JSONResponse({"ready": False, "leaving": True}, status_code=503)
    try:
        ready = await asyncio.wait_for(services.database.is_writable(), READY_SECONDS)
    except TimeoutError:
        ready = False
    return JSONResponse(
        {"ready": ready, "mongodb": "ok" if ready else "unreachable"}, status_code=200 if ready else 503
    )
