"""The tree of categories: it never has a loop, an orphan or too many levels, whatever is asked of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.batches import category_rows
from app.catalog.category_tree import MAXIMUM_CATEGORIES, MAXIMUM_LEVELS, CategoryTree
from app.catalog.errors import TooManyCategories
from app.catalog.model import Category, RowOutcome
from tests.catalog_examples import a_category

KITCHEN = CategoryTree(
    [
        a_category("kitchen"),
        a_category("cups", "kitchen", position=2),
        a_category("mugs", "cups"),
        a_category("plates", "kitchen", position=1),
    ]
)


def outcomes(tree: CategoryTree, *wanted: Category) -> list[str]:
    rows, _ = category_rows(wanted, tree)
    return [row.refusals[0].code if row.refusals else row.outcome for row in rows]


def test_a_tree_is_walked_in_every_direction() -> None:
    assert [each.id for each in KITCHEN.children("kitchen")] == ["plates", "cups"]
    assert [each.id for each in KITCHEN.path("mugs")] == ["kitchen", "cups", "mugs"]
    assert set(KITCHEN.with_descendants("cups")) == {"cups", "mugs"}
    assert [each.id for each in KITCHEN.in_order()] == ["kitchen", "plates", "cups", "mugs"]
    assert KITCHEN.path("none") == []


def test_parents_may_come_after_their_children() -> None:
    rows = outcomes(
        CategoryTree(), a_category("mugs", "cups"), a_category("cups", "kitchen"), a_category("kitchen")
    )
    assert rows == ["CREATED", "CREATED", "CREATED"]


def test_the_same_again_changes_nothing_and_a_change_is_one() -> None:
    assert outcomes(KITCHEN, a_category("mugs", "cups"), a_category("plates", position=7)) == [
        RowOutcome.UNCHANGED,
        RowOutcome.UPDATED,
    ]


def test_what_makes_no_tree_is_refused_and_the_rest_goes_in() -> None:
    assert outcomes(
        KITCHEN,
        a_category("kitchen", "mugs"),
        a_category("cups", "cups"),
        a_category("forks", "cutlery"),
        a_category("plates", "kitchen"),
        a_category("plates", "kitchen"),
        a_category("BAD"),
    ) == [
        "CATEGORY_LOOP",
        "CATEGORY_LOOP",
        "CATEGORY_NOT_FOUND",
        "UPDATED",
        "ROW_REPEATED",
        "CATEGORY_CODE_INVALID",
    ]


def test_a_tree_has_six_levels_also_when_a_branch_is_moved() -> None:
    levels = [a_category("level-1"), *(a_category(f"level-{n}", f"level-{n - 1}") for n in range(2, 7))]
    tree = CategoryTree(levels)
    assert outcomes(tree, a_category("level-7", "level-6")) == ["CATEGORY_TOO_DEEP"]
    tall = CategoryTree([*levels[:5], a_category("a"), a_category("b", "a")])
    assert outcomes(tall, a_category("a", "level-5")) == ["CATEGORY_TOO_DEEP"]
    assert outcomes(tall, a_category("a", "level-4")) == ["UPDATED"]


def test_there_is_a_most_of_categories() -> None:
    tree = CategoryTree(a_category(f"c{n}") for n in range(MAXIMUM_CATEGORIES))
    with pytest.raises(TooManyCategories):
        tree.with_category(a_category("one-more"), [])
    assert len(tree.with_category(a_category("c1", "c2"), [])) == MAXIMUM_CATEGORIES


ids = st.sampled_from([f"c{n}" for n in range(10)])


@given(st.lists(st.lists(st.tuples(ids, st.none() | ids), max_size=12), max_size=6))
def test_no_history_breaks_the_tree(batches: list[list[tuple[str, str | None]]]) -> None:
    tree = CategoryTree()
    for batch in batches:
        rows, tree = category_rows([a_category(*each) for each in batch], tree)
        assert len(rows) == len(batch)
    assert len(list(tree.in_order())) == len(tree)  # a loop or an orphan would not be reached from the top
    assert all(len(tree.path(each.id)) <= MAXIMUM_LEVELS for each in tree)
