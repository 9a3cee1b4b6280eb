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

from graphql_schema.compiled.columns import filled
from graphql_schema.compiled.completion import Complete
from graphql_schema.compiled.execution import Execution, Source
from graphql_schema.compiled.selected import NotUnderstood
from graphql_schema.compiled.selections import Selections
from graphql_schema.compiled.subscribing import Events, Subscribe, subscriber_of
from graphql_schema.compiled.variables import Unusual, Variables
from graphql_schema.limits import Sizes, cost_and_errors, given_sizes, page_size_variables

SWITCHING = {"skip", "include"}
REMEMBERED_COSTS = 200  # of each operation, which are there for each combination of page sizes
MAXIMUM_SWITCHES = 4  # there is a plan for each combination of their values


class Plan:
    """An operation ready to run; for each combination of what @skip and @include go by, they are decided.

    When it `is_public`, its answer is the same for all who may read all of it, in one language at one moment.
    """

    def __init__(self, schema: Schema, document: DocumentNode) -> None:
        """Compiles the one operation of a valid document. Raises NotUnderstood."""
        self.document = document
        self.operation = _only_operation(document)
        self.source = Source(schema, document)
        self._variables = Variables(schema._schema, self.operation)
        self._switches = _switches(document)
        self._size_names = page_size_variables(document)
        self._costs: dict[Sizes, int] = {}
        self._subscribe: Subscribe | None = None
        self.is_public = True
        self.functions: list[str] = []  # as text: those that were written for it
        self._selects = {
            values: self._compile(dict(zip(self._switches, values, strict=True)))
            for values in product((False, True), repeat=len(self._switches))
        }

    @property
    def is_subscription(self) -> bool:
        return self._subscribe is not None

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
        for name in self._switches:
            if values.get(name).__class__ is not bool:
                raise Unusual
        return values

    def cost(self, given: Mapping[str, Any]) -> int:
        """What the operation costs with these variables. Raises Unusual where that passes a limit."""
        sizes = given_sizes(self._size_names, given)
        cost = self._costs.get(sizes)
        if cost is None:
            cost, errors = cost_and_errors(self.source.schema._schema, self.document, sizes)
            if errors:
                raise Unusual
            if len(self._costs) < REMEMBERED_COSTS:
                self._costs[sizes] = cost
        return cost

    async def execute(
        self, context: Any, given: Mapping[str, Any], values: dict[str, Any], root: Any = None
    ) -> ExecutionResult:
        """Runs the operation, given the variables as they came and as `read` understood them."""
        return await self.run(Execution(self.source, context, dict(given), values, root))

    async def events(self, context: Any, given: Mapping[str, Any], values: dict[str, Any]) -> Events:
        """What a subscription tells of; for each, the operation is run with it as the root.

        Raises GraphQLError where there is nothing to be followed, or not for this caller.
        """
        if self._subscribe is None:
            raise TypeError("only a subscription has events")
        return await self._subscribe(Execution(self.source, context, dict(given), values))

    async def run(self, execution: Execution) -> ExecutionResult:
        select = self._selects[tuple([execution.variables[name] for name in self._switches])]
        try:
            data = select(execution.root, None, execution)
            if execution.noted:
                data = filled(data, None, execution)
            return execution.result(data if data.__class__ is dict else await data)
        except GraphQLError as error:
            return execution.failure(error)

    def _compile(self, switches: Mapping[str, bool]) -> Complete:
        selections = Selections(self.source, self.operation, switches)
        fields = selections.root()
        if self.operation.operation is OperationType.SUBSCRIPTION:
            self._subscribe = subscriber_of(self.source.schema, fields)
        is_mutation = self.operation.operation is OperationType.MUTATION
        select = selections.select_in_turn(fields) if is_mutation else selections.select(fields)
        self.is_public &= selections.are_public and not is_mutation
        self.functions += selections.functions
        return select


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
