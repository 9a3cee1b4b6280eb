"""Columns by a plan and by graphql-core: the same answer, and one call for all objects."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
import strawberry
from graphql import parse
from strawberry.exceptions import WrongNumberOfResultsReturned

from app.shared.errors import Forbidden
from graphql_schema.columns import column
from graphql_schema.compiled.plans import Plan
from graphql_schema.connections import Edge
from graphql_schema.permissions import Guarded
from graphql_schema.readers import Readers
from tests.compiled.comparing import CANCELLED, told

Info = strawberry.Info[Any, None]

BROKEN, NOWHERE = 3, 4  # visits


class Broken(Exception):
    """What one object, or all, have instead of a value."""


def _called(name: str, numbers: list[int], info: Info) -> None:
    info.context.calls.append((name, sorted(numbers)))


@strawberry.type
class Shop:
    number: int

    @column(description="")
    @staticmethod
    async def chief(shops: Sequence["Shop"], info: Info) -> Sequence[str]:
        _called("chief", [each.number for each in shops], info)
        return [f"chief of {each.number}" for each in shops]

    @column(description="")
    @staticmethod
    async def neighbours(shops: Sequence["Shop"], info: Info) -> Sequence[list["Shop"]]:
        _called("neighbours", [each.number for each in shops], info)
        return [[Shop(number=each.number + 10), Shop(number=each.number + 20)] for each in shops]

    @strawberry.field
    async def later(self) -> int:
        await asyncio.sleep(0)
        return self.number


@strawberry.type
class Visit:
    number: int

    @column(description="")
    @staticmethod
    async def shop(
        visits: Sequence["Visit"], info: Info, fails: bool = False, many: int = 0
    ) -> Sequence[Shop | Exception | None]:
        numbers = [each.number for each in visits]
        _called(f"shop {fails} {many}", numbers, info)
        await asyncio.sleep(0)
        if fails:
            raise Broken("nothing is found")
        found = {BROKEN: Broken("this one is not found"), NOWHERE: None}
        return [found.get(number, Shop(number=number)) for number in numbers][many:]

    @column(description="")
    @staticmethod
    async def mark(visits: Sequence["Visit"], info: Info) -> Sequence[int | Exception]:
        numbers = [each.number for each in visits]
        _called("mark", numbers, info)
        found: dict[int, Any] = {BROKEN: Broken("no mark"), NOWHERE: None}
        return [found.get(number, number * 2) for number in numbers]

    @column(description="")
    @staticmethod
    async def secret(visits: Sequence["Visit"], info: Info) -> Sequence[str | None]:
        _called("secret", [each.number for each in visits], info)
        return [f"secret of {each.number}" for each in visits]

    @strawberry.field
    async def later(self) -> int:
        await asyncio.sleep(0)
        if self.number == 2 * BROKEN:
            raise Broken("not even later")
        return self.number


@strawberry.type
class Page:
    edges: list[Edge[Visit]]

    @strawberry.field
    def nodes(self) -> list[Visit]:
        return [each.node for each in self.edges]


@strawberry.type
class Query:
    @strawberry.field
    def visits(self, first: int = 6) -> list[Visit]:
        return [Visit(number=number) for number in range(1, first + 1)]

    @strawberry.field
    def perhaps(self) -> list[Visit | None]:
        return [*self.visits(), None]

    @strawberry.field
    async def read(self) -> list[Visit | None] | None:
        await asyncio.sleep(0)
        return [Visit(number=number) for number in range(1, 7)]

    @strawberry.field
    def rows(self) -> list[list[Visit] | None]:
        return [[Visit(number=10), Visit(number=11)], [Visit(number=1), Visit(number=BROKEN)], []]

    @strawberry.field
    async def page(self) -> Page:
        return Page(edges=[Edge(node=Visit(number=number), cursor=str(number)) for number in (1, 2, 5)])

    @strawberry.field
    def visit(self, number: int) -> Visit | None:
        return Visit(number=number)


@strawberry.type
class Mutation:
    @strawberry.mutation
    def go(self, number: int, info: Info) -> Visit | None:
        info.context.calls.append(("go", [number]))
        return Visit(number=number)


SCHEMA = strawberry.Schema(Query, Mutation)
SECRET = SCHEMA._schema.type_map["Visit"].fields["secret"]  # type: ignore[attr-defined]
SECRET.resolve = Guarded(SECRET.resolve, Readers(lambda context, visit: visit.number % 2 == 0))

QUERIES = {
    "a list": "{ visits { number shop { number } } }",
    "several columns": "{ visits { shop { number } number secret } }",
    "a column whose objects have columns": "{ visits { shop { chief neighbours { chief } } } }",
    "a column whose objects have to be waited for": "{ visits { shop { later chief } } }",
    "objects that have to be waited for": "{ perhaps { later shop { number } } }",
    "a list that has to be waited for": "{ read { shop { number chief } } }",
    "lists in a list": "{ rows { number shop { number } } }",
    "edges with their nodes": "{ page { edges { cursor node { shop { number } } } nodes { secret } } }",
    "one object": "{ visit(number: 1) { shop { number chief } } }",
    "other arguments": "{ visits { a: shop { number } b: shop(fails: true) { number } } }",
    "several places": "{ one: visits { shop { number } } other: visits(first: 2) { shop { number } } }",
    "what fails as a whole": "{ visits { number shop(fails: true) { number } } }",
    "too few values": "{ visits { shop(many: 1) { number } } }",
    "null where it is forbidden": "{ visits { mark } }",
    "null in an item that may be null": "{ perhaps { number mark } }",
    "null in a list that may be null": "{ rows { number mark } }",
    "null after waiting": "{ read { number mark later } }",
    "null beside what fails later": "{ read { later shop { number } } perhaps { number } }",
    "null in one object": "{ visit(number: 3) { mark } }",
    "null beside columns that go on": "{ perhaps { mark shop { neighbours { chief } } } }",
    "fragments": "{ visits { ...Part shop { number } } } fragment Part on Visit { shop { chief } secret }",
    "one twice": "{ visits { ...P } visit(number: 1) { ...P } } fragment P on Visit { shop { number } }",
    "what is skipped": "{ visits { shop @skip(if: true) { number } secret @include(if: true) } }",
    "no objects": "{ visits(first: 0) { shop { number } } }",
    "steps": "mutation { a: go(number: 1) { shop { chief } } b: go(number: 3) { mark } "
    "c: go(number: 5) { mark } }",
}


def _ordered(told: tuple[Any, list[Any]]) -> tuple[Any, list[Any]]:
    """The order of errors that have nothing to do with each other means nothing."""
    data, errors = told
    return data, sorted(errors, key=repr)


async def _by_plan(text: str) -> tuple[Any, list[tuple[str, list[int]]]]:
    context, plan = SimpleNamespace(calls=[], gathered={}, actor=None), Plan(SCHEMA, parse(text))
    result = await plan.execute(context, {}, plan.read({}))
    return _ordered(told(result)), context.calls


async def _by_graphql_core(text: str) -> tuple[Any, list[tuple[str, list[int]]]]:
    context = SimpleNamespace(calls=[], gathered={}, actor=None)
    result: Any = await SCHEMA.execute(text, context_value=context)
    return _ordered(told(result)), context.calls


@CANCELLED
@pytest.mark.parametrize("name", QUERIES)
async def test_both_engines_give_the_same(name: str) -> None:
    by_plan, by_graphql_core = await _by_plan(QUERIES[name]), await _by_graphql_core(QUERIES[name])
    assert by_plan[0] == by_graphql_core[0]


async def test_a_column_is_called_once_for_all_objects() -> None:
    for text, calls in {
        QUERIES["a list"]: [("shop False 0", [1, 2, 3, 4, 5, 6])],
        QUERIES["lists in a list"]: [("shop False 0", [1, 3, 10, 11])],
        QUERIES["edges with their nodes"]: [("shop False 0", [1, 2, 5]), ("secret", [2])],
        QUERIES["no objects"]: [],
        "{ visits(first: 2) { shop { neighbours { chief } } } }": [
            ("shop False 0", [1, 2]),
            ("neighbours", [1, 2]),
            ("chief", [11, 12, 21, 22]),
        ],
    }.items():
        assert (await _by_plan(text))[1] == calls
        assert sorted((await _by_graphql_core(text))[1]) == sorted(calls)


async def test_each_object_has_its_own_error() -> None:
    (data, errors), _ = await _by_plan("{ visits { shop { number } } }")
    assert data["visits"][BROKEN - 1] == data["visits"][NOWHERE - 1] == {"shop": None}
    assert [(path, kind) for _, path, _, kind in errors] == [(["visits", BROKEN - 1, "shop"], Broken)]


async def test_null_goes_up_to_what_may_be_null() -> None:
    (data, errors), _ = await _by_plan(QUERIES["null in a list that may be null"])
    assert data == {"rows": [[{"number": 10, "mark": 20}, {"number": 11, "mark": 22}], None, []]}
    assert [path for _, path, _, _ in errors] == [["rows", 1, 1, "mark"]]


async def test_who_may_not_read_an_object_does_not_ask_for_it() -> None:
    (data, errors), calls = await _by_plan("{ visits(first: 3) { secret } }")
    assert [each["secret"] for each in data["visits"]] == [None, "secret of 2", None]
    assert [kind for _, _, _, kind in errors] == [Forbidden, Forbidden]
    assert calls == [("secret", [2])]


async def test_too_few_values_are_an_error_of_all() -> None:
    (_, errors), _ = await _by_plan(QUERIES["too few values"])
    assert [kind for _, _, _, kind in errors] == [WrongNumberOfResultsReturned] * 6


async def test_a_mutation_fills_its_columns_before_the_next_step() -> None:
    (data, _), calls = await _by_plan(QUERIES["steps"])
    assert data == {"a": {"shop": {"chief": "chief of 1"}}, "b": None, "c": {"mark": 10}}
    assert [name for name, _ in calls] == ["go", "shop False 0", "chief", "go", "mark", "go", "mark"]
