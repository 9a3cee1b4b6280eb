"""Plans: an operation's document, compiled."""

from collections.abc import Mapping
from itertools import product
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    parse,
    visit,
)
from strawberry import Schema

from graphql_schema.compiled.completion import Complete
from graphql_schema.compiled.execution import Execution, Source
from graphql_schema.compiled.selected import NotUnderstood
from graphql_schema.compiled.selections import Selections
from graphql_schema.compiled.variables import Unusual, Variables
from graphql_schema.limits import Sizes, cost_and_errors, given_sizes, page_size_variables

SWITCHING = {"skip", "include"}
REMEMBERED_COSTS = 200  # of each operation, which are there for each combination of page sizes
MAXIMUM_SWITCHES = 4  # there is a plan for each combination of their values


class Plan:
    """An operation ready to run; for each combination of what @skip and @include go by, they are decided."""

    def __init__(self, schema: Schema, document: DocumentNode) -> None:
        """Compiles the one operation of a valid document. Raises NotUnderstood."""
        self.document = document
        self.operation = _only_operation(document)
        self._source = Source(schema, document)
        self._variables = Variables(schema._schema, self.operation)
        self._switches = _switches(document)
        self._size_names = page_size_variables(document)
        self._costs: dict[Sizes, int] = {}
        self._selects = {
            values: self._compile(dict(zip(self._switches, values, strict=True)))
            for values in product((False, True), repeat=len(self._switches))
        }

    @property
    def text(self) -> str:
        """The document as it is sent."""
        location = self.document.loc
        return location.source.body if location else ""

    @property
    def name(self) -> str | None:
        return self.operation.name.value if self.operation.name else None

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The variables as they are understood. Raises Unusual for what graphql-core is to complain about."""
        values = self._variables.read(given)
        if any(values.get(name).__class__ is not bool for name in self._switches):
            raise Unusual
        return values

    def cost(self, given: Mapping[str, Any]) -> int:
        """What the operation costs with these variables. Raises Unusual where that passes a limit."""
        sizes = given_sizes(self._size_names, given)
        cost = self._costs.get(sizes)
        if cost is None:
            cost, errors = cost_and_errors(self._source.schema._schema, self.document, sizes)
            if errors:
                raise Unusual
            if len(self._costs) < REMEMBERED_COSTS:
                self._costs[sizes] = cost
        return cost

    async def execute(
        self, context: Any, given: Mapping[str, Any], values: dict[str, Any], root: Any = None
    ) -> ExecutionResult:
        """Runs the operation, given the variables as they came and as `read` understood them."""
        execution = Execution(self._source, context, dict(given), values, root)
        select = self._selects[tuple([values[name] for name in self._switches])]
        try:
            data = select(root, None, execution)
            return execution.result(data if data.__class__ is dict else await data)
        except GraphQLError as error:
            return execution.failure(error)

    def _compile(self, switches: Mapping[str, bool]) -> Complete:
        selections = Selections(self._source, self.operation, switches)
        fields = selections.root()
        if self.operation.operation is OperationType.MUTATION:
            return selections.select_in_turn(fields)
        return selections.select(fields)


def plan_of(schema: Schema, text: str) -> Plan:
    """The plan of a valid document. Raises NotUnderstood."""
    return Plan(schema, parse(text))


def _only_operation(document: DocumentNode) -> OperationDefinitionNode:
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if len(operations) != 1:
        raise NotUnderstood("a plan has exactly one operation")
    return operations[0]


def _switches(document: DocumentNode) -> list[str]:
    """The names of the variables that @skip and @include go by. Raises NotUnderstood."""
    names: set[str] = set()

    class Finder(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
            if node.name.value not in SWITCHING:
                raise NotUnderstood(f"the directive @{node.name.value}")
            names.update(
                each.value.name.value for each in node.arguments or () if isinstance(each.value, VariableNode)
            )

    visit(document, Finder())
    if len(names) > MAXIMUM_SWITCHES:
        raise NotUnderstood(f"more than {MAXIMUM_SWITCHES} variables in @skip and @include")
    return sorted(names)
