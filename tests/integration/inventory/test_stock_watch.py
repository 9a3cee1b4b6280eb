"""Watching stock: first what is, then what changes, a hold's silent end too."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from app.auth.actor import ANONYMOUS
from app.catalog.model import Product
from app.catalog.repository import ProductRepository
from app.inventory.errors import StockWatchInvalid
from app.inventory.level_repository import StockLevelRepository
from app.inventory.model import StockKey, StockLevel
from app.inventory.rules import available
from app.inventory.shared_watch import StockWatcher
from app.services import Services
from app.shared.mongodb.database import Database
from app.shared.mongodb.live import LiveCollection, Told
from app.stores.errors import PlaceInvalid
from tests.arrangements import add_skus, add_stores
from tests.catalog_examples import a_product, a_sku
from tests.conftest import MovableClock
from tests.examples import UMEDA, a_report, a_store, minutes, north_of
from tests.integration.stockroom import TILL, Stockroom
from tests.patience import PATIENCE_SECONDS

HERE, NEAR_BY, FAR = (
    a_store(id=id, location=north_of(UMEDA, meters))
    for id, meters in (("here", 0), ("near-by", 900), ("far", 90_000))
)
Watch = AsyncGenerator[Told[list[StockLevel]], None]


@pytest.fixture
async def stockroom(services: Services, database: Database, clock: MovableClock) -> Stockroom:
    await add_stores(database, HERE, NEAR_BY, FAR)
    await add_skus(database, "sku", "another", "b")
    return Stockroom(services, clock)


class Watcher:
    """Somebody who watches."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    async def next(self) -> dict[str, int]:
        """The next news: how many are available, by SKU and store."""
        told = await asyncio.wait_for(anext(self._watch), PATIENCE_SECONDS)
        return {level.key.text: available(level, told.moment) for level in told.what}


async def events_of(begin: Awaitable[StockWatcher]) -> Watch:
    async with aclosing((await begin).events()) as events:
        async for told in events:
            yield told


def watch(services: Services, *arguments: Any) -> Watch:
    return events_of(services.stock_watch.begin(*arguments))


def watch_near(services: Services, *arguments: Any) -> Watch:
    return events_of(services.stock_watch.begin_near(*arguments))


@asynccontextmanager
async def watching(watch: Watch) -> AsyncIterator[Watcher]:
    async with aclosing(watch):
        yield Watcher(watch)


async def test_first_what_is_then_what_changes(
    services: Services, stockroom: Stockroom, clock: MovableClock
) -> None:
    await stockroom.stock(StockKey("sku", "here"), 5)
    async with watching(watch(services, ANONYMOUS, ["sku"], None)) as watcher:
        assert await watcher.next() == {"sku/here": 5}
        await services.stock.record(TILL, [a_report(StockKey("sku", "here"), "SELL", 2, clock.now())])
        assert await watcher.next() == {"sku/here": 3}
        await stockroom.stock(StockKey("another", "here"), 1)
        await stockroom.stock(StockKey("sku", "far"), 7)
        assert await watcher.next() == {"sku/far": 7}


async def test_only_the_stores_that_were_named(
    services: Services, stockroom: Stockroom, clock: MovableClock
) -> None:
    async with watching(watch(services, ANONYMOUS, ["sku", "b"], ["here"])) as watcher:
        assert await watcher.next() == {}
        await stockroom.stock(StockKey("sku", "far"), 7)
        await stockroom.stock(StockKey("b", "here"), 2)
        assert await watcher.next() == {"b/here": 2}


async def test_the_stores_around_a_place(
    services: Services, stockroom: Stockroom, clock: MovableClock
) -> None:
    async with watching(watch_near(services, ANONYMOUS, "sku", UMEDA, 5_000)) as watcher:
        assert await watcher.next() == {}
        await stockroom.stock(StockKey("sku", "far"), 7)
        await stockroom.stock(StockKey("sku", "near-by"), 2)
        assert await watcher.next() == {"sku/near-by": 2}
    with pytest.raises(PlaceInvalid):
        await anext(watch_near(services, ANONYMOUS, "sku", north_of(UMEDA, 2e7), 5_000))


async def test_holds_are_seen_and_so_is_their_end(
    services: Services, stockroom: Stockroom, clock: MovableClock
) -> None:
    await stockroom.stock(StockKey("sku", "here"), 5)
    async with watching(watch(services, ANONYMOUS, ["sku"], None)) as watcher:
        assert await watcher.next() == {"sku/here": 5}
        hold = await stockroom.hold((StockKey("sku", "here"), 2))
        assert await watcher.next() == {"sku/here": 3}
        clock.moment = hold.until
        assert await watcher.next() == {"sku/here": 5}


async def test_what_changes_nothing_for_the_watcher_is_not_told(
    services: Services, stockroom: Stockroom, clock: MovableClock
) -> None:
    key = StockKey("sku", "here")
    await stockroom.stock(key, 5)
    async with watching(watch(services, ANONYMOUS, ["sku"], None)) as watcher:
        assert await watcher.next() == {"sku/here": 5}
        await services.stock.record(
            TILL, [a_report(key, "SELL", 1, clock.now()), a_report(key, "RETURN", 1, clock.now())]
        )
        await services.stock.record(TILL, [a_report(key, "SELL", 1, clock.now())])
        assert await watcher.next() == {"sku/here": 4}


async def test_a_slow_watcher_is_told_the_latest_state(
    services: Services, stockroom: Stockroom, clock: MovableClock
) -> None:
    key = StockKey("sku", "here")
    await stockroom.stock(key, 50)
    slow, quick = (watch(services, ANONYMOUS, ["sku"], None) for _ in range(2))
    async with watching(slow) as watcher, watching(quick) as witness:
        assert await watcher.next() == await witness.next() == {"sku/here": 50}
        for _ in range(20):
            await services.stock.record(TILL, [a_report(key, "SELL", 1, clock.now())])
        while await witness.next() != {"sku/here": 30}:
            pass
        assert await watcher.next() == {"sku/here": 30}


async def test_what_was_read_is_not_undone_by_older_news(
    services: Services, stockroom: Stockroom, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stock is sold between the listening and the reading: that news is older than what was read."""
    key = StockKey("sku", "here")
    await stockroom.stock(key, 5)
    read = StockLevelRepository.of_sku

    async def read_late(repository: StockLevelRepository, sku_id: str) -> list[StockLevel]:
        await services.stock.record(TILL, [a_report(key, "SELL", 1, clock.now())])
        levels = await read(repository, sku_id)
        await asyncio.sleep(0.2)  # by now the news has come
        return levels

    monkeypatch.setattr(StockLevelRepository, "of_sku", read_late)
    async with watching(watch(services, ANONYMOUS, ["sku"], None)) as watcher:
        assert await watcher.next() == {"sku/here": 4}
        await services.stock.record(TILL, [a_report(key, "SELL", 1, clock.now())])
        assert await watcher.next() == {"sku/here": 3}


async def test_after_a_gap_all_is_read_again(
    services: Services, stockroom: Stockroom, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = StockKey("sku", "here")
    await stockroom.stock(key, 5)
    async with watching(watch(services, ANONYMOUS, ["sku"], None)) as watcher:
        assert await watcher.next() == {"sku/here": 5}
        with monkeypatch.context() as patch:
            patch.setattr(LiveCollection, "_tell", lambda feed, changed: None)
            await services.stock.record(TILL, [a_report(key, "SELL", 1, clock.now())])
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asyncio.shield(missed := asyncio.ensure_future(watcher.next())), 0.5)
        services.stock_watch._live._tell_of_gap()
        assert await missed == {"sku/here": 4}


@pytest.mark.parametrize(("skus", "stores"), [(0, 0), (21, 0), (1, 101)])
async def test_a_watch_has_bounds(services: Services, skus: int, stores: int) -> None:
    sku_ids, store_ids = ([f"{number}" for number in range(count)] for count in (skus, stores))
    with pytest.raises(StockWatchInvalid):
        await anext(watch(services, ANONYMOUS, sku_ids, store_ids or None))


async def test_100_watchers_share_one_change_stream(
    services: Services, stockroom: Stockroom, clock: MovableClock
) -> None:
    key = StockKey("sku", "here")
    watches = [watch(services, ANONYMOUS, ["sku"], None) for _ in range(100)]
    watchers = [Watcher(watch) for watch in watches]
    await asyncio.gather(*(watcher.next() for watcher in watchers))
    await stockroom.stock(key, 5)
    assert await asyncio.gather(*(watcher.next() for watcher in watchers)) == [{"sku/here": 5}] * 100
    await asyncio.gather(*(watch.aclose() for watch in watches))
    assert services.stock_watch._live._listening == 0


async def test_100_watchers_ask_once_whether_the_product_is_published(
    services: Services, stockroom: Stockroom, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    watches = [watch(services, ANONYMOUS, ["sku"], None) for _ in range(100)]
    watchers = [Watcher(watch) for watch in watches]
    await asyncio.gather(*(watcher.next() for watcher in watchers))
    asked: list[Sequence[str]] = []

    async def products_of_skus(sku_ids: Sequence[str]) -> dict[str, Product]:
        asked.append(sku_ids)
        return await services.catalog.products_of_skus(sku_ids)

    catalog = SimpleNamespace(products_of_skus=products_of_skus)
    monkeypatch.setattr(services.stock_watch._products, "_catalog", catalog)
    for pieces in (5, 7):
        clock.advance(timedelta(seconds=11))  # what was known of the product is old by now
        await stockroom.stock(StockKey("sku", "here"), pieces)
        told = await asyncio.gather(*(watcher.next() for watcher in watchers))
        assert told == [{"sku/here": pieces}] * 100
    assert asked == [["sku"]] * 2
    await asyncio.gather(*(watch.aclose() for watch in watches))


async def test_what_is_not_published_is_told_to_who_keeps_stock(
    services: Services, database: Database, stockroom: Stockroom, clock: MovableClock
) -> None:
    """From the moment of its publication on, others are told too; what is withdrawn is told no more."""
    until = clock.now() + minutes(5)
    hidden = a_product(skus=(a_sku(id="hidden"),), published_from=until)
    await ProductRepository(database).add_many([hidden], session=None)
    key = StockKey("hidden", "here")
    await stockroom.stock(key, 5)
    mine, theirs = (watch(services, actor, ["hidden"], None) for actor in (TILL, ANONYMOUS))
    async with watching(mine) as keeper, watching(theirs) as stranger:
        assert await keeper.next() == {"hidden/here": 5}
        assert await stranger.next() == {}
        await services.stock.record(TILL, [a_report(key, "SELL", 1, clock.now())])
        assert await keeper.next() == {"hidden/here": 4}
        clock.moment = until
        await services.stock.record(TILL, [a_report(key, "SELL", 2, clock.now())])
        while (told := await stranger.next()) != {"hidden/here": 2}:
            assert told == {"hidden/here": 4}  # the first sale, which she is told of only now
        withdrawn = replace(hidden, published_until=until + minutes(1))
        await database.transaction(
            lambda session: ProductRepository(database).replace_many([withdrawn], session)
        )
        clock.advance(minutes(2))
        await services.stock.record(TILL, [a_report(key, "SELL", 1, clock.now())])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(stranger.next(), 1)
