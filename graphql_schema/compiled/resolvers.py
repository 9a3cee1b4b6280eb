"""How a field's value is found: an attribute, a method called directly, or whatever Strawberry makes of it.

What a resolver is guarded by is asked each time; only an object whose fields all have the same readers is
asked about once (`selections`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dis import get_instructions
from functools import cached_property
from inspect import isasyncgenfunction
from operator import attrgetter
from types import FunctionType
from typing import Any, TypeAlias, cast

from graphql import (
    GraphQLResolveInfo,
    GraphQLUnionType,
    default_field_resolver,
    get_named_type,
)
from strawberry import Info, Schema
from strawberry.schema.exception_handlers import get_error_type
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import get_object_definition
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from graphql_schema.columns import column_of
from graphql_schema.compiled.arguments import as_graphql_core_reads, binder_of
from graphql_schema.compiled.columns import FindAll
from graphql_schema.compiled.execution import Execution, Place
from graphql_schema.compiled.selected import NotUnderstood, SelectedField
from graphql_schema.context import PublicInfo
from graphql_schema.permissions import Guarded

Quick: TypeAlias = Callable[[Any], Any]
Find: TypeAlias = Callable[[Any, Place, Execution], Any]


@dataclass(frozen=True, slots=True)
class Finder:
    """How a field's value is found, by its readers alone if it is guarded.

    A quick one wants nothing but the source; most of these read an attribute, or one of an attribute's. That
    of a column can find the values of many objects, too.
    """

    find: Find | Quick
    is_quick: bool
    guard: Guarded | None = None
    attribute: str | None = None
    find_all: FindAll | None = None


STRAWBERRYS = GraphQLCoreConverter.__module__  # where Strawberry's own resolvers are made


class ResolverInfo(Info):
    """What a resolver asks about its request. Nearly all want the context; the rest is made when wanted."""

    context: Any = None

    def __init__(self, declared: StrawberryField, field: SelectedField, place: Place, execution: Execution):
        self._field = declared
        self.context = execution.context
        self._made_of = field, place, execution

    @cached_property
    def _raw_info(self) -> GraphQLResolveInfo[Any]:  # type: ignore[override]
        field, place, execution = self._made_of
        return execution.info(field, place)


class Resolvers:
    """Makes the finders of the fields of a schema.

    `are_public` as long as none of them can tell who asks: each takes its object and its arguments alone, or
    a `PublicInfo`. What is not known to be so is not.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self.are_public = True
        errors = (get_error_type(handler) for handler in schema.schema_converter.exception_handlers)
        definitions = (get_object_definition(each, strict=True) for each in errors)
        self._made_of_exceptions = {schema.config.name_converter.from_type(each) for each in definitions}

    def finder(self, field: SelectedField) -> Finder:
        """Finds the field's value. Raises NotUnderstood."""
        resolve = field.definition.resolve or default_field_resolver
        if field.node.name.value == "__typename":
            name = field.parent.name
            return Finder(lambda source: name, is_quick=True)
        if field.parent is self._schema._schema.subscription_type:
            return Finder(lambda source: source, is_quick=True)  # the event
        guard = resolve if isinstance(resolve, Guarded) else None
        inner = guard.resolve if guard else resolve
        declared = field.definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        if not isinstance(declared, StrawberryField) or not self._is_simple(field, declared, inner):
            self.are_public = False
            # What graphql-core asks first: whether the arguments make sense, or who may read the field.
            return Finder(_as_graphql_core_does(field, resolve), is_quick=False)
        if declared.base_resolver is None:
            name = declared.python_name
            return Finder(attrgetter(name), True, guard, name)
        if isasyncgenfunction(declared.base_resolver.wrapped_func):
            raise NotUnderstood(f"{field.name} is a list that is made while it is read")
        find, is_quick = self._method(field, declared, declared.base_resolver)
        attribute = _attribute_read_by(find) if is_quick else None
        return Finder(find, is_quick, guard, attribute, self._finding_all(field, declared))

    def subscriber(self, field: SelectedField) -> Find:
        """Finds the events of a subscription's field, for its readers."""
        resolve = cast(Callable[..., Any], field.definition.subscribe)
        guard = resolve if isinstance(resolve, Guarded) else None
        inner = guard.resolve if guard else resolve
        declared = field.definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        if (
            isinstance(declared, StrawberryField)
            and declared.base_resolver is not None
            and self._is_simple(field, declared, inner)
        ):
            find = self._method(field, declared, declared.base_resolver)[0]
        else:
            find = _as_graphql_core_does(field, inner)
        return guarded(cast(Find, find), guard) if guard else cast(Find, find)

    def _is_simple(self, field: SelectedField, declared: StrawberryField, resolve: Any) -> bool:
        """Whether nothing stands between the field and its Python function."""
        returned = get_named_type(field.definition.type)
        can_be_refused = isinstance(returned, GraphQLUnionType) and not self._made_of_exceptions.isdisjoint(
            each.name for each in returned.types
        )
        return (
            getattr(resolve, "__module__", None) == STRAWBERRYS
            and not declared.extensions
            and not can_be_refused
        )

    def _method(
        self, field: SelectedField, declared: StrawberryField, resolver: StrawberryResolver[Any]
    ) -> tuple[Find | Quick, bool]:
        function = cast(Callable[..., Any], resolver.wrapped_func)
        bind = binder_of(self._schema, field, declared)
        takes_self = resolver.self_parameter is not None
        info_name = resolver.info_parameter.name if resolver.info_parameter else None
        if resolver.info_parameter and resolver.info_parameter.annotation != PublicInfo:
            self.are_public = False
        source_names = {each.name for each in (resolver.parent_parameter, resolver.root_parameter) if each}
        if takes_self and bind is None and info_name is None and not source_names:
            return function, True

        def find(source: Any, place: Place, execution: Execution) -> Any:
            keywords = bind(execution) if bind else {}
            if info_name is not None:
                keywords[info_name] = ResolverInfo(declared, field, place, execution)
            for name in source_names:
                keywords[name] = source
            return function(source, **keywords) if takes_self else function(**keywords)

        return find, False

    def _finding_all(self, field: SelectedField, declared: StrawberryField) -> FindAll | None:
        """How a column's values are found; None for another field."""
        resolver = cast(StrawberryResolver[Any], declared.base_resolver)
        function = column_of(cast(Callable[..., Any], resolver.wrapped_func))
        if function is None:
            return None
        bind = binder_of(self._schema, field, declared)

        def find_all(sources: Sequence[Any], place: Place, execution: Execution) -> Any:
            keywords = bind(execution) if bind else {}
            return function(sources, ResolverInfo(declared, field, place, execution), **keywords)

        return find_all


def _attribute_read_by(method: Callable[..., Any]) -> str | None:
    """What a method reads that does nothing else, as in `check_in.store_day`; None for another one."""
    if not isinstance(method, FunctionType):
        return None
    first, *reads, last = (each for each in get_instructions(method) if each.opname != "RESUME")
    if (
        first.opname.startswith("LOAD_FAST")
        and first.argval == method.__code__.co_varnames[0]
        and reads
        and all(each.opname == "LOAD_ATTR" for each in reads)
        and last.opname == "RETURN_VALUE"
    ):
        return ".".join(each.argval for each in reads)
    return None


def _as_graphql_core_does(field: SelectedField, resolve: Callable[..., Any]) -> Find:
    """Calls the resolver with all that graphql-core gives it."""
    has_arguments = bool(field.definition.args)

    def find(source: Any, place: Place, execution: Execution) -> Any:
        info = execution.info(field, place)
        arguments = as_graphql_core_reads(field, execution) if has_arguments else {}
        return resolve(source, info, **arguments)

    return find


def guarded(find: Find, guard: Guarded) -> Find:
    """The same, for the field's readers alone."""

    def find_for_readers(source: Any, place: Place, execution: Execution) -> Any:
        execution.require(guard, source)
        return find(source, place, execution)

    return find_for_readers
