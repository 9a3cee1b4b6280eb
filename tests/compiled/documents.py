"""Operations made up at random over the schema, with their variables."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
    type_from_ast,
)

from graphql_schema.context import Context
from graphql_schema.permissions import readers_of

DEEPEST = 4
TEXTS = ("", "ja", "U3RvcmU6c3RvcmUtMQ", 'quoted "text"', "日本語")
SWITCHES = {"yes": "Boolean!", "maybe": "Boolean! = true"}


@dataclass
class Operation:
    """A document and the variables that are sent along."""

    text: str
    variables: dict[str, Any]


class _Enum(str):
    """The name of an enum's value: written without quotes."""


@dataclass
class Writer:
    """Writes one operation; each choice is the random generator's."""

    schema: GraphQLSchema
    random: Random
    context: Context
    variables: dict[str, Any] = field(default_factory=dict)
    declared: dict[str, str] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    number: int = 0
    plain: bool = False

    def operation(self, kind: str) -> Operation:
        """An operation of this kind: query, mutation or subscription."""
        root = getattr(self.schema, f"{kind}_type")
        readable = [
            name
            for name in sorted(root.fields)
            if readers_of(root.name, name).admits(self.context, None) or self._perhaps(0.02)
        ]
        names = self.random.sample(readable, 1 if kind == "subscription" else self._up_to(3))
        self.plain = kind == "subscription"  # its root field has no directives
        body = " ".join(self._field(name, root.fields[name], DEEPEST) for name in names)
        for name, declared in SWITCHES.items():
            if f"${name}" in body + "".join(self.fragments):
                self.declared[name] = declared
                if name == "yes" or self._perhaps(0.5):
                    self.variables[name] = self._perhaps(0.5)
        declarations = ", ".join(f"${name}: {declared}" for name, declared in self.declared.items())
        head = f"{kind} Made({declarations})" if declarations else f"{kind} Made"
        return Operation("\n".join([f"{head} {{ {body} }}", *self.fragments]), self.variables)

    def sent_to(self, document: DocumentNode) -> dict[str, Any]:
        """Variables for the operations of this document."""
        declared = {
            each.variable.name.value: type_from_ast(self.schema, each.type)
            for definition in document.definitions
            if isinstance(definition, OperationDefinitionNode)
            for each in definition.variable_definitions or ()
        }
        return {
            name: _sent(self._value(each))
            for name, each in declared.items()
            if isinstance(each, GraphQLNonNull) or self._perhaps(0.7)
        }

    def _selection(self, kind: Any, depth: int) -> str:
        """What is selected of an object of this type, in braces."""
        if is_leaf_type(kind):
            return ""
        parts = ["__typename"] if self._perhaps(0.2) or isinstance(kind, GraphQLUnionType) else []
        if not isinstance(kind, GraphQLUnionType):
            parts += self._fields(kind, depth)
        if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
            kinds = self.schema.get_possible_types(kind)
            for each in self.random.sample(kinds, min(len(kinds), 3)):
                parts.append(self._fragment(each, depth))
        elif self._perhaps(0.2):
            parts.append(self._fragment(kind, depth))
        return f"{{ {' '.join(parts)} }}"

    def _fields(self, kind: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> list[str]:
        names = [
            name for name, each in kind.fields.items() if depth > 0 or is_leaf_type(get_named_type(each.type))
        ]
        chosen = self.random.sample(names, min(len(names), self._up_to(5)))
        return [self._field(name, kind.fields[name], depth) for name in chosen] or ["__typename"]

    def _field(self, name: str, declared: GraphQLField, depth: int) -> str:
        written = [
            f"{each}: {self._argument(argument.type)}"
            for each, argument in declared.args.items()
            if is_required_argument(argument) or self._perhaps(0.4)
        ]
        alias = f"{self._new('a')}: " if written or self._perhaps(0.1) else ""
        arguments = f"({', '.join(written)})" if written else ""
        directive = "" if self.plain else self._directive()
        self.plain = False
        return (
            f"{alias}{name}{arguments}{directive} {self._selection(get_named_type(declared.type), depth - 1)}"
        )

    def _fragment(self, kind: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> str:
        selection = self._selection(kind, min(depth - 1, 1))
        if self._perhaps(0.5):
            return f"... on {kind.name}{self._directive()} {selection}"
        name = self._new("Part")
        self.fragments.append(f"fragment {name} on {kind.name} {selection}")
        return f"...{name}{self._directive()}" + (f" ...{name}" if self._perhaps(0.2) else "")

    def _directive(self) -> str:
        if self._perhaps(0.85):
            return ""
        condition = self.random.choice(["true", "false", "$yes", "$maybe"])
        return f" @{self.random.choice(['skip', 'include'])}(if: {condition})"

    def _argument(self, declared: Any) -> str:
        """The argument as it is written: a value, or a variable."""
        if self._perhaps(0.6):
            return _written(self._value(declared))
        name = self._new("v")
        self.declared[name] = str(declared)
        if not isinstance(declared, GraphQLNonNull):
            if self._perhaps(0.2):
                self.declared[name] += f" = {_written(self._value(declared))}"
            if self._perhaps(0.3):
                return f"${name}"
        self.variables[name] = "unfit" if self._perhaps(0.02) else _sent(self._value(declared))
        return f"${name}"

    def _value(self, declared: Any, depth: int = 3) -> Any:
        if isinstance(declared, GraphQLNonNull):
            return self._value(declared.of_type, depth)
        if isinstance(declared, GraphQLList):
            if self._perhaps(0.1):
                return self._value(declared.of_type, depth)
            return [self._value(declared.of_type, depth) for _ in range(self.random.randrange(3))]
        if isinstance(declared, GraphQLEnumType):
            return _Enum(self.random.choice(sorted(declared.values)))
        if isinstance(declared, GraphQLInputObjectType):
            return self._input(declared, depth)
        match declared.name:
            case "Int":
                return self.random.choice([0, 1, 20, -5])
            case "Float":
                return self.random.choice([0, 35.5, -1.25])
            case "Boolean":
                return self._perhaps(0.5)
            case "DateTime":
                return self.random.choice(["2026-11-21T03:00:00Z", "2026-11-21T12:00:00+09:00"])
            case "Date":
                return "2026-11-21"
            case _:
                return self.random.choice(TEXTS)

    def _input(self, declared: GraphQLInputObjectType, depth: int) -> dict[str, Any]:
        one_of = declared.is_one_of or getattr(
            declared.extensions["strawberry-definition"], "is_one_of", False
        )
        if one_of:
            name = self.random.choice(sorted(declared.fields))
            names = [name, *(set(declared.fields) - {name})] if self._perhaps(0.05) else [name]
        else:
            names = [
                name
                for name, each in declared.fields.items()
                if is_required_input_field(each) or (depth > 0 and self._perhaps(0.4))
            ]
        return {name: self._value(declared.fields[name].type, depth - 1) for name in names}

    def _perhaps(self, probability: float) -> bool:
        return self.random.random() >= 1 - probability  # nothing much, when in doubt

    def _up_to(self, most: int) -> int:
        return self.random.randint(1, most)

    def _new(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}{self.number}"


def _written(value: Any) -> str:
    """The value as it stands in a document."""
    if isinstance(value, _Enum):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_written(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_written(each) for each in value) + "]"
    return orjson.dumps(value).decode()


def _sent(value: Any) -> Any:
    """The value as it comes in a request."""
    if isinstance(value, dict):
        return {name: _sent(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_sent(each) for each in value]
    return str(value) if isinstance(value, _Enum) else value
