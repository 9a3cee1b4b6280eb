"""Group commit: what many ask for at once about one thing is done together, in one transaction.

A counter that everybody wants makes their transactions run again and again; one transaction for all who wait
writes it once. What is asked for meanwhile waits for the next one. Other processes meet all of it as one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

from pymongo.errors import NetworkTimeout

from app.shared.errors import Refusal
from app.shared.mongodb.database import is_passing

Request = TypeVar("Request")
Answer = TypeVar("Answer")

AT_ONCE = 64


class GroupCommit(Generic[Request, Answer]):
    """Does requests about one subject in groups. The work answers each with its result or its refusal."""

    def __init__(
        self, work: Callable[[str, Sequence[Request]], Awaitable[Sequence[Answer | Refusal]]]
    ) -> None:
        self._work = work
        self._waiting: dict[str, list[tuple[Request, asyncio.Future[Answer]]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def submit(self, subject: str, request: Request, patience_seconds: float | None = None) -> Answer:
        """The answer to this request. Raises its refusal, or the error of the transaction.

        Raises NetworkTimeout when it has waited for so long, if that is said; what is not under way by then
        is not done any more.
        Not to be called within a transaction: it waits for one of its own.
        """
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if subject in self._waiting:
            self._waiting[subject].append((request, answer))
        else:
            self._waiting[subject] = [(request, answer)]
            # Nothing of the first caller's own context, such as her time limit, is the others'.
            task = asyncio.create_task(self._work_off(subject), context=Context())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            async with asyncio.timeout(patience_seconds):
                return await answer
        except TimeoutError:
            raise NetworkTimeout("no turn in time: too many want the same") from None

    async def _work_off(self, subject: str) -> None:
        try:
            while waiting := self._waiting[subject]:
                self._waiting[subject] = waiting[AT_ONCE:]
                await self._do(subject, waiting[:AT_ONCE])
        finally:
            for _, answer in self._waiting.pop(subject):
                answer.cancel()

    async def _do(self, subject: str, group: Sequence[tuple[Request, asyncio.Future[Answer]]]) -> None:
        group = [(request, answer) for request, answer in group if not answer.done()]
        if not group:
            return
        try:
            results = await self._work(subject, [request for request, _ in group])
        except Exception as error:
            if len(group) > 1 and not is_passing(error):
                half = len(group) // 2  # a request that cannot be done harms no other, and is found soon
                await self._do(subject, group[:half])
                await self._do(subject, group[half:])
                return
            results = [error] * len(group)  # type: ignore[list-item]
        except asyncio.CancelledError:
            for _, answer in group:
                answer.cancel()
            raise
        except BaseException as error:
            for _, answer in group:
                answer.set_exception(error)
            raise
        for (_, answer), result in zip(group, results, strict=True):
            if answer.done():
                continue
            if isinstance(result, Exception):
                answer.set_exception(result)
            else:
                answer.set_result(result)
