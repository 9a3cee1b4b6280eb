"""An event's answer, made and written once in a process for all who are to get the same.

It is shared by those who follow the same operation with the same variables in the same language, are told
the same event at the same moment, and may read all that is in it. That it cannot depend on who they are is
decided when the plan is made (`Plan.is_public`), and held by how it is made: in a context in which nobody
asks. Who may read what is noted down on the way, and asked of each before she is given the answer. Whoever is
not admitted to all of it is answered by herself, and so are all when anything in it fails.
"""

import asyncio
import hashlib
from collections import OrderedDict
from contextvars import Context as Variables
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

import orjson

from app.shared.i18n import Language
from graphql_schema.compiled.execution import Execution
from graphql_schema.compiled.plans import Plan
from graphql_schema.context import Context, SharedContext
from graphql_schema.permissions import Guarded
from graphql_schema.readers import Readers

REMEMBERED = 64  # a change is told to all within moments; several may be at the same time

Key: TypeAlias = tuple[str, bytes, Language, datetime]


@dataclass(frozen=True, slots=True)
class Followed:
    """An operation that is followed: the variables as they came, as they are understood, and their hash."""

    plan: Plan
    given: dict[str, Any]
    values: dict[str, Any]
    hash: bytes

    @classmethod
    def of(cls, plan: Plan, given: dict[str, Any], values: dict[str, Any]) -> "Followed":
        text = orjson.dumps(given, option=orjson.OPT_SORT_KEYS)
        return cls(plan, given, values, hashlib.sha256(text).digest())


class SharedExecution(Execution):
    """A run for nobody in particular. Every reader is admitted, and what would have been asked is kept."""

    def __init__(self, followed: Followed, context: SharedContext, event: Any) -> None:
        super().__init__(followed.plan.source, context, followed.given, followed.values, event)
        self.asked: list[tuple[Readers, Any]] = []

    def admits(self, readers: Readers, source: Any) -> bool:
        self.asked.append((readers, source))
        return True

    def require(self, guard: Guarded, source: Any) -> None:
        self.asked.append((guard.readers, source))


@dataclass(frozen=True, slots=True)
class SharedAnswer:
    """The answer to an event as JSON, or None when it is for nobody; and who may read it."""

    event: Any
    made: "asyncio.Task[str | None]"
    asked: list[tuple[Readers, Any]]

    def body_for(self, context: Context) -> str | None:
        """The answer, once it is made, for a caller who may read all of it."""
        if self.made.cancelled() or self.made.exception() is not None:
            return None
        body = self.made.result()
        return body if body is not None and self.is_for(context) else None

    def is_for(self, context: Context) -> bool:
        """Whether the caller may read all that is in it."""
        try:
            return all(readers.admits(context, source) for readers, source in self.asked)
        except Exception:  # whoever is answered by herself is told what is wrong
            return False


@dataclass(slots=True)
class SharedAnswers:
    """The newest answers that were made for all."""

    _answers: OrderedDict[Key, list[SharedAnswer]] = field(default_factory=OrderedDict)

    async def find(self, followed: Followed, event: Any, context: Context) -> str | None:
        """The answer to this event, if this caller is to get the same as others; None where she is not."""
        answer = self.begun(followed, event, context)
        if answer is None:
            return None
        # Whoever began it may leave before it is done: the others still wait for it.
        body = answer.made.result() if answer.made.done() else await asyncio.shield(answer.made)
        return body if body is not None and answer.is_for(context) else None

    def begun(self, followed: Followed, event: Any, context: Context) -> SharedAnswer | None:
        """The answer to this event for all, which may not be made yet; None where it cannot be the same."""
        if not followed.plan.is_public:
            return None
        key = (followed.plan.text, followed.hash, context.language, context.now)
        answers = self._answers.get(key)
        if answers is None:
            answers = self._answers[key] = []
            if len(self._answers) > REMEMBERED:
                self._answers.popitem(last=False)
        answer = next((each for each in answers if each.event == event), None)
        if answer is None:
            answer = _begin(followed, event, context)
            answers.append(answer)
        return answer


def _begin(followed: Followed, event: Any, context: Context) -> SharedAnswer:
    shared = SharedContext(context.services, context.now, context.language)
    execution = SharedExecution(followed, shared, event)
    task = asyncio.create_task(_make(followed.plan, execution), context=Variables())
    return SharedAnswer(event, task, execution.asked)


async def _make(plan: Plan, execution: SharedExecution) -> str | None:
    result = await plan.run(execution)
    return None if result.errors else orjson.dumps({"data": result.data}).decode()
