"""The development clock: moved for all processes, bounded, and never there in production."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from app.auth.errors import TokenRefused
from app.composition import build_services
from app.inbox.model import MessageClass
from app.push.model import PushDevice, PushPlatform, PushWish
from app.push.push_repository import PushRepository
from app.running import running_services
from app.shared.clock import SystemClock
from app.shared.development_clock import AT_THE_MOST_SECONDS, DEVELOPMENT_CLOCKS, DevelopmentClock
from app.shared.i18n import Language
from app.shared.mongodb.database import Database
from app.shared.processes.leases import Lease
from app.shared.rate_limits import RateLimit, RateLimits
from app.shared.settings.model import Settings
from app.webhooks.delivery_repository import WebhookDeliveryRepository
from tests.api.live import until
from tests.listeners import closed_port
from tests.webhook_arrangements import a_check_in, an_endpoint, machinery, tell

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
async def moving(database: Database) -> AsyncIterator[DevelopmentClock]:
    """The clock of one process; it is back to now in the end."""
    clock = DevelopmentClock(database)
    await clock.come_back()
    yield clock
    await clock.come_back()


def ahead(clock: DevelopmentClock) -> timedelta:
    """By how much it is ahead, to the second."""
    return timedelta(seconds=round((clock.now() - datetime.now(UTC)).total_seconds()))


async def test_time_passes_and_comes_back(moving: DevelopmentClock) -> None:
    assert ahead(moving) == timedelta(0)
    await moving.move(HOUR)
    await moving.move(DAY)
    assert ahead(moving) == DAY + HOUR
    await moving.come_back()
    assert ahead(moving) == timedelta(0)


async def test_many_who_move_it_at_once_all_count(moving: DevelopmentClock) -> None:
    await asyncio.gather(*(moving.move(timedelta(minutes=1)) for _ in range(32)))
    await moving.learn()
    assert ahead(moving) == timedelta(minutes=32)


async def test_it_is_never_more_than_thirty_days_ahead(moving: DevelopmentClock) -> None:
    for _ in range(3):
        await moving.move(timedelta(seconds=AT_THE_MOST_SECONDS - 1))
    assert ahead(moving) == timedelta(seconds=AT_THE_MOST_SECONDS)


async def test_another_process_learns_of_it(
    moving: DevelopmentClock, settings: Settings, database: Database
) -> None:
    await moving.move(DAY)
    async with running_services(settings, database) as services:
        other = services.development_clock
        assert other is not None
        assert services.clock is other
        assert ahead(other) == DAY  # at its start
        await moving.move(HOUR)
        await until(lambda: ahead(other) == DAY + HOUR)


async def test_production_goes_by_the_machines_clock_alone(
    moving: DevelopmentClock, settings: Settings, database: Database
) -> None:
    await moving.move(DAY)
    production = settings.model_copy(update={"environment": "production"})
    async with running_services(production, database) as services:
        assert services.development_clock is None
        assert isinstance(services.clock, SystemClock)


async def test_who_leads_by_a_later_time_lets_go_when_time_comes_back(
    moving: DevelopmentClock, database: Database
) -> None:
    await moving.move(DAY)
    dead, living = (Lease(database, "moved-clock", HOUR, moving) for _ in range(2))
    assert await dead.take()
    assert not await living.take()
    await moving.come_back()
    assert await living.take()
    await living.give_up()


async def test_what_a_worker_took_in_the_future_is_free_when_time_comes_back(
    settings: Settings, database: Database
) -> None:
    services = build_services(settings, database)
    moving = services.development_clock
    assert moving is not None
    deliveries, pushes, began = WebhookDeliveryRepository(database), PushRepository(database), moving.now()
    phone = PushDevice("session", "mio", PushPlatform.FCM, "token", None, began)
    wish = PushWish("mio", "message", MessageClass.SERVICE, "order", began, began + 2 * DAY)
    await pushes.add([(wish, phone, began)], began, session=None)
    endpoint = await an_endpoint(services, closed_port())
    await tell(services, a_check_in(services))
    await machinery(services).dispatch.dispatch()
    await moving.move(DAY)
    assert await deliveries.claim(endpoint.id, moving.now(), moving.now() + HOUR)
    assert await pushes.claim(PushPlatform.FCM, moving.now(), moving.now() + HOUR)
    await moving.come_back()
    assert await deliveries.due_endpoints(moving.now()) == [endpoint.id]
    assert await pushes.due_platforms(moving.now()) == [PushPlatform.FCM]


async def test_a_limit_that_was_reached_in_the_future_counts_from_anew(
    moving: DevelopmentClock, database: Database
) -> None:
    limits, limit = RateLimits(database, moving), RateLimit("moved", 1, HOUR)
    await moving.move(DAY)
    assert await limits.take(limit, "mio") == 0
    assert await limits.take(limit, "mio") > 0
    await moving.come_back()
    assert await limits.take(limit, "mio") == 0


async def test_sessions_go_on_through_all_of_it(
    moving: DevelopmentClock, settings: Settings, database: Database
) -> None:
    services = build_services(settings, database)
    assert services.development_clock is not None
    guest = await services.members.register_guest(
        "phone-that-goes-through-time-0001", None, Language.JA, "127.0.0.1"
    )
    device = guest.signed_in
    for travel in (moving.move(HOUR), moving.move(DAY), moving.come_back()):
        await travel
        await services.development_clock.learn()
        with pytest.raises(TokenRefused):  # its access token has ended, or is of the future
            await services.door.actor(f"Bearer {device.access_token}")
        device = await services.sessions.refresh(device.refresh_token)
        await services.door.actor(f"Bearer {device.access_token}")


async def test_nothing_else_is_kept_of_it(moving: DevelopmentClock, database: Database) -> None:
    await moving.move(HOUR)
    found = await database.collection(DEVELOPMENT_CLOCKS).find({})
    assert found == [{"_id": "clock", "ahead_seconds": 3600}]
