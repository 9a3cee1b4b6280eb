"""What servers do now and then: done by several at once, and going on whatever goes wrong."""

import asyncio

import pytest
from pymongo.errors import AutoReconnect
from structlog.testing import capture_logs

from app import sweeps
from app.orders.states import OrderState
from app.services import Services
from tests.conftest import MovableClock
from tests.integration.shop import Shop


async def test_a_server_that_lives_ends_what_time_has_ended(
    services: Services, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = await Shop.open(services, clock)
    member = await shop.customer(points=100)
    order = await shop.place(member, shop.wish((0, 1), use_points=100))
    clock.moment = order.accept_by
    monkeypatch.setattr(sweeps, "PAUSE_SECONDS", 0.01)
    async with sweeps.sweeping(services):
        for _ in range(2_000):
            if (await shop.now(order)).state is OrderState.EXPIRED:
                break
            await asyncio.sleep(0.01)
    assert await shop.balance(member) == 100


@pytest.mark.parametrize(
    ("error", "event"),
    [(RuntimeError("a bug"), "sweep_failed"), (AutoReconnect("gone"), "sweep_interrupted")],
)
async def test_a_sweep_that_fails_is_told_and_stops_no_other(error: Exception, event: str) -> None:
    async def fail() -> int:
        raise error

    with capture_logs() as logs:
        await sweeps.sweep_once("orders", fail)
    assert [(entry["event"], entry["sweep"]) for entry in logs] == [(event, "orders")]
