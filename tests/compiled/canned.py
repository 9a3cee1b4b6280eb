"""Canned resolvers for the whole schema: what each gives follows from a seed alone, failures among it.

Whoever resolves the same field of the same object with the same arguments gets the same, in whatever order.
What is called is written down.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from types import SimpleNamespace
from typing import Any
from zlib import crc32

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from app.shared.errors import InvalidId, Unauthenticated
from graphql_schema.columns import FindAll, column_of, resolver_of
from graphql_schema.permissions import object_fields
from tests.compiled.examples import ME

BACKREF = GraphQLCoreConverter.DEFINITION_BACKREF
WHEN = datetime(2026, 11, 21, 3, 0, 0, 123_456, tzinfo=UTC)
LARGEST_INT = 2**31 - 1

# What was called, in its order: a field's name, and the seed of the object.
CALLS: list[tuple[str, int, str]] = []


class Broken(Exception):
    """A resolver that fails."""


def seed_of(*parts: object) -> int:
    return crc32(repr(parts).encode())


class Canned:
    """What canned objects have beside the fields of their type: what the permissions ask about."""

    seed: int

    @property
    def owner_id(self) -> str:
        return ME if self.seed % 8 else "somebody-else"

    @property
    def store_id(self) -> str:
        return "store-1" if self.seed % 8 else "store-2"

    @property
    def staff_id(self) -> str:
        return "staff-1" if self.seed % 8 else "staff-2"

    @property
    def partner_id(self) -> str:
        return "partner-1"

    @property
    def device_id(self) -> str:
        return "device-1"

    @property
    def key(self) -> Any:
        return SimpleNamespace(store_id=self.store_id)


ASKED_ABOUT = {name for name in vars(Canned) if not name.startswith("_")}


class World:
    """The schema's types, and values for them."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema

    def outcome(self, name: str, declared: Any, seed: int) -> Any:
        """What a resolver gives: mostly a value, sometimes null, and sometimes it fails."""
        match seed % 160:
            case 0:
                raise Broken(f"{name} is broken")
            case 1:
                raise InvalidId(path=["input"])
            case 2:
                raise Unauthenticated
            case 3:
                return Broken(f"{name} gives an error")
            case 4 | 5:
                return None
        return self.value(declared, seed_of("value", seed))

    def value(self, declared: Any, seed: int) -> Any:
        """A value of this type; sometimes one that the type does not allow."""
        if isinstance(declared, GraphQLNonNull):
            return self.value(declared.of_type, seed)
        if isinstance(declared, GraphQLList):
            return self._list(declared.of_type, seed)
        if seed % 200 == 0:
            return None
        if seed % 200 == 1:
            return Broken("an error among the values")
        if isinstance(declared, GraphQLScalarType):
            return _scalar(declared.name, seed)
        if isinstance(declared, GraphQLEnumType):
            members = list(declared.wrapped_cls)  # type: ignore[attr-defined]
            return "nonsense" if seed % 120 == 0 else members[seed % len(members)]
        if isinstance(declared, GraphQLInterfaceType | GraphQLUnionType):
            kinds = self._schema.get_possible_types(declared)
            return object() if seed % 120 == 0 else self.object(kinds[seed % len(kinds)], seed)
        assert isinstance(declared, GraphQLObjectType)
        return self.object(declared, seed)

    def object(self, kind: GraphQLObjectType, seed: int) -> Any:
        canned: Any = object.__new__(self._class_of(kind))
        canned.seed = seed
        return canned

    def _list(self, item: Any, seed: int) -> Any:
        if seed % 150 == 0:
            return 7
        items = [self.value(item, seed_of(seed, number)) for number in range(seed % 4)]
        if seed % 60 == 1:
            return [_later(each) for each in items]
        return tuple(items) if seed % 60 == 2 else items

    @cache  # noqa: B019  worlds live as long as the tests
    def _class_of(self, kind: GraphQLObjectType) -> type:
        """A class of canned objects of this type, a subclass of the type's own."""
        definition: Any = kind.extensions[BACKREF]
        read = {
            declared.python_name: property(self._attribute(f"{kind.name}.{name}", field))
            for name, field in kind.fields.items()
            if (declared := field.extensions[BACKREF]).base_resolver is None
            and declared.python_name not in ASKED_ABOUT
        }
        return type(f"Canned{kind.name}", (Canned, definition.origin), read)

    def _attribute(self, name: str, field: GraphQLField) -> Callable[[Any], Any]:
        def read(source: Any) -> Any:
            CALLS.append((name, source.seed, "read"))
            return self.outcome(name, field.type, seed_of(source.seed, name))

        return read


def _scalar(name: str, seed: int) -> Any:
    oddity = seed % 120
    match name:
        case "Int":
            return {0: LARGEST_INT + 1, 1: "12", 2: True, 3: 4.0, 4: -(2**31)}.get(oddity, seed % 1000)
        case "Float":
            return {0: float("nan"), 1: 3, 2: "no"}.get(oddity, seed / 7)
        case "Boolean":
            return {0: 1, 1: "yes"}.get(oddity, seed % 2 == 0)
        case "DateTime":
            return "yesterday" if oddity == 0 else WHEN
        case "Date":
            return date(2026, 11, 1 + seed % 28)
        case _:
            return {0: 12, 1: True, 2: object, 3: 1.5}.get(oddity, f"text {seed % 100}")


async def _later(value: Any) -> Any:
    await asyncio.sleep(0)
    return value


@contextmanager
def canned_resolvers(schema: GraphQLSchema) -> Iterator[World]:
    """Has every resolver of the schema give what is canned, until the end of the block."""
    world = World(schema)
    with pytest.MonkeyPatch.context() as patch:
        for type_name, field_name, field in object_fields(schema):
            declared = field.extensions[BACKREF]
            if declared.base_resolver is not None and field.subscribe is None:
                name = f"{type_name}.{field_name}"
                function = _canned(world, name, field, declared)
                patch.setattr(declared.base_resolver, "wrapped_func", function)
        yield world


def _canned(world: World, name: str, field: GraphQLField, declared: StrawberryField) -> Callable[..., Any]:
    """The resolver of this field: a coroutine function where the real one is."""
    resolver: Any = declared.base_resolver
    if column_of(resolver.wrapped_func):
        return resolver_of(_canned_column(world, name, field))
    info_name = resolver.info_parameter.name if resolver.info_parameter else None

    def called(source: tuple[Any, ...], keywords: dict[str, Any]) -> int:
        info = keywords.pop(info_name) if info_name else None
        assert info is None or info.context is not None
        given = sorted((key, _shown(value)) for key, value in keywords.items())
        seed = seed_of(getattr(source[0], "seed", 0) if source else 0, name, given)
        CALLS.append((name, seed, "called"))
        if info is not None and seed % 7 == 0:
            CALLS.append((name, seed, _told_by(info)))
        return seed

    def resolve(*source: Any, **keywords: Any) -> Any:
        seed = called(source, keywords)
        result = world.outcome(name, field.type, seed)
        return _later(result) if seed % 11 == 0 else result

    async def resolve_later(*source: Any, **keywords: Any) -> Any:
        seed = called(source, keywords)
        for _ in range(seed % 3):
            await asyncio.sleep(0)
        CALLS.append((name, seed, "done"))
        return world.outcome(name, field.type, seed)

    return resolve_later if declared.is_async else resolve


def _canned_column(world: World, name: str, field: GraphQLField) -> FindAll:
    """Finds the values of many objects; where it fails, which is seldom, it does so for all alike."""

    async def find_all(sources: Sequence[Any], info: Any, **keywords: Any) -> Sequence[Any]:
        assert info.context is not None
        given = sorted((key, _shown(value)) for key, value in keywords.items())
        seeds = [seed_of(each.seed, name, given) for each in sources]
        CALLS.extend((name, seed, "called") for seed in seeds)
        for _ in range(seeds[0] % 3):
            await asyncio.sleep(0)
        if seed_of(name, given) % 40 == 0:
            raise Broken(f"{name} is broken for all")
        return [_or_error(world, name, field, seed) for seed in seeds]

    return find_all


def _or_error(world: World, name: str, field: GraphQLField, seed: int) -> Any:
    try:
        return world.outcome(name, field.type, seed)
    except Exception as error:
        return error


def _told_by(info: Any) -> str:
    """What a resolver may ask of its request beside the context."""
    selected = [each.name for each in info.selected_fields]
    return str((info.field_name, info.path.as_list(), selected, info.variable_values, info.python_name))


def _shown(value: Any) -> Any:
    """An argument as text that tells its class too."""
    if is_dataclass(value):
        return type(value).__name__, [_shown(getattr(value, each.name, "unset")) for each in fields(value)]
    if isinstance(value, list):
        return [_shown(each) for each in value]
    return type(value).__name__, str(value)
