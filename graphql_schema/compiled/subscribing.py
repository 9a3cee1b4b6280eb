"""A subscription's events, found by the resolver of its one field."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeAlias

from graphql import located_error
from strawberry import Schema

from graphql_schema.compiled.execution import Execution, is_awaitable
from graphql_schema.compiled.resolvers import Resolvers
from graphql_schema.compiled.selected import NotUnderstood, SelectedField


class Events(Protocol):
    """Events that can be told one by one; a generator is that itself."""

    def __aiter__(self) -> AsyncGenerator[Any, None]: ...


Subscribe: TypeAlias = Callable[[Execution], Awaitable[Events]]


def subscriber_of(schema: Schema, fields: Sequence[SelectedField]) -> Subscribe:
    """Begins to follow what the one field tells of. It raises GraphQLError. Raises NotUnderstood."""
    if len(fields) != 1:
        raise NotUnderstood("a subscription has exactly one field")
    (field,) = fields
    find = Resolvers(schema).subscriber(field)

    async def subscribe(execution: Execution) -> Events:
        try:
            events = find(None, (None, field.key, field.parent.name), execution)
            found: Events = await events if is_awaitable(events) else events
        except Exception as error:
            raise located_error(error, field.nodes, [field.key]) from error
        return found

    return subscribe
