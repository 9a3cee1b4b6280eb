"""Changes as they happen: nothing is missed, nobody is flooded, and accidents leave no gap."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, NetworkTimeout, OperationFailure
from structlog.testing import capture_logs

from app.shared.clock import SystemClock
from app.shared.mongodb import live
from app.shared.mongodb.collection import Collection
from app.shared.mongodb.database import CollectionDefinition, Database
from app.shared.mongodb.documents import STRING, at_least, document
from app.shared.mongodb.live import Listener, LiveCollection
from tests.patience import PATIENCE_SECONDS

THINGS = CollectionDefinition("live_things", validator=document(_id=STRING, topic=STRING, number=at_least(0)))

Feed = LiveCollection[dict[str, Any]]


@pytest.fixture
async def things(database: Database) -> Collection:
    await database.prepare([THINGS])
    collection = database.collection(THINGS)
    await collection.delete_many({})
    return collection


@pytest.fixture
def feed(database: Database) -> Feed:
    return feed_of(database)


def feed_of(database: Database) -> Feed:
    return LiveCollection(database, THINGS, lambda thing: str(thing["topic"]), dict, SystemClock())


async def put(things: Collection, id: str, number: int, topic: str = "a") -> None:
    changed = await things.find_one_and_update({"_id": id}, {"$set": {"number": number}})
    if changed is None:
        await things.insert_one({"_id": id, "topic": topic, "number": number})


async def told(listener: Listener[dict[str, Any]], id: str, number: int) -> None:
    """Waits until the listener was told this number, whatever states it skips."""

    async def hear() -> None:
        while True:
            await listener.wait()
            if any((each["_id"], each["number"]) == (id, number) for each in listener.take()):
                return

    await asyncio.wait_for(hear(), PATIENCE_SECONDS)


async def its_end(feed: Feed) -> None:
    """The change stream's end, a moment after the last listener left."""
    if feed._task is not None:
        await asyncio.wait_for(feed._task, PATIENCE_SECONDS)


async def test_a_change_is_told_to_who_wants_it(feed: Feed, things: Collection) -> None:
    async with feed.listen(["a"]) as one, feed.listen(["a"]) as two, feed.listen(["b"]) as other:
        await put(things, "x", 1)
        await told(one, "x", 1)
        await told(two, "x", 1)
        await put(things, "y", 2, topic="b")
        await told(other, "y", 2)
        assert one.take() == two.take() == other.take() == []


async def test_who_listens_late_or_reads_slowly_gets_the_latest_state_alone(
    feed: Feed, things: Collection
) -> None:
    async with feed.listen(["a"]) as quick, feed.listen(["a"]) as slow:
        for number in range(50):
            await put(things, "x", number)
            await put(things, "y", number)
        await told(quick, "y", 49)
        assert sorted((each["_id"], each["number"]) for each in slow.take()) == [("x", 49), ("y", 49)]


async def test_what_is_not_wanted_takes_no_room(feed: Feed, things: Collection) -> None:
    async with feed.listen(["a"], lambda thing: thing["_id"] == "x") as listener:
        await put(things, "y", 1)
        await put(things, "x", 1)
        await listener.wait(PATIENCE_SECONDS)
        assert [each["_id"] for each in listener.take()] == ["x"]


async def test_who_falls_far_behind_is_to_read_all_again(
    feed: Feed, things: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MAXIMUM_UNTOLD", 3)
    async with feed.listen(["a"]) as slow, feed.listen(["a"]) as quick:
        for number in range(5):
            await put(things, f"{number}", number)
            await told(quick, f"{number}", number)
        assert slow.has_gap
        assert len(slow.take()) <= 3
        assert not slow.has_gap
        await put(things, "x", 1)
        await told(slow, "x", 1)


async def test_all_are_told_the_same_thing_and_moment(feed: Feed, things: Collection) -> None:
    async with feed.listen(["a"]) as one, feed.listen(["a"]) as two:
        await put(things, "x", 1)
        for listener in (one, two):
            await listener.wait(PATIENCE_SECONDS)
        (mine,), (theirs,) = one.take(), two.take()
        assert mine is theirs
        assert one.moment == two.moment


async def test_waiting_ends_when_the_time_is_over(feed: Feed, things: Collection) -> None:
    async with feed.listen(["a"]) as listener:
        await listener.wait(0.01)
        assert listener.take() == []


async def test_the_stream_ends_with_the_last_listener_and_starts_anew(feed: Feed, things: Collection) -> None:
    for number in range(3):
        async with feed.listen(["a"]) as listener:
            await put(things, "x", number)
            await told(listener, "x", number)
        assert not feed._listeners
        await its_end(feed)


class Interrupted:
    """A change stream that breaks off when it is told to."""

    alive = True

    def __init__(self, stream: Any, error: Exception) -> None:
        self._stream = stream
        self._error = error
        self.is_broken = False

    @property
    def resume_token(self) -> Any:
        return self._stream.resume_token

    async def try_next(self) -> Any:
        if self.is_broken:
            raise self._error
        return await self._stream.try_next()


@pytest.mark.parametrize(
    ("error", "has_gap"),
    [(AutoReconnect("the primary stepped down"), False), (OperationFailure("history lost", 286), True)],
)
async def test_an_interrupted_stream_goes_on_without_a_gap_or_says_that_there_is_one(
    feed: Feed,
    things: Collection,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    has_gap: bool,
) -> None:
    """What changes while the stream is down is told by the stream, or the listener is told to read again."""
    watch = Collection.watch
    streams: list[Interrupted] = []
    may_open = asyncio.Event()

    @asynccontextmanager
    async def fragile(collection: Collection, *arguments: Any, **named: Any) -> AsyncIterator[Any]:
        if streams:
            await may_open.wait()
        async with watch(collection, *arguments, **named) as stream:
            if streams:
                yield stream
            else:
                streams.append(Interrupted(stream, error))
                yield streams[0]

    monkeypatch.setattr(Collection, "watch", fragile)
    with capture_logs() as logs:
        async with feed.listen(["a"]) as listener:
            await put(things, "x", 1)
            await told(listener, "x", 1)
            streams[0].is_broken = True
            await put(things, "waker", 0)
            await told(listener, "waker", 0)
            await put(things, "x", 2)
            may_open.set()
            if has_gap:
                await asyncio.wait_for(listener.wait(), PATIENCE_SECONDS)
                assert listener.has_gap
                listener.take()
                assert not listener.has_gap
            else:
                await told(listener, "x", 2)
            await put(things, "x", 3)
            await told(listener, "x", 3)
    assert [each["event"] for each in logs] == ["change_stream_interrupted"]


async def test_a_stream_that_cannot_be_opened_is_told(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    @asynccontextmanager
    async def unreachable(collection: Collection, *arguments: Any, **named: Any) -> AsyncIterator[Any]:
        raise AutoReconnect("nobody there")
        yield

    monkeypatch.setattr(Collection, "watch", unreachable)
    monkeypatch.setattr(live, "OPENING_SECONDS", 0.3)
    with pytest.raises(NetworkTimeout):
        async with feed.listen(["a"]):
            raise AssertionError("it listens to nothing")
    await its_end(feed)
