"""What a query may ask for: its document is measured before it is validated and run."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    VariableNode,
    Visitor,
    validate,
    visit,
)
from strawberry.extensions import SchemaExtension

from app.shared.i18n import Language
from graphql_schema.budget import Charge
from graphql_schema.measuring import Measure, Measurer, page_size

MAXIMUM_TOKENS = 1_500
MAXIMUM_DEPTH = 16  # GraphiQL's introspection needs 14
MAXIMUM_ALIASES = 30
MAXIMUM_DIRECTIVES = 30
MAXIMUM_FIELDS = 400
MAXIMUM_VALUES = 100
MAXIMUM_COST = 20_000
MAXIMUM_ERRORS = 5
CACHED_DOCUMENTS = 200

THROTTLED_TEXTS = {
    Language.JA: "短時間に多くのリクエストがありました。{seconds}秒後にもう一度お試しください。",
    Language.EN: "You have asked for much in a short time. Try again in {seconds} seconds.",
}
Sizes = tuple[tuple[str, int], ...]  # the page sizes that a request's variables say, by their names

NO_INTROSPECTION = GraphQLError(
    "The schema cannot be read by queries here.", extensions={"code": "INTROSPECTION_REFUSED"}
)
TOO_DEEP = GraphQLError("The query is nested too deeply.", extensions={"code": "QUERY_TOO_DEEP"})


class LimitedDocuments(SchemaExtension):
    """Refuses what passes a limit or the caller's budget, and what is not valid.

    What is found out of a document is remembered.
    """

    charge: Charge | None = None

    def on_operation(self) -> Iterator[None]:
        self.execution_context.parse_options["max_tokens"] = MAXIMUM_TOKENS
        yield

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        schema: GraphQLSchema = context.schema._schema
        document = context.graphql_document
        assert document is not None  # noqa: S101  the document was parsed before
        sizes = given_sizes(page_size_variables(document), context.variables or {})
        cost, errors = cost_and_errors(schema, document, sizes)
        if not errors and not context.context.may_introspect and _introspects(document):
            errors = (NO_INTROSPECTION,)
        context.pre_execution_errors = list(
            errors or _validation_errors(schema, document) or self._budget_errors(cost)
        )
        yield

    def get_results(self) -> dict[str, Any]:
        return {"cost": self.charge.to_extension()} if self.charge else {}

    def _budget_errors(self, cost: int) -> tuple[GraphQLError, ...]:
        self.charge = self.execution_context.context.charge(cost)
        wait = self.charge.wait_seconds
        if wait == 0:
            return ()
        message = THROTTLED_TEXTS[self.execution_context.context.language].format(seconds=wait)
        return (GraphQLError(message, extensions={"code": "THROTTLED", "waitSeconds": wait}),)


def validation_errors(schema: GraphQLSchema, document: DocumentNode) -> tuple[GraphQLError, ...]:
    """What is not valid in the document, or not for everybody to ask."""
    if _introspects(document):
        return (NO_INTROSPECTION,)
    return _validation_errors(schema, document)


def given_sizes(names: frozenset[str], variables: Mapping[str, Any]) -> Sizes:
    """The page sizes among the variables, and nothing else of what a caller may send along."""
    if not names:
        return ()
    return tuple((name, page_size(variables[name])) for name in sorted(names) if name in variables)


@lru_cache(maxsize=CACHED_DOCUMENTS)
def page_size_variables(document: DocumentNode) -> frozenset[str]:
    """The variables that say how many items a page is to have."""
    names: set[str] = set()

    class Finder(Visitor):
        def enter_argument(self, node: Any, *_: Any) -> None:
            if node.name.value == "first" and isinstance(node.value, VariableNode):
                names.add(node.value.name.value)

    visit(document, Finder())
    return frozenset(names)


@lru_cache(maxsize=CACHED_DOCUMENTS)
def cost_and_errors(
    schema: GraphQLSchema, document: DocumentNode, sizes: Sizes
) -> tuple[int, tuple[GraphQLError, ...]]:
    """What the document costs, and the limits that it passes."""
    try:
        measure = Measurer(schema, document, dict(sizes)).measure()
    except GraphQLError as error:
        return 0, (error,)
    except RecursionError:
        return 0, (TOO_DEEP,)
    return measure.cost, tuple(_passed_limits(measure))


@lru_cache(maxsize=CACHED_DOCUMENTS)
def _introspects(document: DocumentNode) -> bool:
    """Whether the document reads the schema, in any of its parts."""
    found: list[str] = []

    class Finder(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            if node.name.value in {"__schema", "__type"}:
                found.append(node.name.value)

    visit(document, Finder())
    return bool(found)


@lru_cache(maxsize=CACHED_DOCUMENTS)
def _validation_errors(schema: GraphQLSchema, document: DocumentNode) -> tuple[GraphQLError, ...]:
    try:
        return tuple(validate(schema, document, max_errors=MAXIMUM_ERRORS))
    except RecursionError:
        return (TOO_DEEP,)


def _passed_limits(measure: Measure) -> Iterator[GraphQLError]:
    limits = {
        "QUERY_TOO_DEEP": ("levels", measure.depth, MAXIMUM_DEPTH),
        "TOO_MANY_ALIASES": ("aliases", measure.aliases, MAXIMUM_ALIASES),
        "TOO_MANY_DIRECTIVES": ("directives", measure.directives, MAXIMUM_DIRECTIVES),
        "TOO_MANY_FIELDS": ("fields", measure.fields, MAXIMUM_FIELDS),
        "TOO_MANY_VALUES": ("values in lists and objects", measure.values, MAXIMUM_VALUES),
        "QUERY_TOO_COSTLY": ("cost", measure.cost, MAXIMUM_COST),
    }
    for code, (what, size, limit) in limits.items():
        if size > limit:
            shown = size if size < 10 * limit else f"over {10 * limit}"
            yield GraphQLError(
                f"The query has {what}: {shown}; the limit is {limit}.", extensions={"code": code}
            )
