"""What a process remembers, and how it learns that another one has changed it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pymongo.errors import AutoReconnect

from app.composition import build_services
from app.offers.conditions import BirthdayMonth, Condition, InSegment, Not
from app.offers.model import Distribution, OfferMoment, OfferMove
from app.services import Services
from app.shared.mongodb.collection import ChangeStream
from app.shared.mongodb.database import Database
from app.shared.mongodb.snapshots import RENEWED_AFTER, Snapshots
from app.shared.settings.model import Settings
from app.stores.known_stores import KnownStores
from tests.arrangements import add_stores
from tests.conftest import COMMANDS, MovableClock
from tests.examples import a_store
from tests.offer_examples import a_published_offer
from tests.patience import PATIENCE_SECONDS


@pytest.fixture
async def elsewhere(database: Database, clock: MovableClock) -> AsyncIterator[KnownStores]:
    """The stores as a process knows them in which nobody changes any; its clock stands still."""
    snapshots = Snapshots(database, clock)
    stores = KnownStores(database, snapshots)
    async with snapshots.followed():
        yield stores


async def until_there_are(number: int, stores: KnownStores) -> None:
    """Returns as soon as that many stores are known, and never when it does not come to that."""
    while len(await stores.all()) != number:  # noqa: ASYNC110  another process sets no event of ours
        await asyncio.sleep(0.01)


async def test_what_another_process_changes_is_seen(elsewhere: KnownStores, database: Database) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        await until_there_are(0, elsewhere)
        await add_stores(database, a_store(id="store-1"))
        await until_there_are(1, elsewhere)
        await add_stores(database, a_store(id="store-2"))
        await until_there_are(2, elsewhere)


async def test_another_process_knows_at_once_which_offers_are_given_and_what_segments_are(
    services: Services, settings: Settings, clock: MovableClock
) -> None:
    """The clock stands still: nothing is forgotten but what the change stream tells of."""
    other = build_services(settings, services.database, clock)
    named = Not(InSegment("regulars"))

    async def until_elsewhere(number: int, condition: Condition) -> None:
        while (  # noqa: ASYNC110  another process sets no event of ours
            len(await other.offers.given_at(OfferMoment.CHECK_IN)) != number
            or len(await other.offers.running()) != number
            or await other.offers.evaluable(named) != condition
        ):
            await asyncio.sleep(0.01)

    async with asyncio.timeout(PATIENCE_SECONDS), other.snapshots.followed():
        await until_elsewhere(0, named)
        offer = await a_published_offer(services, distribution=Distribution.CHECK_IN)
        await services.offers.define_segment("regulars", offer.terms.names, BirthdayMonth())
        await until_elsewhere(1, Not(BirthdayMonth()))
        await services.offers.move(offer.id, OfferMove.PAUSE)
        await until_elsewhere(0, Not(BirthdayMonth()))


async def reads_of_many(stores: KnownStores) -> int:
    """How often the stores were read while many asked for them at once; to follow changes is no read."""
    COMMANDS.clear()
    await asyncio.gather(*(stores.all() for _ in range(32)))
    return COMMANDS.count("aggregate")


async def test_what_nobody_changes_is_read_no_more(elsewhere: KnownStores, database: Database) -> None:
    """However late the stream tells of the store that was added: it tells once."""
    await add_stores(database, a_store())
    async with asyncio.timeout(PATIENCE_SECONDS):
        await until_there_are(1, elsewhere)
        while await reads_of_many(elsewhere):  # noqa: ASYNC110  another task sets no event of ours
            await asyncio.sleep(0.01)


async def test_a_stream_that_breaks_off_is_opened_again_and_nothing_is_taken_for_granted(
    database: Database, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshots = Snapshots(database, clock)
    stores = KnownStores(database, snapshots)
    broken = asyncio.Event()
    hear = snapshots._hear

    async def break_off_once(changes: ChangeStream) -> None:
        if broken.is_set():
            return await hear(changes)
        await until_there_are(0, stores)
        await add_stores(database, a_store())
        broken.set()
        raise AutoReconnect("gone")

    monkeypatch.setattr("app.shared.mongodb.snapshots.PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(snapshots, "_hear", break_off_once)
    async with asyncio.timeout(PATIENCE_SECONDS), snapshots.followed():
        await broken.wait()
        await until_there_are(1, stores)


async def test_what_is_asked_for_is_loaded_anew_before_it_is_too_old(
    database: Database, clock: MovableClock
) -> None:
    """Nobody waits for it: who asks meanwhile is told what was known."""
    stores = KnownStores(database, Snapshots(database, clock))
    assert await stores.all() == ()
    await add_stores(database, a_store())
    clock.advance(RENEWED_AFTER)
    COMMANDS.clear()
    assert await stores.all() == await stores.all() == ()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await until_there_are(1, stores)
    assert COMMANDS == ["aggregate"]


async def test_without_a_stream_it_is_ten_seconds_old_at_the_most(
    database: Database, clock: MovableClock
) -> None:
    stores = KnownStores(database, Snapshots(database, clock))
    assert await stores.all() == ()
    await add_stores(database, a_store())
    assert await stores.all() == ()
    clock.moment = clock.moment.replace(second=10)
    assert len(await stores.all()) == 1
