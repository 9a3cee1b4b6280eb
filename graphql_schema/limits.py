"""What a query may ask for, found out in one pass over the document, before it is validated or run.

Each fragment is measured once, however often it is spread, so the pass takes time in proportion to the
document and not to what it expands to. Counts are of the expanded query.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    get_named_type,
    is_list_type,
    is_non_null_type,
    validate,
    visit,
)
from strawberry.extensions import SchemaExtension

from app.shared.paging import MAXIMUM_PAGE_SIZE

MAXIMUM_TOKENS = 4_000
MAXIMUM_DEPTH = 16  # GraphiQL's introspection needs 14
MAXIMUM_ALIASES = 30
MAXIMUM_DIRECTIVES = 30
MAXIMUM_FIELDS = 400
MAXIMUM_COST = 20_000
MUTATION_COST = 100  # a transaction weighs more than a field
ASSUMED_LIST_SIZE = 10  # of a list that is not paged
CACHED_MEASURES = 2_000
LONGEST_NUMBER = 12

NO_INTROSPECTION = GraphQLError(
    "The schema cannot be read by queries here.", extensions={"code": "INTROSPECTION_REFUSED"}
)
TOO_DEEP = GraphQLError("The query is nested too deeply.", extensions={"code": "QUERY_TOO_DEEP"})


@dataclass(frozen=True, slots=True)
class Measure:
    """The size of a selection: how deep it goes, how much it names, and what it costs to answer."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    fields: int = 0
    cost: int = 0

    def beside(self, other: "Measure") -> "Measure":
        return Measure(
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.directives + other.directives,
            self.fields + other.fields,
            self.cost + other.cost,
        )


class Measurer:
    """Measures one operation of a document, with the whole numbers among its variables."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, int],
    ) -> None:
        self._schema = schema
        self._operation = operation
        self._variables = {**_default_numbers(operation), **variables}
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._measured: dict[str, Measure] = {}
        self._under_way: set[str] = set()

    def measure(self) -> Measure:
        """Raises GraphQLError where a fragment contains itself."""
        root = self._schema.get_root_type(self._operation.operation)
        measure = self._selections(self._operation.selection_set, root)
        return measure.beside(Measure(directives=len(self._operation.directives or ())))

    def _selections(self, selection_set: SelectionSetNode | None, parent: GraphQLNamedType | None) -> Measure:
        total = Measure()
        for selection in selection_set.selections if selection_set else ():
            if isinstance(selection, FieldNode):
                found = self._field(selection, parent)
            elif isinstance(selection, FragmentSpreadNode):
                found = self._fragment(selection.name.value)
            else:
                condition = selection.type_condition  # type: ignore[attr-defined]
                on = self._schema.get_type(condition.name.value) if condition else parent
                found = self._selections(selection.selection_set, on)  # type: ignore[attr-defined]
            total = total.beside(found).beside(Measure(directives=len(selection.directives or ())))
        return total

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Measure:
        field = _field_of(parent, node.name.value)
        inside = self._selections(node.selection_set, get_named_type(field.type) if field else None)
        return Measure(
            depth=inside.depth + 1,
            aliases=inside.aliases + (node.alias is not None),
            directives=inside.directives,
            fields=inside.fields + 1,
            cost=(MUTATION_COST if parent is self._schema.mutation_type else 1)
            + inside.cost * self._list_size(node, field, parent),
        )

    def _fragment(self, name: str) -> Measure:
        if name in self._under_way:
            raise GraphQLError(f"The fragment {name} contains itself.")
        if name not in self._measured and name in self._fragments:
            fragment = self._fragments[name]
            self._under_way.add(name)
            on = self._schema.get_type(fragment.type_condition.name.value)
            own = Measure(directives=len(fragment.directives or ()))
            self._measured[name] = self._selections(fragment.selection_set, on).beside(own)
            self._under_way.discard(name)
        return self._measured.get(name, Measure())

    def _list_size(self, node: FieldNode, field: GraphQLField | None, parent: GraphQLNamedType | None) -> int:
        """How many items the field may give: literal, variable and default count the same.

        A page's size is counted where the page is asked for, not again at the lists in it.
        """
        if field is None or (parent is not None and parent.name.endswith("Connection")):
            return 1
        if "first" not in field.args:
            return ASSUMED_LIST_SIZE if _is_list(field.type) else 1
        given = next((each.value for each in node.arguments or () if each.name.value == "first"), None)
        size: Any = field.args["first"].default_value
        if isinstance(given, IntValueNode):
            size = _number(given)
        elif isinstance(given, VariableNode):
            size = self._variables.get(given.name.value, size)
        return min(max(size, 1), MAXIMUM_PAGE_SIZE) if isinstance(size, int) else MAXIMUM_PAGE_SIZE


class LimitedDocuments(SchemaExtension):
    """Refuses what passes a limit, and validates the rest; both are remembered for each document."""

    def on_operation(self) -> Iterator[None]:
        self.execution_context.parse_options["max_tokens"] = MAXIMUM_TOKENS
        yield

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        schema: GraphQLSchema = context.schema._schema
        document = context.graphql_document
        assert document is not None  # noqa: S101  the document was parsed before
        numbers = tuple(
            sorted((name, value) for name, value in (context.variables or {}).items() if type(value) is int)
        )
        errors = _limit_errors(schema, document, context.operation_name, numbers)
        if not errors and not context.context.may_introspect and _introspects(document):
            errors = (NO_INTROSPECTION,)
        context.pre_execution_errors = list(errors or _validation_errors(schema, document))
        yield


@lru_cache(maxsize=CACHED_MEASURES)
def _limit_errors(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None,
    numbers: tuple[tuple[str, int], ...],
) -> tuple[GraphQLError, ...]:
    try:
        return tuple(
            error
            for operation in document.definitions
            if isinstance(operation, OperationDefinitionNode)
            and operation_name in (None, operation.name.value if operation.name else None)
            for error in _passed_limits(Measurer(schema, document, operation, dict(numbers)).measure())
        )
    except GraphQLError as error:
        return (error,)
    except RecursionError:
        return (TOO_DEEP,)


@lru_cache(maxsize=CACHED_MEASURES)
def _introspects(document: DocumentNode) -> bool:
    """Whether the document reads the schema, in any of its parts."""
    found: list[str] = []

    class Finder(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            if node.name.value in {"__schema", "__type"}:
                found.append(node.name.value)

    visit(document, Finder())
    return bool(found)


@lru_cache(maxsize=CACHED_MEASURES)
def _validation_errors(schema: GraphQLSchema, document: DocumentNode) -> tuple[GraphQLError, ...]:
    try:
        return tuple(validate(schema, document))
    except RecursionError:
        return (TOO_DEEP,)


def _passed_limits(measure: Measure) -> Iterator[GraphQLError]:
    limits = {
        "QUERY_TOO_DEEP": ("levels", measure.depth, MAXIMUM_DEPTH),
        "TOO_MANY_ALIASES": ("aliases", measure.aliases, MAXIMUM_ALIASES),
        "TOO_MANY_DIRECTIVES": ("directives", measure.directives, MAXIMUM_DIRECTIVES),
        "TOO_MANY_FIELDS": ("fields", measure.fields, MAXIMUM_FIELDS),
        "QUERY_TOO_COSTLY": ("cost", measure.cost, MAXIMUM_COST),
    }
    for code, (what, size, limit) in limits.items():
        if size > limit:
            shown = size if size < 10 * limit else f"over {10 * limit}"
            yield GraphQLError(
                f"The query has {what}: {shown}; the limit is {limit}.", extensions={"code": code}
            )


def _default_numbers(operation: OperationDefinitionNode) -> dict[str, int]:
    return {
        each.variable.name.value: _number(each.default_value)
        for each in operation.variable_definitions or ()
        if isinstance(each.default_value, IntValueNode)
    }


def _number(node: IntValueNode) -> int:
    """The number, or what stands for any that no field takes: very long ones cannot even be read."""
    return int(node.value) if len(node.value) <= LONGEST_NUMBER else 10**LONGEST_NUMBER


def _field_of(parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
    if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        field: GraphQLField | None = parent.fields.get(name)
        return field
    return None


def _is_list(field_type: Any) -> bool:
    return is_list_type(field_type.of_type if is_non_null_type(field_type) else field_type)
