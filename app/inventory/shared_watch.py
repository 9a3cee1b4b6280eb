"""Stock that is watched: followed and compared once for all who watch the same and are told the same."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable
from contextvars import Context
from datetime import UTC, datetime
from typing import TypeAlias

from app.inventory.model import StockKey, StockLevel
from app.inventory.rules import available
from app.inventory.visibility import WatchedProducts
from app.shared.clock import Clock
from app.shared.mongodb.live import Listener, LiveCollection, Told

TICK_SECONDS = 1.0  # a hold that expires is seen so soon, though nothing is written then

Read: TypeAlias = tuple[Collection[StockLevel], datetime]  # levels as they were at a moment
IsShown: TypeAlias = Callable[[StockLevel, datetime], bool]
ToldLevels: TypeAlias = Told[list[StockLevel]]


class StockWatcher:
    """Somebody who watches. What she has not taken yet is kept as one: each level as it is now.

    `on_news` is called whenever there is something to be taken. It must not wait, nor raise.
    """

    __slots__ = ("_error", "_untold", "_watch", "on_news")

    def __init__(self, watch: "SharedWatch") -> None:
        self.on_news: Callable[[], None] = _nobody
        self._watch = watch
        self._untold: ToldLevels | None = None
        self._error: Exception | None = None

    def take(self) -> ToldLevels | None:
        """What she has not been told of yet. Raises what the watch ended with."""
        told, self._untold = self._untold, None
        if told is None and self._error is not None:
            raise self._error
        return told

    async def events(self) -> AsyncGenerator[ToldLevels, None]:
        """All that she is told, until she leaves. Raises what the watch ended with."""
        is_news = asyncio.Event()
        self.on_news = is_news.set
        try:
            while True:
                is_news.clear()
                if told := self.take():
                    yield told
                else:
                    await is_news.wait()
        finally:
            self.leave()

    def leave(self) -> None:
        """From here on she is told nothing."""
        self.on_news = _nobody
        self._untold = None
        self._watch.leave(self)

    def tell(self, told: ToldLevels) -> None:
        if self._untold is not None:
            levels = {level.key: level for level in (*self._untold.what, *told.what)}
            told = Told(sorted(levels.values(), key=_place), told.moment)
        self._untold = told
        self.on_news()

    def fail(self, error: Exception) -> None:
        self._error = error
        self.on_news()


class SharedWatch:
    """The levels of some SKUs, as all who watch them are told.

    It lasts while anybody watches. Whoever comes has the levels read, after she came; if that shows what the
    others do not know yet, they are told, so that all know the same at all times.
    """

    def __init__(
        self,
        live: LiveCollection[StockLevel],
        sku_ids: Collection[str],
        wants: Callable[[StockLevel], bool],
        read: Callable[[], Awaitable[Read]],
        products: WatchedProducts | None,
        clock: Clock,
        ended: Callable[[], None],
    ) -> None:
        """Given the products, it tells of those that are published alone. Once over, it calls `ended`."""
        self._live = live
        self._sku_ids = set(sku_ids)
        self._wants = wants
        self._read = read
        self._products = products
        self._clock = clock
        self._ended = ended
        self._seen = _Seen()
        self._watchers: dict[StockWatcher, None] = {}  # in the order in which they came
        self._coming = 0
        self._listens: asyncio.Future[Listener[StockLevel]] = asyncio.get_running_loop().create_future()
        self._error: Exception | None = None
        self._task: asyncio.Task[None] | None = asyncio.create_task(self._follow(), context=Context())

    async def join(self) -> StockWatcher:
        """One more who watches: she is told of all levels first. Raises NetworkTimeout among others."""
        self._coming += 1
        try:
            await asyncio.wait([self._listens])
            listener = self._listens.result()
            levels, moment = await self._read()
            is_shown = await self._shown()
            if self._error is not None:
                raise self._error
            watcher = StockWatcher(self)
            self._take_in(levels, moment, is_shown)
            watcher.tell(self._seen.all_there_are(is_shown))
            self._watchers[watcher] = None
            listener.wake()  # there may be holds by now whose end is waited for
            return watcher
        finally:
            self._coming -= 1
            self._end_if_alone()

    def leave(self, watcher: StockWatcher) -> None:
        self._watchers.pop(watcher, None)
        self._end_if_alone()

    def _end_if_alone(self) -> None:
        if not self._watchers and not self._coming and self._task is not None:
            self._task.cancel()
            self._end()

    def _end(self) -> None:
        self._task = None
        self._ended()

    async def _follow(self) -> None:
        try:
            async with self._live.listen(self._sku_ids, self._wants) as listener:
                self._listens.set_result(listener)
                while self._task is not None:  # though it was cancelled, `wait_for` may have lost that
                    await self._look(listener)
        except Exception as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self._error = error
        if self._task is not None:
            self._end()
        if not self._listens.done():
            self._listens.set_exception(error)
        for watcher in list(self._watchers):
            watcher.fail(error)

    async def _look(self, listener: Listener[StockLevel]) -> None:
        """Waits for changes, and tells of them."""
        await listener.wait(TICK_SECONDS if self._seen.has_holds else None)
        has_gap = listener.has_gap
        levels: Collection[StockLevel] = listener.take()
        moment = listener.moment if levels else self._clock.now()  # without any, a hold may have ended
        if has_gap:
            levels, moment = await self._read()
        self._take_in(levels, moment, await self._shown())

    async def _shown(self) -> IsShown:
        """Tells which levels are told of: of a product that is not published, those who keep stock alone."""
        if self._products is None:
            return lambda level, moment: True
        known = await self._products.of(self._sku_ids)

        def is_published(level: StockLevel, moment: datetime) -> bool:
            product = known[level.key.sku_id]
            return product is not None and product.is_published(moment)

        return is_published

    def _take_in(self, levels: Iterable[StockLevel], moment: datetime, is_shown: IsShown) -> None:
        """Tells everybody which of these levels are others than were told."""
        changed = self._seen.changed(levels, moment)
        told = Told([each for each in changed if is_shown(each, self._seen.moment)], self._seen.moment)
        if told.what:
            for watcher in list(self._watchers):
                if watcher in self._watchers:  # she may leave while others are told
                    watcher.tell(told)


class _Seen:
    """The levels as they are known, and how many pieces of each were told to be available.

    `moment` is when that was last looked at.
    """

    def __init__(self) -> None:
        self.moment = datetime.min.replace(tzinfo=UTC)
        self._levels: dict[StockKey, StockLevel] = {}
        self._pieces: dict[StockKey, int] = {}
        self._holding: dict[StockKey, StockLevel] = {}
        self._next_end: datetime | None = None  # no hold ends before
        self._all: ToldLevels | None = None

    @property
    def has_holds(self) -> bool:
        """Whether a level may change by a hold's end alone."""
        return bool(self._holding)

    def all_there_are(self, is_shown: IsShown) -> ToldLevels:
        """All levels: the very same as long as they are the same, for who comes together with others."""
        levels = sorted((each for each in self._levels.values() if is_shown(each, self.moment)), key=_place)
        if self._all is None or self._all.moment != self.moment or self._all.what != levels:
            self._all = Told(levels, self.moment)
        return self._all

    def changed(self, levels: Iterable[StockLevel], now: datetime) -> list[StockLevel]:
        """The levels of which more or fewer are available now than was told, these ones being new."""
        self.moment = now = max(now, self.moment)
        touched: dict[StockKey, StockLevel] = {}
        if self._next_end is not None and self._next_end <= now:
            touched |= self._holding
            self._next_end = None
        # What was read when somebody came may be newer than what is then told of a change before it.
        touched |= {level.key: level for level in levels if self._knows_less(level)}
        changed = [level for level in touched.values() if self._is_another(level, now)]
        for level in touched.values():
            self._levels[level.key] = level
            self._keep_holds(level, now)
        return sorted(changed, key=_place)

    def _knows_less(self, level: StockLevel) -> bool:
        known = self._levels.get(level.key)
        return known is None or known.revision < level.revision

    def _is_another(self, level: StockLevel, now: datetime) -> bool:
        """Whether other pieces are available than was told, which is noted as told."""
        pieces = available(level, now)
        known = self._pieces.get(level.key)
        self._pieces[level.key] = pieces
        return known != pieces

    def _keep_holds(self, level: StockLevel, now: datetime) -> None:
        ends = [each.until for each in level.held if now < each.until]
        if not ends:
            self._holding.pop(level.key, None)
            return
        self._holding[level.key] = level
        self._next_end = min(ends if self._next_end is None else [*ends, self._next_end])


def _place(level: StockLevel) -> str:
    return level.key.text


def _nobody() -> None:
    """Is told when nobody waits for news."""
