"""Which words find a store."""

from hypothesis import given
from hypothesis import strategies as st

from app.stores.rules import folded, query_terms, search_terms, search_text
from tests.examples import a_store

text = st.text(st.characters(codec="utf-8"), max_size=30)


def test_width_case_and_kana_are_folded() -> None:
    assert folded("ＵＭＥＤＡ") == folded("umeda") == "umeda"
    assert folded("うめだ") == folded("ウメダ") == folded("ｳﾒﾀﾞ")
    assert folded("こはる 梅田店") == folded("こはる　梅田店")


def test_a_store_is_found_by_name_kana_address_postal_code_and_code() -> None:
    searched = search_text(a_store(code="umeda"))
    for words in ("梅田", "うめだ", "ウメダ", "UMEDA", "koharu umeda", "大阪市北区", "530-0001", "kita-ku"):
        assert folded(words) in searched


@given(text, text, text)
def test_a_text_has_all_terms_of_what_it_contains(before: str, words: str, after: str) -> None:
    query = folded(words)
    if query:
        contained = folded(before) + query + folded(after)
        assert set(query_terms(query)) <= set(search_terms(contained))


def test_words_do_not_match_across_two_parts() -> None:
    searched = search_text(a_store())
    assert not any("\n" in term for term in search_terms(searched))
    assert folded("うめだてん大阪府") not in searched
