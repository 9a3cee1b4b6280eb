"""The variables of an operation, read out of a request."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLID,
    GraphQLInputType,
    GraphQLString,
    OperationDefinitionNode,
    Undefined,
    get_named_type,
    is_input_object_type,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import input_is_nested_too_deeply
from graphql.type import GraphQLSchema
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_value

from graphql_schema.compiled.selected import NotUnderstood

Coerce = Callable[[Any], Any]

TAKEN_AS_THEY_ARE = {GraphQLString.name: str, GraphQLID.name: str, GraphQLBoolean.name: bool}


class Unusual(Exception):
    """Something is wrong with the request: graphql-core says what. Nothing has happened yet."""


class Variables:
    """What an operation says of its variables."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._declared = [
            (signature.name, coercer_of(signature.type), _default_of(signature))
            for node in operation.variable_definitions or ()
            if (signature := _signature(get_variable_signature(schema, node)))
        ]

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The values of the variables that have one. Raises Unusual."""
        values = {}
        for name, coerce, default in self._declared:
            value = given.get(name, Undefined)
            if value is not Undefined:
                values[name] = coerce(value)
            elif default is _REQUIRED:
                raise Unusual
            elif default is not Undefined:
                values[name] = default
        return values


def coercer_of(declared: GraphQLInputType) -> Coerce:
    """Reads a value of this type, as graphql-core does. Raises Unusual."""
    inner: Any = declared.of_type if is_non_null_type(declared) else declared
    plain = TAKEN_AS_THEY_ARE.get(getattr(inner, "name", ""))
    can_be_deep = is_input_object_type(get_named_type(declared))

    def coerce(value: Any) -> Any:
        if value.__class__ is plain:
            return value
        try:
            if can_be_deep and input_is_nested_too_deeply(value, declared):
                raise Unusual
            coerced = coerce_input_value(value, declared)
        except Exception as error:
            raise Unusual from error
        if coerced is Undefined:
            raise Unusual
        return coerced

    return coerce


class _REQUIRED:
    """Stands for the default of a variable that must be given."""


def _signature(found: Any) -> GraphQLVariableSignature:
    if not isinstance(found, GraphQLVariableSignature):
        raise NotUnderstood(str(found))
    return found


def _default_of(signature: GraphQLVariableSignature) -> Any:
    default = coerce_default_value(signature)
    return _REQUIRED if default is Undefined and is_non_null_type(signature.type) else default
