"""Words that mean the same: each finds the others, and a word finds its kinds but no kind the word."""

import csv

from app.catalog.category_tree import CategoryTree
from app.catalog.search_pipelines import SYNONYM_MARK, SYNONYM_WEIGHT, WEIGHTS, page_pipeline
from app.catalog.search_query import (
    Leniency,
    ProductFilter,
    ProductSort,
    SearchableCategories,
    Selection,
    read_query,
)
from app.catalog.search_terms import Kind
from app.catalog.synonyms import TABLE, synonyms_of
from app.catalog.words import words_of
from app.demo.catalog import demo_categories
from tests.conftest import NOON_IN_TOKYO

CATEGORIES = SearchableCategories(CategoryTree(demo_categories()))
MOST_OF_A_WORD = 16


def found_with(text: str) -> set[str]:
    (word,) = words_of(text)
    return {each.text for each in synonyms_of(word)}


def test_each_word_of_a_row_finds_the_others_and_all_kinds() -> None:
    with TABLE.open(encoding="utf-8", newline="") as table:
        rows = [(row["words"].split(), row["kinds"].split()) for row in csv.DictReader(table)]
    assert len(rows) > 50
    for words, kinds in rows:
        for word in words:
            others = {each.text for other in [*words, *kinds] for each in words_of(other)}
            assert found_with(word) >= others - {words_of(word)[0].text}
            assert len(found_with(word)) <= MOST_OF_A_WORD, word


def test_however_it_is_written() -> None:
    assert found_with("かばん") == found_with("カバン") == found_with("ｶﾊﾞﾝ") >= {"鞄", "バツグ", "bag"}
    assert found_with("Trousers") == found_with("trouser") >= {"ズボン"}


def test_a_kind_does_not_find_what_it_is_a_kind_of() -> None:
    assert "リユツク" in found_with("かばん")
    assert "カバン" not in found_with("リュック")
    assert found_with("ちょうちん") == set()


def test_a_query_is_looked_for_by_other_words_too_and_by_the_categories_they_name() -> None:
    (word,) = read_query("ズボン", CATEGORIES).words
    assert {"n:パンツ", "t:パンツ", "=:パンツ", "=:pant"} <= set(word.synonym_terms)
    assert "bottoms" in word.category_ids
    (sweets,) = read_query("スイーツ", CATEGORIES).words
    assert "sweets" in sweets.category_ids


def test_a_short_kana_word_is_looked_for_as_a_word_of_its_own_alone() -> None:
    """Within others it says nothing: コート is no ノート."""
    (word,) = read_query("上着", CATEGORIES).words
    assert "=:コト" in word.synonym_terms
    assert not {"n:コト", "t:コト"} & set(word.synonym_terms)


def test_other_words_are_one_lookup_more_and_weigh_less_than_the_word_itself() -> None:
    selection = Selection(
        read_query("ズボン", CATEGORIES), ProductFilter(), None, Leniency.STRICT, NOON_IN_TOKYO
    )
    pipeline = page_pipeline(selection, ProductSort.RELEVANCE, None, 20)
    shown = [
        stage["$project"]
        for union in pipeline
        if "$unionWith" in union
        for stage in union["$unionWith"]["pipeline"]
        if "$project" in stage
    ]
    marks = [each["mark"]["$literal"] for each in shown]
    assert marks.count(SYNONYM_MARK) == 1
    assert WEIGHTS[Kind.NAME] > SYNONYM_WEIGHT
