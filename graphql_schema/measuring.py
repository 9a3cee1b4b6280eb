"""How large a query is, found out in one pass over its document.

Each fragment is measured once, however often it is spread, so the pass takes time in proportion to the
document and not to what it expands to. Counts are of the query written out in full.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
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
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_list_type,
    is_non_null_type,
)

from app.shared.paging import MAXIMUM_PAGE_SIZE

MUTATION_COST = 100  # a transaction weighs more than a field
SEARCH_COST = 100  # and so does a search
SEARCHES = {
    *(
        "Query.products",
        "Query.suggest",
        "Query.recommendations",
        "ProductConnection.facets",
        "ProductConnection.alternatives",
    ),
    *("StoreAvailabilityConnection.elsewhere", "StoreAvailabilityConnection.otherSkus"),
}
ASSUMED_LIST_SIZE = 10  # of a list that is not paged
LONGEST_NUMBER = 12
PAGE_LISTS = {"edges", "nodes"}  # the lists of a connection that have as many items as its page


@dataclass(frozen=True, slots=True)
class Measure:
    """The size of a selection: how deep it goes, how much it names, and what it costs to answer.

    `fields` counts fields, inline fragments and spreads; `values` what stands in lists and input objects.
    `page_cost` is what each item of the page around it costs: the page knows how many there are.
    """

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    fields: int = 0
    values: int = 0
    cost: int = 0
    page_cost: int = 0

    def beside(self, other: "Measure") -> "Measure":
        sums = {each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)}
        return Measure(**{**sums, "depth": max(self.depth, other.depth)})


class Measurer:
    """Measures a document, given the page sizes among its variables."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, sizes: Mapping[str, int]) -> None:
        self._schema = schema
        self._operations = [
            each for each in document.definitions if isinstance(each, OperationDefinitionNode)
        ]
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._sizes = {**self._default_sizes(), **sizes}
        self._measured: dict[str, Measure] = {}
        self._under_way: set[str] = set()

    def measure(self) -> Measure:
        """All operations, and the fragments that none of them spreads: they too are validated.

        Raises GraphQLError where a fragment contains itself.
        """
        total = Measure()
        for operation in self._operations:
            root = self._schema.get_root_type(operation.operation)
            total = total.beside(self._selections(operation.selection_set, root)).beside(_marks_of(operation))
            for variable in operation.variable_definitions or ():
                total = total.beside(Measure(values=_values_in(variable.default_value)))
        for name in self._fragments.keys() - self._measured.keys():
            total = total.beside(self._fragment(name))
        return total

    def _selections(self, selection_set: SelectionSetNode | None, parent: GraphQLNamedType | None) -> Measure:
        total = Measure()
        for selection in selection_set.selections if selection_set else ():
            if isinstance(selection, FieldNode):
                found = self._field(selection, parent)
            elif isinstance(selection, FragmentSpreadNode):
                found = self._fragment(selection.name.value).beside(Measure(fields=1))
            else:
                found = self._inline_fragment(selection, parent).beside(Measure(fields=1))
            total = total.beside(found).beside(_marks_of(selection))
        return total

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Measure:
        field = _field_of(parent, node.name.value)
        inside = self._selections(node.selection_set, get_named_type(field.type) if field else None)
        cost, page_cost = self._costs(node, field, parent, inside)
        return Measure(
            depth=inside.depth + 1,
            aliases=inside.aliases + (node.alias is not None),
            directives=inside.directives,
            fields=inside.fields + 1,
            values=inside.values + sum(_values_in(each.value) for each in node.arguments or ()),
            cost=cost,
            page_cost=page_cost,
        )

    def _costs(
        self,
        node: FieldNode,
        field: GraphQLField | None,
        parent: GraphQLNamedType | None,
        inside: Measure,
    ) -> tuple[int, int]:
        """What the field costs, and what it costs for each item of the page that it is the list of."""
        if parent is not None and parent.name.endswith("Connection") and node.name.value in PAGE_LISTS:
            return 0, 1 + inside.cost
        own = self._own_cost(node, parent)
        is_list = field is not None and _is_list(field.type)
        if field is not None and "first" in field.args:
            size = self._page_size(node, field)
        else:
            size = ASSUMED_LIST_SIZE if is_list else MAXIMUM_PAGE_SIZE
        return own + inside.page_cost * size + inside.cost * (size if is_list else 1), 0

    def _inline_fragment(self, node: Any, parent: GraphQLNamedType | None) -> Measure:
        condition = node.type_condition
        on = self._schema.get_type(condition.name.value) if condition else parent
        return self._selections(node.selection_set, on)

    def _fragment(self, name: str) -> Measure:
        if name in self._under_way:
            raise GraphQLError(f"The fragment {name} contains itself.")
        if name not in self._measured and name in self._fragments:
            fragment = self._fragments[name]
            self._under_way.add(name)
            on = self._schema.get_type(fragment.type_condition.name.value)
            self._measured[name] = self._selections(fragment.selection_set, on).beside(_marks_of(fragment))
            self._under_way.discard(name)
        return self._measured.get(name, Measure())

    def _own_cost(self, node: FieldNode, parent: GraphQLNamedType | None) -> int:
        if parent is not None and parent is self._schema.mutation_type:
            return MUTATION_COST
        return SEARCH_COST if parent is not None and f"{parent.name}.{node.name.value}" in SEARCHES else 1

    def _page_size(self, node: FieldNode, field: GraphQLField) -> int:
        """How many items the page may have: literal, variable and default count the same."""
        default = field.args["first"].default_value
        given = next((each.value for each in node.arguments or () if each.name.value == "first"), None)
        if isinstance(given, VariableNode):
            return self._sizes.get(given.name.value, page_size(default))
        return page_size(_number(given) if given else default)

    def _default_sizes(self) -> dict[str, int]:
        """The page sizes that variables have when nobody gives them; the largest where operations differ."""
        sizes: dict[str, int] = {}
        for operation in self._operations:
            for each in operation.variable_definitions or ():
                if each.default_value is not None:
                    name = each.variable.name.value
                    sizes[name] = max(sizes.get(name, 1), page_size(_number(each.default_value)))
        return sizes


def page_size(value: object) -> int:
    """How many items this `first` may bring: what is no whole number counts as the most there can be."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return MAXIMUM_PAGE_SIZE
    return min(max(value, 1), MAXIMUM_PAGE_SIZE)


def _number(node: Any) -> int | None:
    """The whole number that stands there; very long ones cannot even be read."""
    is_number = isinstance(node, IntValueNode) and len(node.value) <= LONGEST_NUMBER
    return int(node.value) if is_number else None


def _values_in(node: Any) -> int:
    """How many values stand in lists and input objects, at any depth."""
    if isinstance(node, ListValueNode):
        return sum(1 + _values_in(each) for each in node.values)
    if isinstance(node, ObjectValueNode):
        return sum(1 + _values_in(each.value) for each in node.fields)
    return 0


def _marks_of(node: Any) -> Measure:
    """The directives at this place, and the values in them."""
    directives = node.directives or ()
    values = sum(_values_in(each.value) for directive in directives for each in directive.arguments or ())
    return Measure(directives=len(directives), values=values)


def _field_of(parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
    if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        field: GraphQLField | None = parent.fields.get(name)
        return field
    return None


def _is_list(field_type: Any) -> bool:
    return is_list_type(field_type.of_type if is_non_null_type(field_type) else field_type)
