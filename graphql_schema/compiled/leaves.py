"""Scalars and enums: how a value is written in the answer."""

from collections.abc import Callable, Iterable
from enum import Enum, EnumMeta
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
    Undefined,
)
from graphql.pyutils import inspect

Serialize = Callable[[Any], Any]

SMALLEST_INT, LARGEST_INT = -(2**31), 2**31 - 1


class Nothing:
    """A class that no value is of."""


def class_written_as_it_is(leaf: GraphQLLeafType) -> type:
    """The class whose values stand in the answer as they are."""
    if leaf is GraphQLString or leaf is GraphQLID:
        return str
    return bool if leaf is GraphQLBoolean else Nothing


def serializer_of(leaf: GraphQLLeafType) -> Serialize:
    """Writes a value of this type; the same as graphql-core would, the usual values without asking it."""
    if leaf is GraphQLInt:
        return _int_serializer(leaf)
    if isinstance(leaf, GraphQLEnumType) and isinstance(getattr(leaf, "wrapped_cls", None), EnumMeta):
        return _enum_serializer(leaf)
    return _coercing(leaf)


def _int_serializer(leaf: GraphQLLeafType) -> Serialize:
    otherwise = _coercing(leaf)

    def serialize(value: Any) -> Any:
        if value.__class__ is int and SMALLEST_INT <= value <= LARGEST_INT:
            return value
        return otherwise(value)

    return serialize


def _enum_serializer(leaf: GraphQLEnumType) -> Serialize:
    members: Iterable[Enum] = leaf.wrapped_cls  # type: ignore[attr-defined]
    names: dict[int, str] = {id(member): leaf.coerce_output_value(member) for member in members}
    otherwise = _coercing(leaf)

    def serialize(value: Any) -> Any:
        return names.get(id(value)) or otherwise(value)  # members live as long as their enum

    return serialize


def _coercing(leaf: GraphQLLeafType) -> Serialize:
    coerce = leaf.coerce_output_value

    def serialize(value: Any) -> Any:
        coerced = coerce(value)
        if coerced is None or coerced is Undefined:
            raise TypeError(
                f"Expected `{inspect(leaf)}.coerce_output_value({inspect(value)})`"
                f" to return non-nullable value, returned: {inspect(coerced)}"
            )
        return coerced

    return serialize
