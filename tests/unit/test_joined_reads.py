"""Reads that many want at the same moment."""

import asyncio

import pytest

from app.shared.mongodb.joined_reads import JoinedReads
from tests.patience import PATIENCE_SECONDS

KEY = "towels"


class Source:
    """Reads that end when they may; each gives its number."""

    def __init__(self) -> None:
        self.begun = 0
        self.may_end = asyncio.Semaphore(0)
        self.under_way = 0
        self.most_under_way = 0

    async def read(self) -> int:
        self.begun += 1
        number = self.begun
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await self.may_end.acquire()
        self.under_way -= 1
        return number


async def until_begun(source: Source, number: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while source.begun < number:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_who_comes_while_it_is_read_is_given_what_is_read_next_and_so_are_all() -> None:
    reads: JoinedReads[int] = JoinedReads()
    source = Source()
    first = [asyncio.create_task(reads.get(KEY, source.read)) for _ in range(3)]
    await until_begun(source, 1)
    later = [asyncio.create_task(reads.get(KEY, source.read)) for _ in range(64)]
    await asyncio.sleep(0)
    source.may_end.release()
    assert await asyncio.gather(*first) == [1, 1, 1]
    await until_begun(source, 2)
    last = asyncio.create_task(reads.get(KEY, source.read))
    await asyncio.sleep(0)
    source.may_end.release()
    assert await asyncio.gather(*later) == [2] * 64
    source.may_end.release()
    assert await last == 3
    assert source.most_under_way == 1


async def test_other_keys_are_read_by_themselves() -> None:
    reads: JoinedReads[int] = JoinedReads()
    source = Source()
    one, other = (asyncio.create_task(reads.get(key, source.read)) for key in ("one", "other"))
    await until_begun(source, 2)
    source.may_end.release()
    source.may_end.release()
    assert sorted(await asyncio.gather(one, other)) == [1, 2]


async def test_who_leaves_takes_nothing_from_the_others() -> None:
    reads: JoinedReads[int] = JoinedReads()
    source = Source()
    leaving, staying = (asyncio.create_task(reads.get(KEY, source.read)) for _ in range(2))
    await until_begun(source, 1)
    leaving.cancel()
    source.may_end.release()
    assert await staying == 1


async def test_what_fails_is_told_to_all_and_the_next_may_succeed() -> None:
    reads: JoinedReads[int] = JoinedReads()
    source = Source()

    async def fail() -> int:
        raise ConnectionError("no primary")

    failed = await asyncio.gather(*(reads.get(KEY, fail) for _ in range(3)), return_exceptions=True)
    assert [str(each) for each in failed] == ["no primary"] * 3
    source.may_end.release()
    assert await reads.get(KEY, source.read) == 1
    with pytest.raises(ConnectionError):
        await reads.get(KEY, fail)
