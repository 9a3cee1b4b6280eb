"""Those who watch the same stock are all told the same, and none of them is in another's way."""

from collections.abc import Sequence
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from app.auth.actor import ANONYMOUS
from app.inventory.level_repository import StockLevelRepository
from app.inventory.model import StockKey
from app.inventory.rules import available
from app.inventory.shared_watch import StockWatcher, ToldLevels
from app.services import Services
from app.shared.mongodb.database import Database
from tests.api.live import until
from tests.arrangements import add_skus, add_stores
from tests.conftest import MovableClock
from tests.examples import a_store
from tests.integration.stockroom import TILL, Stockroom

KEY = StockKey("sku", "here")


@pytest.fixture
async def stockroom(services: Services, database: Database, clock: MovableClock) -> Stockroom:
    await add_stores(database, a_store(id="here"), a_store(id="there"))
    await add_skus(database, "sku")
    stockroom = Stockroom(services, clock)
    await stockroom.stock(KEY, 5)
    return stockroom


def pieces(told: ToldLevels | None) -> dict[str, int] | None:
    return told and {level.key.text: available(level, told.moment) for level in told.what}


async def watchers(services: Services, number: int) -> Sequence[StockWatcher]:
    """These watchers, with the first news behind them."""
    found = [await services.stock_watch.begin(ANONYMOUS, ["sku"], None) for _ in range(number)]
    assert [pieces(each.take()) for each in found] == [{"sku/here": 5}] * number
    return found


async def test_who_leaves_while_all_are_told_is_told_nothing(
    services: Services, stockroom: Stockroom
) -> None:
    first, leaving, last = await watchers(services, 3)
    first.on_news = leaving.leave
    await stockroom.hold((KEY, 2))
    told: list[ToldLevels | None] = []
    last.on_news = lambda: told.append(last.take())
    if (news := last.take()) is not None:  # it may have come before
        told.append(news)
    await until(lambda: bool(told))
    assert [pieces(each) for each in told] == [{"sku/here": 3}]
    assert pieces(first.take()) == {"sku/here": 3}
    assert leaving.take() is None
    first.leave()
    last.leave()
    assert not services.stock_watch._watches


async def test_what_she_has_not_taken_is_told_as_one(services: Services, stockroom: Stockroom) -> None:
    slow, quick = await watchers(services, 2)
    seen: dict[str, int] = {}
    quick.on_news = lambda: seen.update(pieces(quick.take()) or {})
    there = StockKey("sku", "there")
    for key, number in ((KEY, 1), (there, 7), (KEY, 1)):
        if key is there:
            await stockroom.stock(key, number)
        else:
            await stockroom.hold((key, number))
    await until(lambda: (seen | (pieces(quick.take()) or {})) == {"sku/here": 3, "sku/there": 7})
    assert pieces(slow.take()) == {"sku/here": 3, "sku/there": 7}
    assert slow.take() is None
    for each in (slow, quick):
        each.leave()


async def test_who_comes_has_others_told_what_they_do_not_know_yet(
    services: Services, stockroom: Stockroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the change itself is not heard of: what she read is what all know then."""
    (early,) = await watchers(services, 1)
    monkeypatch.setattr(services.stock_watch._live, "_tell", lambda changed: None)
    await stockroom.hold((KEY, 2))
    late = await services.stock_watch.begin(ANONYMOUS, ["sku"], None)
    assert pieces(late.take()) == pieces(early.take()) == {"sku/here": 3}
    for each in (early, late):
        each.leave()


async def test_strangers_and_keepers_of_stock_do_not_share(services: Services, stockroom: Stockroom) -> None:
    found = [await services.stock_watch.begin(actor, ["sku"], None) for actor in (ANONYMOUS, TILL)]
    assert len(services.stock_watch._watches) == 2
    for each in found:
        each.leave()


async def test_a_watch_that_fails_says_so_to_all_and_another_begins(
    services: Services, stockroom: Stockroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await watchers(services, 3)
    failed: list[StockWatcher] = []
    for each in found:
        each.on_news = lambda watcher=each: failed.append(watcher)  # type: ignore[misc]

    async def broken(*arguments: Any) -> Any:
        raise AutoReconnect("gone")

    with monkeypatch.context() as patch:
        patch.setattr(StockLevelRepository, "of_sku", broken)
        services.stock_watch._live._tell_of_gap()
        await until(lambda: len(failed) == 3)
    for each in found:
        with pytest.raises(AutoReconnect):
            each.take()
        each.leave()
    (anew,) = await watchers(services, 1)
    anew.leave()
    await until(lambda: services.stock_watch._live._listening == 0)
