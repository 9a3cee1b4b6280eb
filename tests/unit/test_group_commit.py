"""Group commit: who asks at once is served together, and nobody suffers for another."""

import asyncio
from collections.abc import Sequence

import pytest
from pymongo.errors import AutoReconnect, NetworkTimeout

from app.coupons.errors import CouponHeld
from app.shared.errors import Refusal
from app.shared.mongodb.group_commit import AT_ONCE, GroupCommit


class Work:
    """Answers each number with its double; refuses 13, and cannot do 99."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.error: Exception | None = None

    async def __call__(self, subject: str, numbers: Sequence[int]) -> list[int | Refusal]:
        self.groups.append(list(numbers))
        await asyncio.sleep(0)
        if self.error:
            raise self.error
        if 99 in numbers:
            raise ValueError("cannot be done")
        return [CouponHeld() if number == 13 else 2 * number for number in numbers]


async def ask(groups: GroupCommit[int, int], numbers: Sequence[int]) -> list[int | BaseException]:
    """The answers to all of these, or their errors."""
    return await asyncio.gather(
        *(groups.submit("offer", number) for number in numbers), return_exceptions=True
    )


async def test_who_asks_at_once_is_served_together() -> None:
    work = Work()
    groups: GroupCommit[int, int] = GroupCommit(work)
    answers = await asyncio.gather(*(groups.submit("offer", number) for number in range(100, 300)))
    assert answers == [2 * number for number in range(100, 300)]
    assert len(work.groups) <= 5
    assert max(map(len, work.groups)) == AT_ONCE
    assert await groups.submit("offer", 1) == 2


async def test_a_refusal_is_its_own_callers_alone() -> None:
    groups: GroupCommit[int, int] = GroupCommit(Work())
    answers = await asyncio.gather(
        *(groups.submit("offer", each) for each in (1, 13, 3)), return_exceptions=True
    )
    assert (answers[0], answers[2]) == (2, 6)
    assert isinstance(answers[1], CouponHeld)


async def test_what_cannot_be_done_harms_no_other() -> None:
    groups: GroupCommit[int, int] = GroupCommit(Work())
    answers = await asyncio.gather(
        *(groups.submit("offer", each) for each in (1, 99, 3)), return_exceptions=True
    )
    assert (answers[0], answers[2]) == (2, 6)
    assert isinstance(answers[1], ValueError)


async def test_one_that_cannot_be_done_among_many_is_found_in_a_few_steps() -> None:
    work = Work()
    groups: GroupCommit[int, int] = GroupCommit(work)
    numbers = [*range(100, 163), 99]
    answers = await ask(groups, numbers)
    assert answers[:-1] == [2 * number for number in numbers[:-1]]
    assert isinstance(answers[-1], ValueError)
    assert len(work.groups) <= 14


async def test_when_nobody_answers_all_are_told_at_once() -> None:
    work = Work()
    work.error = AutoReconnect("gone")
    groups: GroupCommit[int, int] = GroupCommit(work)
    answers = await asyncio.gather(
        *(groups.submit("offer", each) for each in (1, 2, 3)), return_exceptions=True
    )
    assert all(isinstance(answer, AutoReconnect) for answer in answers)
    assert len(work.groups) == 1


async def test_a_caller_who_gives_up_leaves_the_others_be() -> None:
    groups: GroupCommit[int, int] = GroupCommit(Work())
    impatient = asyncio.create_task(groups.submit("offer", 1))
    patient = asyncio.create_task(groups.submit("offer", 2))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == 4
    with pytest.raises(asyncio.CancelledError):
        await impatient


async def test_what_ends_the_work_is_told_to_all_who_wait() -> None:
    class Death(BaseException):
        """The end of everything."""

    async def die(subject: str, numbers: Sequence[int]) -> list[int | Refusal]:
        raise Death

    answers = await ask(GroupCommit(die), [1, 2])
    assert [type(answer) for answer in answers] == [Death, Death]


async def test_who_has_waited_too_long_is_told_and_nothing_is_done_later() -> None:
    has_begun, may_go_on = asyncio.Event(), asyncio.Event()
    groups_done: list[list[int]] = []

    async def work(subject: str, numbers: Sequence[int]) -> list[int | Refusal]:
        has_begun.set()
        await may_go_on.wait()
        groups_done.append(list(numbers))
        return list(numbers)

    groups: GroupCommit[int, int] = GroupCommit(work)
    first = asyncio.create_task(groups.submit("offer", 1))
    await has_begun.wait()
    with pytest.raises(NetworkTimeout):
        await groups.submit("offer", 2, patience_seconds=0.01)
    last = asyncio.create_task(groups.submit("offer", 3))
    await asyncio.sleep(0)
    may_go_on.set()
    assert await asyncio.gather(first, last) == [1, 3]
    assert groups_done == [[1], [3]]
