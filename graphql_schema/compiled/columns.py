"""Columns in a plan: fields that are found for many objects at once, after what is around them.

Where a plan comes to such a field of an object, it notes the object down and leaves null in its place of the
answer. It goes on like that through lists, lists in lists, and edges with their nodes, until nothing is left
that can be done without waiting. Then each column's function is called with all objects that were noted for
it, and the values are completed in their order. Nothing but its note is made for an object that waits.

An error where null is forbidden is the error of what is around, up to what may be null. That becomes null at
the end, when all that is waited for beside it is there.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import CoroutineType
from typing import Any, TypeAlias

from graphql import GraphQLError, get_nullable_type, is_non_null_type
from strawberry.exceptions import WrongNumberOfResultsReturned

from graphql_schema.compiled.execution import Execution, Note, Place, Waiting, settle, together
from graphql_schema.compiled.selected import SelectedField

FindAll: TypeAlias = Callable[[Sequence[Any], Place, Execution], Any]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A field of many objects: how their values are found, and how each is completed.

    Values of the `known` classes are completed by `select`, in less time.
    """

    field: SelectedField
    find: FindAll
    complete: Callable[[Any, Place, Execution], Any]
    known: set[type]
    select: Callable[[Any, Place, Execution], Any]

    async def values(self, notes: Sequence[Note], execution: Execution) -> Sequence[Any]:
        """The values for these objects, in their order; an exception for each that has none."""
        sources = [source for source, _, _ in notes]
        try:
            values = list(await self.find(sources, self.place(notes[0][1]), execution))
            if len(values) != len(notes):
                raise WrongNumberOfResultsReturned(expected=len(notes), received=len(values))
        except Exception as error:
            return [error] * len(notes)
        return values

    def place(self, around: Place | None) -> Place:
        """Where the field stands in the object at that place."""
        return around, self.field.key, self.field.parent.name


def filled(part: Any, place: Place | None, execution: Execution) -> Waiting:
    """The part of the answer that stands at this place, when the columns noted on the way are filled."""
    return _Filling(place, execution).whole(part, _noted(execution))


@dataclass(frozen=True, slots=True)
class _Filling:
    """Fills the columns of one part of the answer; some of it may have to become null."""

    place: Place | None
    execution: Execution
    nulls: list[Place] = field(default_factory=list)

    async def whole(self, part: Any, noted: dict[Column, list[Note]]) -> Any:
        waiting = [self._fill(column, notes) for column, notes in noted.items()]
        if part.__class__ is CoroutineType:
            part, *_ = await together([part, *waiting])
        else:
            await _all(waiting)
        for place in self.nulls:
            self._put_null(part, place)
        return part

    async def _fill(self, column: Column, notes: list[Note]) -> None:
        execution, key = self.execution, column.field.key
        complete, known, select = column.complete, column.known, column.select
        values = await column.values(notes, execution)
        waiting: list[Waiting] = []
        try:
            for (_, around, answer), value in zip(notes, values, strict=True):
                place = column.place(around)
                try:
                    found = (select if value.__class__ in known else complete)(value, place, execution)
                    if found.__class__ is CoroutineType:
                        waiting.append(self._fill_later(answer, found, place, column))
                    else:
                        answer[key] = found
                except Exception as error:
                    self._fail(error, place, column)
        except Exception:
            execution.noted.clear()
            settle(waiting)
            raise
        if execution.noted:
            waiting += [self._fill(inner, notes) for inner, notes in _noted(execution).items()]
        await _all(waiting)

    async def _fill_later(self, answer: Any, found: Waiting, place: Place, column: Column) -> None:
        try:
            answer[column.field.key] = await found
        except Exception as error:
            self._fail(error, place, column)

    def _fail(self, error: Exception, place: Place, column: Column) -> None:
        """Keeps the error and what it makes null. Raises the failure of the whole part."""
        nodes = column.field.nodes
        try:
            self.execution.failed(error, nodes, place, column.field.is_non_null)
        except GraphQLError as located:
            null = self._nearest_null(place, column.field)
            if null is None or null is self.place:
                raise
            self.execution.failed(located, nodes, null, is_non_null=False)
            self.nulls.append(null)

    def _nearest_null(self, place: Place, selected: SelectedField) -> Place | None:
        """The nearest place around that may be null; the whole part's when nothing within it may."""
        around: Place | None = place[0]
        outer = selected.around
        while around is not None and around is not self.place and outer is not None:
            if not _is_non_null(around, outer):
                break
            if around[2] is not None:
                outer = outer.around
            around = around[0]
        return around

    def _put_null(self, part: Any, place: Place) -> None:
        """Puts null where it belongs within the part, unless something around it is null already."""
        keys = []
        around: Place | None = place
        while around is not None and around is not self.place:
            keys.append(around[1])
            around = around[0]
        last, *others = keys
        for key in reversed(others):
            part = part[key]
            if part is None:
                return
        part[last] = None


def _noted(execution: Execution) -> dict[Column, list[Note]]:
    """What was noted since this was asked last."""
    noted, execution.noted = execution.noted, defaultdict(list)
    return noted


async def _all(waiting: Sequence[Waiting]) -> None:
    if len(waiting) == 1:
        await waiting[0]
    elif waiting:
        await together(waiting)


def _is_non_null(place: Place, selected: SelectedField) -> bool:
    """Whether null is forbidden there: where the field stands, or an item of its list, or of one in that."""
    declared: Any = selected.definition.type
    while place[2] is None:
        declared = get_nullable_type(declared).of_type
        place = place[0]
    return is_non_null_type(declared)
