"""The worker: jobs that go on whatever happens, and one leader among many."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from pymongo.errors import NetworkTimeout
from structlog.testing import capture_logs

from app.composition import build_services
from app.consents.model import ConsentKind
from app.news.model import NewsPush
from app.orders.states import OrderState
from app.push.model import PushPlatform
from app.services import Services
from app.shared.mongodb.database import Database, Driver
from app.shared.processes.leases import Lease
from app.shared.settings.model import Settings
from app.worker import LEADS_FOR, Job, Worker
from tests.api.live import until
from tests.conftest import MovableClock
from tests.integration.shop import Shop
from tests.listeners import Receiver, listening
from tests.news_arrangements import published
from tests.patience import PATIENCE_SECONDS
from tests.push_arrangements import EC_KEY, PushDesk, StandIn, google_file, pem, standing_in
from tests.webhook_arrangements import a_check_in, an_endpoint, tell

pytestmark = pytest.mark.usefixtures("commands_fit_much_data")


class Counted:
    """A job that says when it was done so many times; it may fail at first."""

    def __init__(self, times: int, *failures: Exception) -> None:
        self.done = 0
        self.is_enough = asyncio.Event()
        self._times = times
        self._failures = list(failures)

    async def run(self) -> None:
        self.done += 1
        if self.done >= self._times:
            self.is_enough.set()
        if self._failures:
            raise self._failures.pop(0)


async def end(*tasks: "asyncio.Task[None]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_a_job_that_fails_goes_on_and_is_told_of(services: Services) -> None:
    job = Counted(5, OSError("oh"), NetworkTimeout("away"), ValueError("bug"))
    other = Counted(3)
    worker = Worker(
        services.database, [Job("counted", 0.01, job.run), Job("other", 0.01, other.run)], services.clock
    )
    with capture_logs() as logs:
        task = asyncio.create_task(worker.run())
        async with asyncio.timeout(PATIENCE_SECONDS):
            await job.is_enough.wait()
            await other.is_enough.wait()
        await end(task)
    told = [(entry["event"], entry["job"]) for entry in logs if "job" in entry]
    assert told == [(event, "counted") for event in ("job_failed", "job_interrupted", "job_failed")]


async def test_one_of_many_leads_and_all_do_what_is_for_all(services: Services) -> None:
    led, shared = [Counted(3) for _ in range(8)], [Counted(3) for _ in range(8)]
    tasks = [
        asyncio.create_task(
            Worker(
                services.database,
                [Job("led", 0.01, one.run), Job("shared", 0.01, all_.run, everywhere=True)],
                services.clock,
            ).run()
        )
        for one, all_ in zip(led, shared, strict=True)
    ]
    async with asyncio.timeout(PATIENCE_SECONDS):
        for each in shared:
            await each.is_enough.wait()
        await until(lambda: any(each.is_enough.is_set() for each in led))
    assert sum(each.done > 0 for each in led) == 1
    await end(*tasks)


async def test_who_ends_in_order_hands_the_lead_over(services: Services) -> None:
    """The clock stands still: no lease runs out here."""
    for _ in range(2):
        job = Counted(1)
        task = asyncio.create_task(
            Worker(services.database, [Job("led", 0.01, job.run)], services.clock).run()
        )
        async with asyncio.timeout(PATIENCE_SECONDS):
            await job.is_enough.wait()
        await end(task)


async def test_a_worker_that_is_ended_while_it_connects_ends(
    settings: Settings, mongodb_uri: str, worker: str, driver: Driver, clock: MovableClock
) -> None:
    """The driver may keep a cancellation to itself then."""
    for number in range(30):
        database = Database.connect(
            mongodb_uri, f"test_{worker}_{driver}", driver, connecting_seconds=PATIENCE_SECONDS
        )
        await database.require_suitable()
        task = asyncio.create_task(build_services(settings, database, clock).worker.run())
        await asyncio.sleep(number / 8000)
        task.cancel()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.wait([task])
        await database.close()


async def test_a_lease_is_one_holders_until_its_time(services: Services, clock: MovableClock) -> None:
    leases = [Lease(services.database, "lead", LEADS_FOR, clock) for _ in range(32)]
    taken = await asyncio.gather(*(lease.take() for lease in leases))
    assert taken.count(True) == 1
    holder, other = leases[taken.index(True)], leases[taken.index(False)]
    clock.advance(LEADS_FOR - timedelta(milliseconds=1))
    assert await holder.take()
    clock.advance(LEADS_FOR - timedelta(milliseconds=1))
    assert not await other.take()
    await other.give_up()
    assert await holder.take()
    clock.advance(LEADS_FOR)
    assert await other.take()
    assert not await holder.take()


async def test_the_worker_ends_what_time_has_ended(services: Services, clock: MovableClock) -> None:
    shop = await Shop.open(services, clock)
    member = await shop.customer(points=100)
    order = await shop.place(member, shop.wish((0, 1), use_points=100))
    clock.moment = order.accept_by
    task = asyncio.create_task(services.worker.run())
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await shop.now(order)).state is not OrderState.EXPIRED:  # noqa: ASYNC110  as above
            await asyncio.sleep(0.01)
    await end(task)
    assert await shop.balance(member) == 100


@pytest.mark.parametrize("workers", [1, 3])
async def test_the_workers_deliver_what_happens(services: Services, settings: Settings, workers: int) -> None:
    receiver = Receiver()
    async with listening(receiver.converse) as port:
        await an_endpoint(services, port)
        tasks = [
            asyncio.create_task(build_services(settings, services.database, services.clock).worker.run())
            for _ in range(workers)
        ]
        ids = await tell(services, *(a_check_in(services) for _ in range(10)))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(receiver.requests) < len(ids):  # noqa: ASYNC110  the receiver knows of no end
                await asyncio.sleep(0.01)
        await end(*tasks)
    assert sorted(headers["webhook-id"] for _, headers, _ in receiver.requests) == sorted(ids)


async def test_the_worker_pushes_by_the_services_that_the_settings_name(
    settings: Settings, database: Database, clock: MovableClock, tmp_path: Path
) -> None:
    key = tmp_path / "key.p8"
    key.write_text(pem(EC_KEY), encoding="utf-8")
    stand_in = StandIn()
    async with standing_in(stand_in) as base:
        push = {
            "fcm_account_file": google_file(tmp_path, f"{base}/token"),
            "fcm_api_base": base,
            "apns_key_file": key,
            "apns_key_id": "KEY1234567",
            "apns_team_id": "TEAM123456",
            "apns_topic": "jp.koharu.app",
            "apns_api_base": base,
        }
        services = build_services(settings.model_copy(update=push), database, clock)
        shop = await Shop.open(services, clock)
        desk = PushDesk(services)
        for platform in PushPlatform:
            member = await desk.member(ConsentKind.MARKETING_PUSH, platform=platform)
            order = await shop.place(member.member_id, shop.wish((0, 1)))
            await shop.move(order, OrderState.ACCEPTED)
        await published(services, push=NewsPush.AT_START)
        task = asyncio.create_task(services.worker.run())
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(stand_in.asked) < 4:  # noqa: ASYNC110  as above
                await asyncio.sleep(0.01)
        await end(task)
    titles = [
        asked.json()["message"]["notification"]["title"]
        if asked.path.endswith("messages:send")
        else asked.json()["aps"]["alert"]["title"]
        for asked in stand_in.asked
    ]
    assert sorted(titles) == ["ご注文を承りました"] * 2 + ["週末セール"] * 2
    assert sorted(asked.http_version for asked in stand_in.asked) == ["1.1", "1.1", "2", "2"]


async def test_a_cancellation_that_a_job_keeps_to_itself_ends_the_worker_all_the_same(
    database: Database, clock: MovableClock
) -> None:
    """As the driver does when it is connecting: the pause that follows would last for minutes."""
    has_begun = asyncio.Event()

    async def deaf() -> None:
        has_begun.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    working = asyncio.create_task(Worker(database, [Job("deaf", 3600, deaf, everywhere=True)], clock).run())
    await has_begun.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(working, PATIENCE_SECONDS)
