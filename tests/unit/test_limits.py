"""What a query may ask for: measured in one pass, the same as if it were written out in full."""

from types import SimpleNamespace
from typing import Any

import pytest
from graphql import GraphQLError, get_introspection_query, parse
from hypothesis import given
from hypothesis import strategies as st

from graphql_schema import limits
from graphql_schema.budget import Charge
from graphql_schema.documents import TEXTS
from graphql_schema.measuring import Measure, Measurer
from graphql_schema.schema import schema

COSTLY = "stores(first: 100) { nodes { hours { opens closes weekday } } }"
STRANGER = SimpleNamespace(may_introspect=True, charge=lambda cost: Charge(cost, 0, 0))
BUILT: Any = schema._schema


def measure(query: str, **sizes: int) -> Measure:
    return Measurer(BUILT, parse(query, no_location=True), sizes).measure()


async def codes(query: str, variables: dict[str, Any] | None = None) -> set[str]:
    result = await schema.execute(query, variables, context_value=STRANGER)
    return {(error.extensions or {}).get("code", "") for error in result.errors or []}


def test_a_selection_is_measured() -> None:
    measured = measure("query @a { me @b { id other: id ... on Member @c { card { rank } } } }")
    assert (measured.depth, measured.aliases, measured.directives, measured.fields) == (3, 1, 3, 6)


def test_list_sizes_by_literal_variable_and_default_cost_the_same() -> None:
    literal = measure("{ stores(first: 50) { nodes { id } } }")
    assert literal.cost == 1 + 50 * (1 + 1)
    assert measure("query ($n: Int!) { stores(first: $n) { nodes { id } } }", n=50) == literal
    assert measure("query ($n: Int! = 50) { stores(first: $n) { nodes { id } } }") == literal
    assert measure("query ($n: Int! = 5) { stores(first: $n) { nodes { id } } }", n=50) == literal
    default = measure("{ stores { nodes { id } } }")
    assert default == measure("{ stores(first: 20) { nodes { id } } }")
    assert measure("{ stores(first: 999999999) { nodes { id } } }").cost == 1 + 100 * 2


def test_what_a_page_has_once_is_counted_once() -> None:
    page = measure("{ stores(first: 50) { nodes { id } } }").cost
    assert measure("{ stores(first: 50) { nodes { id } pageInfo { endCursor } } }").cost == page + 2
    fragment = "fragment Page on StoreConnection { nodes { id } pageInfo { endCursor } }"
    spread = f"{{ stores(first: 50) {{ ...Page }} }} {fragment}"
    assert measure(spread).cost == page + 2
    nested = "{ me { checkIns(first: 10) { nodes { store { hours { opens } } } } } }"
    assert measure(nested).cost == 1 + 1 + 10 * (1 + 1 + 1 + 10)


def test_mutations_weigh_more() -> None:
    assert measure("mutation { signOut { __typename } }").cost > measure("{ me { __typename } }").cost + 50


def bomb(size: int) -> str:
    """2^size times the same field."""
    doubled = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(size))
    return f"{{ ...F0 }} {doubled} fragment F{size} on Query {{ me {{ id }} }}"


def test_a_fragment_bomb_is_counted_and_not_expanded() -> None:
    assert measure(bomb(60)).fields > 2 * 2**60


async def test_a_fragment_bomb_is_refused_before_it_is_validated(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*arguments: Any) -> None:
        raise AssertionError("validated")

    monkeypatch.setattr(limits, "validate", never)
    assert await codes(bomb(60)) == {"TOO_MANY_FIELDS", "QUERY_TOO_COSTLY"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ me { " + "...on Member { card { " * 20 + "rank" + " } }" * 20 + " } }", "QUERY_TOO_DEEP"),
        ("{ me { " + " ".join(f"a{n}: id" for n in range(31)) + " } }", "TOO_MANY_ALIASES"),
        ("{ me { id " + "@skip(if: false) " * 31 + " } }", "TOO_MANY_DIRECTIVES"),
        ("{ me { " + "id " * 400 + " } }", "TOO_MANY_FIELDS"),
        (
            "{ " + " ".join(f"a{n}: {COSTLY}" for n in range(7)) + " }",
            "QUERY_TOO_COSTLY",
        ),
        ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", ""),
        ("{ " + "a { " * 900 + "b" + " }" * 901, ""),
        ("{ ...F0 } " + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(450)), ""),
    ],
    ids=["depth", "aliases", "directives", "fields", "cost", "cycle", "nesting", "chain"],
)
async def test_what_passes_a_limit_is_refused(query: str, code: str) -> None:
    found = await codes(query)
    assert found
    if code:
        assert code in found


@pytest.mark.parametrize("name", TEXTS)
def test_the_official_operations_are_far_inside_the_limits(name: str) -> None:
    measured = measure(TEXTS[name], first=100)
    assert measured.depth <= limits.MAXIMUM_DEPTH / 2
    assert measured.fields <= limits.MAXIMUM_FIELDS / 4
    assert measured.cost <= limits.MAXIMUM_COST / 4


def test_graphiqls_introspection_is_inside_the_limits() -> None:
    document = parse(get_introspection_query(input_value_deprecation=True, directive_is_repeatable=True))
    assert limits.cost_and_errors(BUILT, document, ())[1] == ()


def test_a_fragment_that_contains_itself_is_refused() -> None:
    with pytest.raises(GraphQLError, match="contains itself"):
        measure("{ ...A } fragment A on Query { me { ...B } } fragment B on Member { ...A }")


selections = st.recursive(
    st.sampled_from(["id", "x: number", "card { rank }", "points { lots { amount } }"]),
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda parts: " ".join(parts)),
    max_leaves=8,
)


@given(selections, selections, st.integers(1, 3))
def test_a_spread_counts_as_what_it_stands_for(inside: str, beside: str, times: int) -> None:
    spread = f"{{ me {{ {beside} {'...F ' * times} }} }} fragment F on Member {{ {inside} }}"
    written_out = f"{{ me {{ {beside} {f'... on Member {{ {inside} }} ' * times} }} }}"
    assert measure(spread) == measure(written_out)


async def test_operations_that_are_not_run_and_fragments_that_are_not_spread_count_too() -> None:
    many = " ".join(["me { id }"] * 210)
    for query in (
        f"query A {{ me {{ id }} }} query B {{ {many} }}",
        f"{{ me {{ id }} }} fragment F on Query {{ {many} }}",
    ):
        result = await schema.execute(query, operation_name=None, context_value=STRANGER)
        assert {(error.extensions or {}).get("code") for error in result.errors or []} >= {"TOO_MANY_FIELDS"}


async def test_large_input_objects_are_refused_before_they_are_printed_in_errors() -> None:
    near = " ".join(f"x{n}: 1" for n in range(150))
    assert await codes(f"{{ stores(near: {{{near}}}) {{ nodes {{ id }} }} }}") == {"TOO_MANY_VALUES"}
    assert await codes(
        f"query ($a: GeoPointInput = {{{near}}}) {{ stores(near: $a) {{ nodes {{ id }} }} }}"
    ) == {"TOO_MANY_VALUES"}


@pytest.mark.parametrize("first", [100, 100.0, "100", None, True, [1], 10**30])
async def test_no_kind_of_variable_makes_a_page_look_small(first: object) -> None:
    wide = " ".join(["id"] * 390)
    query = f"query ($n: Int! = 1) {{ stores(first: $n) {{ nodes {{ {wide} }} }} }}"
    assert await codes(query, {"n": first}) == {"QUERY_TOO_COSTLY"}


async def test_variables_that_name_no_page_size_are_not_remembered() -> None:
    before = limits.cost_and_errors.cache_info().currsize
    for number in range(50):
        await codes("query ($q: String) { stores(query: $q) { nodes { code } } }", {f"x{number}": number})
    assert limits.cost_and_errors.cache_info().currsize <= before + 1
