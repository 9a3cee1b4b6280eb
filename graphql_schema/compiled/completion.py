"""How a value that was found becomes part of the answer, by its type: leaf, list, object or one of several.

Each maker returns a function of the value, its place and the execution. That gives the part of the answer,
or a coroutine that will; or raises what is wrong with the value. `missing` is the text of the error when the
value may not be null.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import CoroutineType
from typing import Any, TypeAlias

from graphql import GraphQLAbstractType, GraphQLError, GraphQLLeafType, GraphQLObjectType, Undefined
from graphql.execution.executor import invalid_return_type_error
from graphql.pyutils import is_iterable
from strawberry.schema.schema_converter import GraphQLCoreConverter

from graphql_schema.compiled.columns import filled
from graphql_schema.compiled.execution import (
    Execution,
    Place,
    Waiting,
    all_of,
    is_awaitable,
    settle,
)
from graphql_schema.compiled.leaves import Usual, serializer_of, usual_of
from graphql_schema.compiled.selected import SelectedField

Complete: TypeAlias = Callable[[Any, Any, Execution], Any]


@dataclass(frozen=True, slots=True)
class Completion:
    """How a value is completed; and how the usual ones are, in less time.

    Those of a leaf are written as `usual` says. An object whose class is `known` is completed by `select`.
    """

    complete: Complete
    usual: Usual | None = None
    known: set[type] = field(default_factory=set)
    select: Complete | None = None


def leaf(kind: GraphQLLeafType, missing: str | None) -> Completion:
    """A scalar or enum."""
    serialize = serializer_of(kind)
    known: set[type] = set()  # whose values are something

    def complete(value: Any, place: Place, execution: Execution) -> Any:
        if value.__class__ not in known:
            if _is_nothing(value, missing):
                return None
            known.add(value.__class__)
        return serialize(value)

    return Completion(complete, usual_of(kind))


def object_of(
    kind: GraphQLObjectType, field: SelectedField, select: Complete, missing: str | None
) -> Completion:
    """An object of one type, of which these fields are selected."""
    known: set[type] = set()

    def complete(value: Any, place: Place, execution: Execution) -> Any:
        if value.__class__ not in known:
            if _is_nothing(value, missing):
                return None
            _require_type(kind, field, value, place, execution)
            if not is_awaitable(value):
                known.add(value.__class__)
        return select(value, place, execution)

    return Completion(complete, known=known, select=select)


def one_of(
    kind: GraphQLAbstractType,
    field: SelectedField,
    selects: Mapping[str, Complete],
    missing: str | None,
) -> Completion:
    """An object of a type that the value tells: its class does, unless the type is made of others."""
    by_class: dict[type, Complete] = {}

    def complete(value: Any, place: Place, execution: Execution) -> Any:
        select = by_class.get(value.__class__)
        if select is None:
            if _is_nothing(value, missing):
                return None
            found = _type_of(kind, field, value, place, execution)
            select = selects[found.name]
            definition: Any = found.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
            if definition is not None and definition.concrete_of is None:
                by_class[value.__class__] = select
        return select(value, place, execution)

    return Completion(complete)


def list_of(
    item_completion: Completion, is_item_non_null: bool, field: SelectedField, missing: str | None
) -> Completion:
    """A list; its items are completed in their order, and waited for together."""
    nodes, complete_item, known = field.nodes, item_completion.complete, item_completion.known
    select_item = item_completion.select or complete_item

    async def item_later(item: Any, place: Place, execution: Execution) -> Any:
        try:
            answer = complete_item(await item, place, execution)
            if execution.noted:
                answer = filled(answer, place, execution)
            return await answer if answer.__class__ is CoroutineType else answer
        except Exception as error:
            execution.noted.clear()
            return execution.failed(error, nodes, place, is_item_non_null)

    async def answer_later(answer: Waiting, place: Place, execution: Execution) -> Any:
        try:
            return await answer
        except Exception as error:
            return execution.failed(error, nodes, place, is_item_non_null)

    def complete(value: Any, place: Place, execution: Execution) -> Any:
        if value.__class__ is not list:
            if _is_nothing(value, missing):
                return None
            if not is_iterable(value):
                raise GraphQLError(f"Expected Iterable, but did not find one for field '{field.name}'.")
        answers: list[Any] = []
        answer: Any
        waiting: list[int] = []
        items = iter(value)
        try:
            for item in items:
                item_place = (place, len(answers), None)
                try:
                    if item.__class__ in known:
                        answer = select_item(item, item_place, execution)
                    elif is_awaitable(item):
                        answer = item_later(item, item_place, execution)
                        waiting.append(len(answers))
                        answers.append(answer)
                        continue
                    else:
                        answer = complete_item(item, item_place, execution)
                    if answer.__class__ is CoroutineType:
                        answer = answer_later(answer, item_place, execution)
                        waiting.append(len(answers))
                except Exception as error:
                    answer = execution.failed(error, nodes, item_place, is_item_non_null)
                answers.append(answer)
        except Exception:
            settle([*(answers[each] for each in waiting), *(item for item in items if is_awaitable(item))])
            raise
        return all_of(answers, waiting) if waiting else answers

    return Completion(complete)


def _is_nothing(value: Any, missing: str | None) -> bool:
    """Whether there is no value. Raises the error that it is, and TypeError where null is forbidden."""
    if isinstance(value, Exception):
        raise value
    if value is not None and value is not Undefined:
        return False
    if missing is not None:
        raise TypeError(missing)
    return True


def _require_type(
    kind: GraphQLObjectType, field: SelectedField, value: Any, place: Place, execution: Execution
) -> None:
    """Raises GraphQLError for a value that the type says is none of its own."""
    if kind.is_type_of is not None and not kind.is_type_of(value, execution.info(field, place)):
        raise invalid_return_type_error(kind, value, field.details)


def _type_of(
    kind: GraphQLAbstractType, field: SelectedField, value: Any, place: Place, execution: Execution
) -> GraphQLObjectType:
    """The type of this value, as graphql-core finds it. Raises GraphQLError."""
    executor, info = execution.executor, execution.info(field, place)
    name = (kind.resolve_type or executor.type_resolver)(value, info, kind)
    found = executor.ensure_valid_runtime_type(name, kind, field.details, info, value)
    _require_type(found, field, value, place, execution)
    return found
