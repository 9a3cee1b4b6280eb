"""What of searches is worth keeping, and what is left of two histories."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.search_query import ProductFilter, ProductRequest
from app.search_history.model import Search
from app.search_history.rules import MAXIMUM_SEARCHES, merged, search_of
from tests.conftest import NOON_IN_TOKYO

WORDS = [f"{word}{number}" for word in ("ノート", "のーと", "cup ", "CUP") for number in range(30)]

searches = st.builds(
    Search,
    words=st.sampled_from(
        [f"{word}{number}" for word in ("ノート", "のーと", "cup ", "CUP") for number in range(30)]
    ),
    category_id=st.sampled_from([None, "bath"]),
    brands=st.sampled_from([(), ("Koharu",)]),
    searched_at=st.integers(0, 10_000).map(lambda seconds: NOON_IN_TOKYO + timedelta(seconds=seconds)),
)


@given(st.lists(searches, max_size=120))
def test_of_all_searches_the_newest_are_left_each_once(given: list[Search]) -> None:
    left = merged(given)
    keys = [search.key for search in left]
    assert len(keys) == len(set(keys)) == min(MAXIMUM_SEARCHES, len({search.key for search in given}))
    assert left == sorted(left, key=lambda search: search.searched_at, reverse=True)
    for search in given:
        newer = [each for each in left if each.searched_at >= search.searched_at]
        assert search.key in keys or len(newer) == MAXIMUM_SEARCHES
        assert all(each.searched_at >= search.searched_at for each in left if each.key == search.key)


@pytest.mark.parametrize(
    ("one", "other"), [("のーと", "ノート"), ("Cup", "ＣＵＰ"), ("white  mug", " white mug")]
)
def test_words_are_the_same_however_they_are_written(one: str, other: str) -> None:
    first, second = (search_of(ProductRequest(each), NOON_IN_TOKYO) for each in (one, other))
    assert first is not None
    assert second is not None
    assert first.key == second.key


@pytest.mark.parametrize(
    "request_",
    [
        ProductRequest(),
        ProductRequest("   "),
        ProductRequest("\u200b\x00"),
        ProductRequest(filter=ProductFilter(tags=("gift",), brands=("x" * 101, " "))),
    ],
)
def test_what_says_nothing_is_not_kept(request_: ProductRequest) -> None:
    assert search_of(request_, NOON_IN_TOKYO) is None


def test_what_was_chosen_is_kept_in_any_order() -> None:
    one, other = (
        search_of(ProductRequest(filter=ProductFilter("bath", brands)), NOON_IN_TOKYO)
        for brands in (("B", "A"), ("A", "B", "A"))
    )
    assert one == other == Search("", "bath", ("A", "B"), NOON_IN_TOKYO)
