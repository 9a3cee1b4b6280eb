"""Selections: what is read of an object, for each key of the answer, in the order of the document."""

from collections.abc import Mapping, Sequence
from types import CoroutineType
from typing import Any, cast

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
from graphql_schema.compiled.columns import Column, filled
from graphql_schema.compiled.completion import Complete, Completion
from graphql_schema.compiled.execution import Execution, Place, Source, all_of
from graphql_schema.compiled.resolvers import Finder, Resolvers
from graphql_schema.compiled.selected import NotUnderstood, SelectedField
from graphql_schema.compiled.steps import CompiledField
from graphql_schema.compiled.writing import SelectFunction


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
        self.functions: list[str] = []  # as text, from the inside to the outside

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
        return self._selected(root, collected.grouped_field_set, None)

    def select(self, fields: Sequence[SelectedField]) -> Complete:
        """Reads these fields of an object, those that have to be waited for at the same time.

        Where all that is guarded has the same readers, the object is asked about once.
        """
        compiled = [self._compiled(each) for each in fields]
        for_anybody = self._written(SelectFunction(compiled))
        readers = {each.finder.guard.readers for each in compiled if each.finder.guard is not None}
        if len(readers) != 1:
            return for_anybody
        return self._written(SelectFunction(compiled, readers.pop(), for_anybody))

    def select_in_turn(self, fields: Sequence[SelectedField]) -> Complete:
        """Reads these fields one after the other: a mutation's."""
        steps = [(each.key, self._compiled(each).step(is_guarded=True)) for each in fields]

        async def select(source: Any, place: Place, execution: Execution) -> dict[str, Any]:
            answer: dict[str, Any] = {}
            for key, step in steps:
                found = answer[key] = step(source, place, execution)
                part: Any = all_of(answer, [key]) if found.__class__ is CoroutineType else answer
                if execution.noted:
                    part = filled(part, place, execution)
                if part is not answer:
                    await part
            return answer

        return select

    def _written(self, function: SelectFunction) -> Complete:
        self.functions.append(function.text)
        return function.made()

    def _selected(
        self, parent: GraphQLObjectType, grouped: GroupedFieldSet, around: SelectedField | None
    ) -> list[SelectedField]:
        selected = []
        for key, details in grouped.items():
            definition = self._schema.get_field(parent, details[0].node.name.value)
            if definition is None:
                raise NotUnderstood(f"{parent.name} has no field {details[0].node.name.value}")
            selected.append(SelectedField(key, parent, definition, list(details), around))
        return selected

    def _compiled(self, field: SelectedField) -> CompiledField:
        finder = self._resolvers.finder(field)
        completion = self._complete(field.definition.type, field)
        return CompiledField(field, finder, completion, _column(field, finder, completion))

    def _complete(self, declared: GraphQLOutputType, field: SelectedField) -> Completion:
        """How a value of this type is completed. Raises NotUnderstood."""
        missing = None
        if isinstance(declared, GraphQLNonNull):
            declared = declared.of_type
            missing = f"Cannot return null for non-nullable field {field.name}."
        if is_leaf_type(declared):
            return completion.leaf(declared, missing)
        if isinstance(declared, GraphQLList):
            item: Any = declared.of_type
            is_item_non_null = isinstance(item, GraphQLNonNull)
            return completion.list_of(self._complete(item, field), is_item_non_null, field, missing)
        if isinstance(declared, GraphQLObjectType):
            return completion.object_of(declared, field, self._subselect(declared, field), missing)
        return self._complete_abstract(cast(GraphQLAbstractType, declared), field, missing)

    def _complete_abstract(
        self, declared: GraphQLAbstractType, field: SelectedField, missing: str | None
    ) -> Completion:
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
        return self.select(self._selected(kind, collected.grouped_field_set, field))


def _column(field: SelectedField, finder: Finder, completion: Completion) -> Column | None:
    if finder.find_all is None:
        return None
    complete = completion.complete
    return Column(field, finder.find_all, complete, completion.known, completion.select or complete)
