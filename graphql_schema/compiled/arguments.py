"""A field's arguments, bound when the plan is made as far as they are known then."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLArgument, Undefined, ValueNode, VariableNode, Visitor, is_non_null_type, visit
from graphql.execution.values import get_argument_values
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_literal
from strawberry import UNSET, Schema
from strawberry.types.arguments import convert_argument
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryOptional, StrawberryType
from strawberry.types.enum import has_enum_definition
from strawberry.types.field import StrawberryField

from graphql_schema.compiled.execution import Execution
from graphql_schema.compiled.selected import SelectedField

Bind = Callable[[Execution], dict[str, Any]]
Convert = Callable[[Any], Any]
Read = Callable[[Mapping[str, Any]], Any]

PLAIN_CLASSES = (str, int, float, bool)


class _Unfit:
    """Stands for a value that graphql-core refuses when it executes the field."""


def binder_of(schema: Schema, field: SelectedField, declared: StrawberryField) -> Bind | None:
    """Gives the keyword arguments of the field's resolver; None when it takes none."""
    if not declared.arguments:
        return None
    name_of = schema.config.name_converter.from_argument
    arguments = [
        (name_of(each), each.python_name, _converter(schema, each.type, name_of(each)))
        for each in declared.arguments
    ]
    written = {each.name.value: each.value for each in field.node.arguments or ()}
    readers = {name: _reader(argument, written.get(name)) for name, argument in field.definition.args.items()}

    def converted(values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            python_name: convert(values[name])
            for name, python_name, convert in arguments
            if values.get(name, Undefined) is not Undefined
        }

    def bind(execution: Execution) -> dict[str, Any]:
        values = {name: read(execution.variables) for name, read in readers.items()}
        if _Unfit in values.values():
            values = as_graphql_core_reads(field, execution)
        return converted(values)

    fixed = {name: read({}) for name, read in readers.items()}
    if (
        _Unfit in fixed.values()
        or any(_names_variables(each) for each in written.values())
        or not all(_is_plain(_given(each.type)) for each in declared.arguments)
    ):
        return bind
    keywords = converted(fixed)
    return lambda execution: keywords.copy()


def as_graphql_core_reads(field: SelectedField, execution: Execution) -> dict[str, Any]:
    """The arguments as graphql-core reads them. Raises GraphQLError, which says what is wrong with them."""
    return get_argument_values(field.definition, field.node, execution.executor.variable_values)


def _reader(argument: GraphQLArgument, written: ValueNode | None) -> Read:
    """Reads the argument's value out of the variables; Undefined when it has none."""
    if isinstance(written, VariableNode):
        return _variable_reader(argument, written.name.value)
    if written is None:
        value = coerce_default_value(argument)
    else:
        value = _Unfit if _names_variables(written) else coerce_input_literal(written, argument.type)
    if value is Undefined and (written is not None or is_non_null_type(argument.type)):
        value = _Unfit
    return lambda variables: value


def _variable_reader(argument: GraphQLArgument, name: str) -> Read:
    default = coerce_default_value(argument)
    if not is_non_null_type(argument.type):
        return lambda variables: variables.get(name, default)

    def read(variables: Mapping[str, Any]) -> Any:
        value = variables.get(name, default)
        return _Unfit if value is None or value is Undefined else value

    return read


def _names_variables(node: ValueNode) -> bool:
    found: list[VariableNode] = []

    class Finder(Visitor):
        def enter_variable(self, variable: VariableNode, *_: Any) -> None:
            found.append(variable)

    visit(node, Finder())
    return bool(found)


def _converter(schema: Schema, declared: StrawberryType | type, name: str) -> Convert:
    """Turns a value into what the resolver takes, as Strawberry does; inputs are made anew each time."""
    inner = _given(declared)
    if _is_plain(inner):
        return lambda value: value
    if isinstance(inner, StrawberryList) and _is_plain(inner.of_type):
        return lambda value: value if value is None or value is UNSET else list(value)
    registry, config = schema.schema_converter.scalar_registry, schema.config
    return lambda value: convert_argument(value, declared, registry, config, path=(name,))


def _given(declared: StrawberryType | type) -> StrawberryType | type:
    """The type of a value that is given, where it may be left out."""
    if isinstance(declared, StrawberryOptional) and not isinstance(declared, StrawberryMaybe):
        return declared.of_type
    return declared


def _is_plain(declared: object) -> bool:
    """Whether values of this type are taken as they are."""
    if has_enum_definition(declared):
        return True
    return isinstance(declared, type) and issubclass(declared, PLAIN_CLASSES)
