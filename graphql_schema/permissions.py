"""Who may read what: the one place that says it, for every field there is.

The rows are in `permission_tables`. One names a type, and stands for all of its fields, or a single field, as
in `Mutation.checkIn`. The root fields have a row each. A field without a row, and a row without a field,
stop the start. Each field is asked before it is resolved, by whatever path it was reached.
"""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema, default_field_resolver

from app.auth.actor import ANONYMOUS
from app.shared.errors import Forbidden, Unauthenticated
from graphql_schema.context import Context
from graphql_schema.permission_tables.carriers import CARRIERS
from graphql_schema.permission_tables.objects import OBJECTS
from graphql_schema.permission_tables.root_fields import ROOT_FIELDS
from graphql_schema.readers import EVERYBODY, WHOEVER_HAS_IT, Readers

ROOT_TYPES = {"Query", "Mutation", "Subscription"}

READERS: Mapping[str, Readers] = {
    **ROOT_FIELDS,
    **OBJECTS,
    **dict.fromkeys(CARRIERS, WHOEVER_HAS_IT),
}


class UndeclaredField(Exception):
    """The table and the schema differ; the text says where."""


def readers_of(type_name: str, field_name: str) -> Readers:
    """Who may read this field. Raises UndeclaredField."""
    for_all_fields = None if type_name in ROOT_TYPES else READERS.get(type_name)
    readers = READERS.get(f"{type_name}.{field_name}", for_all_fields)
    if readers is None:
        raise UndeclaredField(f"permission_tables do not say who may read {type_name}.{field_name}")
    return readers


def may_read(context: Context, type_name: str, source: Any) -> bool:
    """Whether the caller may read this object."""
    return READERS[type_name].admits(context, source)


def guard(schema: GraphQLSchema) -> None:
    """Puts each field's readers before its resolver. Raises UndeclaredField."""
    unused = set(READERS)
    for type_name, field_name, field in object_fields(schema):
        readers = readers_of(type_name, field_name)
        unused -= {type_name, f"{type_name}.{field_name}"}
        if readers not in (EVERYBODY, WHOEVER_HAS_IT):
            _guard_field(field, readers)
    if unused:
        raise UndeclaredField(f"permission_tables name what does not exist: {', '.join(sorted(unused))}")


def object_fields(schema: GraphQLSchema) -> list[tuple[str, str, GraphQLField]]:
    """Every field of every object type that is ours."""
    return [
        (name, field_name, field)
        for name, each in sorted(schema.type_map.items())
        if isinstance(each, GraphQLObjectType) and not name.startswith("__")
        for field_name, field in each.fields.items()
    ]


def _guard_field(field: GraphQLField, readers: Readers) -> None:
    if field.subscribe is not None:
        field.subscribe = Guarded(field.subscribe, readers)
    else:
        field.resolve = Guarded(field.resolve or default_field_resolver, readers)


class Guarded:
    """A field's resolver behind the field's readers."""

    __slots__ = ("readers", "resolve")

    def __init__(self, resolve: Callable[..., Any], readers: Readers) -> None:
        self.resolve = resolve
        self.readers = readers

    def __call__(self, source: Any, info: GraphQLResolveInfo[Context], **arguments: Any) -> Any:
        self.require(info.context, source)
        return self.resolve(source, info, **arguments)

    def require(self, context: Context, source: Any) -> None:
        """Raises Unauthenticated or Forbidden unless the caller may read this field of the object."""
        if not self.readers.admits(context, source):
            raise Unauthenticated if context.actor == ANONYMOUS else Forbidden
