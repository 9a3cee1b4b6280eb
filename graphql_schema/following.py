"""Following an official operation by its plan: what is told to one caller, event by event."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLError

from graphql_schema.compiled.shared_answers import Followed, SharedAnswer, SharedAnswers
from graphql_schema.compiled.subscribing import Events
from graphql_schema.context import Context
from graphql_schema.errors import error_answers

SLOW_SECONDS = 10.0  # so long a listener may take nothing


class Following:
    """A caller who follows an operation."""

    def __init__(self, followed: Followed, context: Context, answers: SharedAnswers) -> None:
        self._followed = followed
        self.context = context
        self._answers = answers

    async def begin(self) -> AsyncGenerator[str, None]:
        """The answers as JSON, one for each event. Raises CannotFollow."""
        return self.bodies(await self.events())

    async def events(self) -> Events:
        """The events that are to be answered. Raises CannotFollow."""
        followed = self._followed
        try:
            return await followed.plan.events(self.context, followed.given, followed.values)
        except GraphQLError as error:
            raise CannotFollow(self._told([error])) from error

    async def bodies(self, events: Events) -> AsyncGenerator[str, None]:
        """The answers to these events as JSON. What goes wrong is the last of them."""
        try:
            async with aclosing(aiter(events)) as one_by_one:
                async for event in one_by_one:
                    yield await self.body(event)
                    del event  # until the next one comes, which may take hours
        except Exception as error:
            yield self.failure(error)

    async def body(self, event: Any) -> str:
        """The answer to an event as JSON."""
        return await self._answers.find(self._followed, event, self.context) or await self._answered(event)

    def answer_for_all(self, event: Any) -> SharedAnswer | None:
        """The answer to an event that is the same for many; it may be for others, or not be made yet."""
        return self._answers.begun(self._followed, event, self.context)

    def failure(self, error: Exception) -> str:
        """What is told when there are no more events because something went wrong."""
        return self._written(ExecutionResult(None, [GraphQLError(str(error), original_error=error)]))

    async def _answered(self, event: Any) -> str:
        """The answer for this caller alone."""
        followed = self._followed
        return self._written(
            await followed.plan.execute(self.context, followed.given, followed.values, event)
        )

    def _written(self, result: ExecutionResult) -> str:
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [error.formatted for error in self._told(result.errors)]
        return orjson.dumps(answer).decode()

    def _told(self, errors: list[GraphQLError]) -> list[GraphQLError]:
        context = self.context
        return error_answers(errors, context.language, hints=context.may_introspect)


class CannotFollow(Exception):
    """There is nothing to be followed, or not for this caller; `errors` tell why, as she may know it."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(*(error.message for error in errors))
        self.errors = errors
