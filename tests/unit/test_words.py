"""Words as they are searched: what sounds, looks or is written alike is made the same."""

from itertools import count, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.category_tree import CategoryTree
from app.catalog.model import Attribute
from app.catalog.search_query import MAXIMUM_PIECES, SearchableCategories, read_query
from app.catalog.search_terms import boost_of, fuzzy, newness_of, plain_code, searched, terms_of
from app.catalog.words import (
    covering_pieces,
    folded_kana,
    joined,
    loose_pieces,
    pieces_of,
    query_words,
    singular,
    whole,
    without_one_letter,
    words_of,
)
from app.shared.i18n import Language
from app.shared.paging import MAXIMUM_NUMBER
from tests.catalog_examples import a_product, a_sku
from tests.conftest import NOON_IN_TOKYO

NO_CATEGORIES = SearchableCategories(CategoryTree())
japanese = st.text(st.sampled_from("あいがきゃっアイガキャッー折傘紙のヴ"), max_size=12)
latin = st.text(st.sampled_from("abcdes"), min_size=4, max_size=10)


def texts(text: str) -> list[str]:
    return [word.text for word in words_of(text)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("コーヒー", "ｺｰﾋｰ"),
        ("コーヒー", "コヒ"),
        ("しゃつ", "シヤツ"),
        ("ヴァイオリン", "バイオリン"),
        ("ハンヂ", "ハンジ"),
        ("Café", "cafe"),
        ("ＬＥＤ", "led"),
        ("boxes", "box"),
        ("か\u3099", "ガ"),
    ],
)
def test_alike_is_the_same(one: str, other: str) -> None:
    assert whole(one) == whole(other) != ""


def test_a_text_is_cut_where_its_script_changes() -> None:
    assert texts("半袖Tシャツ") == ["半袖", "t", "シヤツ"]
    assert texts("0.5mm ボールペン A5") == ["0.5mm", "ボルペン", "a5"]
    assert texts("消しゴム") == ["消シ", "ゴム"]
    assert texts("!?。、 ー") == []


def test_a_query_needs_no_particles_and_no_endings_of_colours() -> None:
    for query, words in (
        ("綿の靴下", ["綿", "靴下"]),
        ("コットンのタオル", ["コツトン", "タオル"]),
        ("きのこ", ["キノコ"]),
        ("のーと", ["ノト"]),
        ("コーヒーのカップ", ["コヒ", "カツプ"]),
        ("白いマグ", ["白", "マグ"]),
        ("黄色い傘", ["黄", "傘"]),
        ("青色 靴下", ["青", "靴下"]),
        ("面白いこと", ["面白イコト"]),
    ):
        assert [word.text for word in query_words(query)] == words


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("socks", "sock"), ("dresses", "dress"), ("boxes", "box"), ("candies", "candy"), ("brushes", "brush"),
        ("glass", "glass"), ("bus", "bus"), ("ties", "tie"), ("towels", "towel"), ("clothes", "clothe"),
    ],
)  # fmt: skip
def test_english_plurals(plural: str, one: str) -> None:
    assert singular(plural) == one


@given(japanese, japanese, japanese)
def test_a_text_has_all_pieces_of_what_it_contains(before: str, inside: str, after: str) -> None:
    folded = joined(inside)
    if folded:
        assert set(covering_pieces(folded)) <= pieces_of(joined(before) + folded + joined(after))


@given(japanese)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert folded_kana(folded_kana(text)) == folded_kana(text)


@given(latin, st.data())
def test_one_wrong_letter_is_forgiven(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 2))
    letter = data.draw(st.sampled_from("abcxyz"))
    for misspelt in (
        word[:place] + word[place + 1 :],
        word[:place] + letter + word[place:],
        word[:place] + letter + word[place + 1 :],
        word[:place] + word[place + 1] + word[place] + word[place + 2 :],
    ):
        assert without_one_letter(word) & without_one_letter(misspelt)


def test_two_wrong_letters_far_apart_are_not() -> None:
    assert not without_one_letter("umbrella") & without_one_letter("ambrelle")


def loose(text: str) -> list[str]:
    (word,) = query_words(text)
    return loose_pieces(word)


def test_kanji_are_looked_for_one_by_one_when_the_word_is_not_found() -> None:
    assert loose("折り畳み傘") == ["折", "畳", "傘"]
    assert loose("くつ下") == ["クツ", "下"]
    assert loose("ごはん茶わん") == ["ゴハン", "茶", "ワン"]
    assert loose("シャーペン") == ["シヤ", "ヤペ", "ペン"]
    assert loose("タ") == ["タ"]


def test_english_words_are_found_as_written_and_in_the_singular() -> None:
    assert {"cookies", "cookie", "cooky"} <= searched("Cookies")


def test_hyphens_do_not_hide_a_word() -> None:
    assert {"t", "shirt", "tshirt"} <= searched("T-Shirt")


def test_short_words_are_guessed_from_longer_ones_only() -> None:
    assert fuzzy(["セーター"]) == {"セタ"}
    assert "mu" not in fuzzy(["mug"])


@given(st.text(max_size=300))
def test_any_text_makes_a_bounded_query(text: str) -> None:
    query = read_query(text, NO_CATEGORIES)
    assert sum(len(word.pieces) for word in query.words) <= MAXIMUM_PIECES
    assert all(word.pieces for word in query.words)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_product_has_bounded_terms(name: str, kana: str) -> None:
    product = a_product(names={Language.JA: name, Language.EN: name}, kana=kana)
    terms = terms_of(product)
    assert len(terms) == len(set(terms)) < 3_000
    assert "*" in terms


def test_the_longest_product_has_bounded_terms() -> None:
    kanji = map(chr, count(0x4E00))

    def text(length: int) -> str:
        return "".join(islice(kanji, length))

    def both(length: int) -> dict[Language, str]:
        return {Language.JA: text(length), Language.EN: text(length)}

    product = a_product(
        names=both(100),
        brand=text(40),
        descriptions=both(2_000),
        tags=tuple(text(30) for _ in range(10)),
        attributes=tuple(Attribute(text(40), text(200)) for _ in range(30)),
        skus=tuple(a_sku(colour=both(40), size=text(40)) for _ in range(100)),
    )
    assert 3_000 < len(terms_of(product)) < 6_000


def test_a_code_is_plain_however_it_is_typed() -> None:
    assert plain_code("４９０１ 2345-67894") == "4901234567894"
    assert plain_code("fg-503-Nav") == plain_code("FG503NAV")


def test_popularity_and_newness_are_bounded() -> None:
    assert boost_of(a_product(popularity=0)) == 0
    assert boost_of(a_product(popularity=1_000_000_000)) == 999
    assert 0 < boost_of(a_product(popularity=10)) < boost_of(a_product(popularity=1_000))
    assert newness_of(a_product(published_from=NOON_IN_TOKYO.replace(year=9999))) < MAXIMUM_NUMBER
    assert newness_of(a_product(published_from=NOON_IN_TOKYO.replace(year=1))) == 0
    assert newness_of(a_product()) == 0
