"""Steps: how one field of an object is read and what becomes of it.

A step never fails where null is allowed: it gives null, and the execution keeps the error.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import CoroutineType
from typing import Any, TypeAlias, cast

from graphql_schema.compiled.columns import Column, filled
from graphql_schema.compiled.completion import Completion
from graphql_schema.compiled.execution import Execution, Place, Waiting, is_awaitable
from graphql_schema.compiled.resolvers import Find, Finder, Quick, guarded
from graphql_schema.compiled.selected import SelectedField

Step: TypeAlias = Callable[[Any, Place | None, Execution], Any]


@dataclass(frozen=True, slots=True)
class CompiledField:
    """A selected field, how its value is found, and how that is completed; or the column that it is."""

    field: SelectedField
    finder: Finder
    completion: Completion
    column: Column | None = None

    def step(self, is_guarded: bool) -> Step:
        """The step; one that is guarded asks first who may read the field."""
        find = _with_place(cast(Quick, self.finder.find)) if self.finder.is_quick else self.finder.find
        guard = self.finder.guard if is_guarded else None
        return self._step(guarded(cast(Find, find), guard) if guard else cast(Find, find))

    def rest(self) -> Step:
        """What becomes of a value that was found and is none of the usual ones. It may fail."""
        later, answer_later = self.waiting()
        key, type_name, complete = self.field.key, self.field.parent.name, self.completion.complete

        def rest(value: Any, around: Place | None, execution: Execution) -> Any:
            place = (around, key, type_name)
            if is_awaitable(value):
                return later(value, place, execution)
            answer = complete(value, place, execution)
            return answer_later(answer, place, execution) if answer.__class__ is CoroutineType else answer

        return rest

    def waiting(self) -> tuple[Callable[..., Waiting], Callable[..., Waiting]]:
        """What waits for the field's value, and what waits for its part of the answer."""
        complete, nodes, is_non_null = self.completion.complete, self.field.nodes, self.field.is_non_null

        async def later(value: Awaitable[Any], place: Place, execution: Execution) -> Any:
            try:
                answer = complete(await value, place, execution)
                if execution.noted:
                    answer = filled(answer, place, execution)
                return await answer if answer.__class__ is CoroutineType else answer
            except Exception as error:
                execution.noted.clear()
                return execution.failed(error, nodes, place, is_non_null)

        async def answer_later(answer: Waiting, place: Place, execution: Execution) -> Any:
            try:
                return await answer
            except Exception as error:
                return execution.failed(error, nodes, place, is_non_null)

        return later, answer_later

    def _step(self, find: Find) -> Step:
        key, type_name, complete = self.field.key, self.field.parent.name, self.completion.complete
        nodes, is_non_null = self.field.nodes, self.field.is_non_null
        later, answer_later = self.waiting()

        def step(source: Any, around: Place | None, execution: Execution) -> Any:
            place = (around, key, type_name)
            try:
                value = find(source, place, execution)
                if is_awaitable(value):
                    return later(value, place, execution)
                answer = complete(value, place, execution)
                return answer_later(answer, place, execution) if answer.__class__ is CoroutineType else answer
            except Exception as error:
                return execution.failed(error, nodes, place, is_non_null)

        return step


def _with_place(quick: Quick) -> Find:
    def find(source: Any, place: Place, execution: Execution) -> Any:
        return quick(source)

    return find
