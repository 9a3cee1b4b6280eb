"""What one request reads by keys is read once, and together."""

import asyncio

import pytest

from graphql_schema.read_once import ReadOnce


class Reader:
    """Gives each key in capitals, except what is broken; and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.begun = asyncio.Event()

    async def read(self, keys: list[str]) -> list[str | Exception]:
        self.asked.append(keys)
        self.begun.set()
        await asyncio.sleep(0)
        if "down" in keys:
            raise ConnectionError
        return [KeyError(key) if key == "broken" else key.upper() for key in keys]


@pytest.fixture
def reader() -> Reader:
    return Reader()


async def test_what_is_wanted_at_the_same_moment_is_read_together(reader: Reader) -> None:
    reads = ReadOnce(reader.read)
    found = await asyncio.gather(reads.find(["a", "b", "a"]), reads.find(["b", "c"]), reads.find([]))
    assert found == [["A", "B", "A"], ["B", "C"], []]
    assert reader.asked == [["a", "b", "c"]]


async def test_nothing_is_read_twice(reader: Reader) -> None:
    reads = ReadOnce(reader.read)
    reads.know("known", "something")
    assert await reads.find(["a", "known"]) == ["A", "something"]
    assert await reads.find(["b", "a"]) == ["B", "A"]
    assert reader.asked == [["a"], ["b"]]


async def test_what_is_being_read_already_is_waited_for(reader: Reader) -> None:
    reads = ReadOnce(reader.read)
    first = asyncio.create_task(reads.find(["a"]))
    await reader.begun.wait()
    assert await reads.find(["a", "b"]) == ["A", "B"]
    assert await first == ["A"]
    assert reader.asked == [["a"], ["b"]]


async def test_one_key_may_fail_alone(reader: Reader) -> None:
    good, bad = await ReadOnce(reader.read).find(["a", "broken"])
    assert good == "A"
    assert isinstance(bad, KeyError)


async def test_a_failed_read_is_the_error_of_each_of_its_keys(reader: Reader) -> None:
    reads = ReadOnce(reader.read, keys_at_once=2)
    found = await reads.find(["a", "down", "b"])
    assert [type(each) for each in found] == [ConnectionError, ConnectionError, str]
    assert reader.asked == [["a", "down"], ["b"]]


async def test_who_leaves_takes_nothing_from_the_others(reader: Reader) -> None:
    reads = ReadOnce(reader.read)
    leaving, staying = asyncio.create_task(reads.find(["a"])), asyncio.create_task(reads.find(["a", "b"]))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == ["A", "B"]
    assert reader.asked == [["a", "b"]]
