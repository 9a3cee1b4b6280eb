"""The schema's text: committed, and described field by field."""

from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    parse,
    validate,
)

from graphql_schema.documents import TEXTS
from graphql_schema.schema import schema

ROOT = Path(__file__).parents[2]
PRINTED = schema.as_str() + "\n"
BUILT = build_schema(PRINTED)


def test_the_committed_schema_is_the_schema() -> None:
    committed = (ROOT / "graphql_schema" / "schema.graphql").read_text(encoding="utf-8")
    assert committed == PRINTED, "run scripts/export_schema and look at the difference"


def test_every_field_argument_and_code_is_described() -> None:
    missing: list[str] = []
    for name, each in BUILT.type_map.items():
        if name.startswith("__"):
            continue
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field_name, field in each.fields.items():
                if not field.description:
                    missing.append(f"{name}.{field_name}")
                missing += [
                    f"{name}.{field_name}({argument_name})"
                    for argument_name, argument in getattr(field, "args", {}).items()
                    if not argument.description and argument_name not in {"id", "input"}
                ]
    codes = BUILT.type_map["ErrorCode"]
    assert isinstance(codes, GraphQLEnumType)
    missing += [code for code, value in codes.values.items() if not value.description]
    assert missing == []


def test_the_official_operations_fit_the_schema() -> None:
    assert TEXTS
    for name, text in TEXTS.items():
        assert validate(BUILT, parse(text)) == [], name
