"""A field as an operation selects it, and what a plan cannot be made of."""

from dataclasses import dataclass
from functools import cached_property

from graphql import FieldNode, GraphQLField, GraphQLObjectType, is_non_null_type
from graphql.execution.collect_fields import FieldDetails


class NotUnderstood(Exception):
    """The operation uses what the compiler does not know: graphql-core executes it. The text says what."""


@dataclass(frozen=True)
class SelectedField:
    """All selections of one object that are answered under the same key; `around` is the object's."""

    key: str
    parent: GraphQLObjectType
    definition: GraphQLField
    details: list[FieldDetails]
    around: "SelectedField | None" = None

    @cached_property
    def nodes(self) -> list[FieldNode]:
        return [each.node for each in self.details]

    @property
    def node(self) -> FieldNode:
        """The one that says the arguments: validation has seen to it that all say the same."""
        return self.nodes[0]

    @property
    def is_non_null(self) -> bool:
        return is_non_null_type(self.definition.type)

    @cached_property
    def name(self) -> str:
        return f"{self.parent.name}.{self.node.name.value}"
