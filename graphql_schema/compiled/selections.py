"""Selections: what is read of an object, one step for each key of the answer, in the order of the document.

A step never fails where null is allowed: it gives null, and the execution keeps the error.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import CoroutineType
from typing import Any, TypeAlias, cast

from graphql import (
    FragmentDefinitionNode,
    GraphQLAbstractType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    OperationDefinitionNode,
    is_leaf_type,
)
from graphql.execution.collect_fields import (
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues
from strawberry.schema.schema_converter import GraphQLCoreConverter

from graphql_schema.compiled import completion
from graphql_schema.compiled.completion import Complete
from graphql_schema.compiled.execution import (
    NEVER_AWAITABLE,
    Execution,
    Place,
    Source,
    Waiting,
    all_of,
    is_awaitable,
    settle,
)
from graphql_schema.compiled.leaves import Nothing, class_written_as_it_is, serializer_of
from graphql_schema.compiled.resolvers import Find, Quick, Resolvers, guarded
from graphql_schema.compiled.selected import NotUnderstood, SelectedField
from graphql_schema.permissions import Guarded
from graphql_schema.readers import Readers

Step: TypeAlias = Callable[[Any, Place | None, Execution], Any]
Steps: TypeAlias = Sequence[tuple[str, Step]]


class Selections:
    """Compiles the selections of one operation, with @skip and @include decided by the switches."""

    def __init__(
        self, source: Source, operation: OperationDefinitionNode, switches: Mapping[str, bool]
    ) -> None:
        self._schema = source.schema._schema
        self._operation = operation
        self._fragments = {
            each.name.value: FragmentDetails(each)
            for each in source.document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        self._switches = VariableValues({}, dict(switches))
        self._resolvers = Resolvers(source.schema)

    @property
    def are_public(self) -> bool:
        """Whether nothing that was compiled so far can tell who asks; guards ask by themselves."""
        return self._resolvers.are_public

    def root(self) -> list[SelectedField]:
        """What is selected of the root."""
        root = self._schema.get_root_type(self._operation.operation)
        if root is None:
            raise NotUnderstood(f"there are no operations of the kind {self._operation.operation.value}")
        collected = collect_fields(self._schema, self._fragments, self._switches, root, self._operation)
        return self._selected(root, collected.grouped_field_set)

    def select(self, fields: Sequence[SelectedField]) -> Complete:
        """Reads these fields of an object, those that have to be waited for at the same time.

        Where all that is guarded has the same readers, the object is asked about once.
        """
        compiled = [self._compiled(each) for each in fields]
        for_anybody = _together([(each.field.key, each.guarded_step()) for each in compiled])
        readers = {each.guard.readers for each in compiled if each.guard is not None}
        if len(readers) != 1:
            return for_anybody
        return _for_readers(
            readers.pop(), _together([(each.field.key, each.step()) for each in compiled]), for_anybody
        )

    def select_in_turn(self, fields: Sequence[SelectedField]) -> Complete:
        """Reads these fields one after the other: a mutation's."""
        steps = [(each.key, self._compiled(each).guarded_step()) for each in fields]

        async def select(source: Any, place: Place, execution: Execution) -> dict[str, Any]:
            answer = {}
            for key, step in steps:
                found = step(source, place, execution)
                answer[key] = await found if found.__class__ is CoroutineType else found
            return answer

        return select

    def _selected(self, parent: GraphQLObjectType, grouped: GroupedFieldSet) -> list[SelectedField]:
        selected = []
        for key, details in grouped.items():
            definition = self._schema.get_field(parent, details[0].node.name.value)
            if definition is None:
                raise NotUnderstood(f"{parent.name} has no field {details[0].node.name.value}")
            selected.append(SelectedField(key, parent, definition, list(details)))
        return selected

    def _compiled(self, field: SelectedField) -> "CompiledField":
        find, is_quick, guard = self._resolvers.finder(field)
        declared = field.definition.type
        complete = self._complete(declared, field)
        inner = declared.of_type if isinstance(declared, GraphQLNonNull) else declared
        plain = class_written_as_it_is(inner) if is_leaf_type(inner) else Nothing
        return CompiledField(field, find, is_quick, guard, complete, plain)

    def _complete(self, declared: GraphQLOutputType, field: SelectedField) -> Complete:
        """How a value of this type is completed. Raises NotUnderstood."""
        missing = None
        if isinstance(declared, GraphQLNonNull):
            declared = declared.of_type
            missing = f"Cannot return null for non-nullable field {field.name}."
        if is_leaf_type(declared):
            return completion.leaf(class_written_as_it_is(declared), serializer_of(declared), missing)
        if isinstance(declared, GraphQLList):
            item: Any = declared.of_type
            is_item_non_null = isinstance(item, GraphQLNonNull)
            return completion.list_of(self._complete(item, field), is_item_non_null, field, missing)
        if isinstance(declared, GraphQLObjectType):
            return completion.object_of(declared, field, self._subselect(declared, field), missing)
        return self._complete_abstract(cast(GraphQLAbstractType, declared), field, missing)

    def _complete_abstract(
        self, declared: GraphQLAbstractType, field: SelectedField, missing: str | None
    ) -> Complete:
        definition: Any = declared.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        if isinstance(declared, GraphQLInterfaceType) and getattr(definition, "resolve_type", None):
            raise NotUnderstood(f"{declared.name} finds the types of its objects in a way of its own")
        self._resolvers.are_public = False  # how the types of objects are found is not known
        kinds = self._schema.get_possible_types(declared)
        selects = {kind.name: self._subselect(kind, field) for kind in kinds}
        return completion.one_of(declared, field, selects, missing)

    def _subselect(self, kind: GraphQLObjectType, field: SelectedField) -> Complete:
        definition: Any = kind.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        if getattr(definition, "is_type_of", None):
            raise NotUnderstood(f"{kind.name} recognises its objects in a way of its own")
        collected = collect_subfields(
            self._schema, self._fragments, self._switches, self._operation, kind, field.details
        )
        return self.select(self._selected(kind, collected.grouped_field_set))


@dataclass(frozen=True, slots=True)
class CompiledField:
    """A selected field, how its value is found, and how that is completed.

    A quick finder wants nothing but the source. A value of the plain class is written as it is.
    """

    field: SelectedField
    find: Find | Quick
    is_quick: bool
    guard: Guarded | None
    complete: Complete
    plain: type

    def guarded_step(self) -> Step:
        """The step that asks who may read the field."""
        if self.guard is None:
            return self.step()
        find = cast(Find, self.find)
        if self.is_quick:
            quick = cast(Quick, self.find)

            def find(source: Any, place: Place, execution: Execution) -> Any:
                return quick(source)

        return _step(self, guarded(find, self.guard))

    def step(self) -> Step:
        """The step for those who may read the field."""
        return _quick_step(self) if self.is_quick else _step(self, cast(Find, self.find))


def _quick_step(compiled: CompiledField) -> Step:
    field, complete, plain = compiled.field, compiled.complete, compiled.plain
    find = cast(Quick, compiled.find)
    key, type_name, nodes, is_non_null = field.key, field.parent.name, field.nodes, field.is_non_null
    later, answer_later = _waiting(compiled)

    def step(source: Any, around: Place | None, execution: Execution) -> Any:
        try:
            value = find(source)
            if value.__class__ is plain:
                return value
            place = (around, key, type_name)
            if value.__class__ not in NEVER_AWAITABLE and is_awaitable(value):
                return later(value, place, execution)
            answer = complete(value, place, execution)
            return answer_later(answer, place, execution) if answer.__class__ is CoroutineType else answer
        except Exception as error:
            return execution.failed(error, nodes, (around, key, type_name), is_non_null)

    return step


def _step(compiled: CompiledField, find: Find) -> Step:
    field, complete = compiled.field, compiled.complete
    key, type_name, nodes, is_non_null = field.key, field.parent.name, field.nodes, field.is_non_null
    later, answer_later = _waiting(compiled)

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


def _waiting(compiled: CompiledField) -> tuple[Callable[..., Waiting], Callable[..., Waiting]]:
    """What waits for the field's value, and what waits for its part of the answer."""
    complete, nodes, is_non_null = compiled.complete, compiled.field.nodes, compiled.field.is_non_null

    async def later(value: Awaitable[Any], place: Place, execution: Execution) -> Any:
        try:
            answer = complete(await value, place, execution)
            return await answer if answer.__class__ is CoroutineType else answer
        except Exception as error:
            return execution.failed(error, nodes, place, is_non_null)

    async def answer_later(answer: Waiting, place: Place, execution: Execution) -> Any:
        try:
            return await answer
        except Exception as error:
            return execution.failed(error, nodes, place, is_non_null)

    return later, answer_later


def _together(steps: Steps) -> Complete:
    """Takes the steps in their order, and waits for all that have to be waited for at the same time."""

    def select(source: Any, place: Place, execution: Execution) -> Any:
        answer: dict[str, Any] = {}
        waiting: list[str] = []
        try:
            for key, step in steps:
                found = answer[key] = step(source, place, execution)
                if found.__class__ is CoroutineType:
                    waiting.append(key)
        except Exception:
            settle([answer[key] for key in waiting])
            raise
        return all_of(answer, waiting) if waiting else answer

    return select


def _for_readers(readers: Readers, for_readers: Complete, for_anybody: Complete) -> Complete:
    """Asks once whether the caller is a reader; where not, each field does."""

    def select(source: Any, place: Place, execution: Execution) -> Any:
        try:
            admitted = execution.admits(readers, source)
        except Exception:  # each field fails by itself
            admitted = False
        return (for_readers if admitted else for_anybody)(source, place, execution)

    return select
