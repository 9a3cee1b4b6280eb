"""Scalars and enums: how a value is written in the answer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, EnumMeta
from functools import cache
from math import isfinite
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
    Undefined,
)
from graphql.pyutils import inspect

Serialize = Callable[[Any], Any]

SMALLEST_INT, LARGEST_INT = -(2**31), 2**31 - 1
MOMENTS: Mapping[str, type] = {"DateTime": datetime, "Date": date}


@dataclass(frozen=True, slots=True)
class Usual:
    """How the usual values of a leaf are recognised and written: Python, in which `{number}` is the field's.

    `needs` are the things that it names.
    """

    is_usual: str
    written: str
    needs: Mapping[str, Any]


def usual_of(leaf: GraphQLLeafType) -> Usual | None:
    """The usual values of this type, which are never null, waited for or wrong; None when none are known."""
    if leaf in (GraphQLString, GraphQLID, GraphQLBoolean):
        kind = bool if leaf is GraphQLBoolean else str
        return Usual("value.__class__ is kind_{number}", "value", {"kind": kind})
    if leaf is GraphQLInt:
        return Usual(f"value.__class__ is int and {SMALLEST_INT} <= value <= {LARGEST_INT}", "value", {})
    if leaf is GraphQLFloat:
        return Usual(
            "value.__class__ is float and is_finite_{number}(value)", "value", {"is_finite": isfinite}
        )
    if isinstance(leaf, GraphQLEnumType) and isinstance(getattr(leaf, "wrapped_cls", None), EnumMeta):
        return Usual(
            "id(value) in names_{number}", "names_{number}[id(value)]", {"names": _names_of_members(leaf)}
        )
    if leaf.name in MOMENTS:
        needs = {"kind": MOMENTS[leaf.name], "write": leaf.coerce_output_value}
        return Usual("value.__class__ is kind_{number}", "write_{number}(value)", needs)
    return None


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
    names, otherwise = _names_of_members(leaf), _coercing(leaf)

    def serialize(value: Any) -> Any:
        return names.get(id(value)) or otherwise(value)

    return serialize


@cache
def _names_of_members(leaf: GraphQLEnumType) -> Mapping[int, str]:
    """How the members of the enum are written, by what tells them apart: they live as long as it does."""
    members: Iterable[Enum] = leaf.wrapped_cls  # type: ignore[attr-defined]
    return {id(member): leaf.coerce_output_value(member) for member in members}


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
