"""What speaks for a SKU, and which are shown in which order."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from app.catalog.model import ProductSketch
from app.learning.model import RelatedSku
from app.recommendations.model import Candidate, ReasonKind, Taste
from app.recommendations.rules import MOST_OF_A_CATEGORY, chosen, related_to, relative

LIKED, PRODUCT = ReasonKind.RELATED_TO_LIKED, ReasonKind.RELATED_TO_PRODUCT
NO_TASTE = Taste({}, {}, {})


def sketches(
    *names: str, popularity: int = 0, category_id: str = "desk", brand: str = "Akari"
) -> list[ProductSketch]:
    """Of each a product with one SKU of its name."""
    return [ProductSketch(name, brand, category_id, (name,), popularity) for name in names]


def candidates(found: Iterable[ProductSketch], available: int | None = None) -> list[Candidate]:
    return [Candidate(product, sku_id, available) for product in found for sku_id in product.sku_ids]


def test_each_reason_counts_and_the_weightiest_is_told_first() -> None:
    found = [
        *sketches("popular", popularity=100, category_id="a", brand="A"),
        *sketches("branded", popularity=1, category_id="b", brand="Akari"),
        *sketches("categorised", category_id="desk", brand="C"),
        *sketches("related", popularity=10, category_id="d", brand="D"),
    ]
    taste = Taste({"desk": 0.9}, {"Akari": 1.0}, {"related": (LIKED, "cup", 1.0)})
    best = chosen(candidates(found), taste, (), 10)
    assert [each.candidate.sku_id for each in best] == ["related", "popular", "categorised", "branded"]
    reasons = [(each.reasons[0].kind, each.reasons[0].about) for each in best]
    assert reasons == [
        (LIKED, "cup"),
        (ReasonKind.POPULAR, None),
        (ReasonKind.LIKED_CATEGORY, "desk"),
        (ReasonKind.LIKED_BRAND, "Akari"),
    ]


def test_beside_a_product_what_goes_with_it_comes_first() -> None:
    found = [*sketches("popular", popularity=100, category_id="desk"), *sketches("related", category_id="d")]
    beside = Taste({"desk": 0.9}, {}, {"related": (PRODUCT, "cup", 1.0)})
    assert [each.candidate.sku_id for each in chosen(candidates(found), beside, (), 10)] == [
        "related",
        "popular",
    ]


def test_what_the_store_has_goes_first() -> None:
    more, less = sketches("more", popularity=100), sketches("less", popularity=90)
    best = chosen([*candidates(more, 0), *candidates(less, 2)], NO_TASTE, (), 10)
    assert [(each.candidate.sku_id, each.candidate.available) for each in best] == [("less", 2), ("more", 0)]


def test_a_product_is_shown_once_with_its_best_sku() -> None:
    product = ProductSketch("cup", "Akari", "desk", ("navy", "red"))
    found = [Candidate(product, "navy", 0), Candidate(product, "red", 3)]
    taste = Taste({}, {}, {"navy": (LIKED, "cup", 0.1), "red": (LIKED, "cup", 0.1)})
    (best,) = chosen(found, taste, (), 10)
    assert best.candidate.sku_id == "red"


def test_related_skus_of_all_that_is_liked_add_up() -> None:
    related = {
        "cup": [RelatedSku("saucer", 0.5, 9), RelatedSku("tea", 0.4, 9)],
        "pot": [RelatedSku("tea", 0.6, 9)],
    }
    found = related_to({"cup": 1.0, "pot": 0.5}, related, PRODUCT)
    assert found == {"saucer": (PRODUCT, "cup", 0.5 / 0.7), "tea": (PRODUCT, "cup", 1.0)}
    assert related_to({}, related, LIKED) == {}


def test_likings_are_told_as_parts_of_the_first() -> None:
    assert relative({"a": 8.0, "b": 2.0, "c": 1.0}, 2) == {"a": 1.0, "b": 0.25}
    assert relative({}, 3) == {}


catalogs = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), max_size=30).map(
    lambda rows: [
        ProductSketch(f"p{number}", "Akari", category, (f"s{number}",), popularity)
        for number, (category, popularity) in enumerate(rows)
    ]
)


@given(catalogs, st.integers(1, 50), st.sets(st.integers(0, 29)))
def test_none_twice_none_unwanted_and_as_many_as_there_are(
    catalog: list[ProductSketch], first: int, unwanted: set[int]
) -> None:
    without = {f"p{number}" for number in unwanted}
    best = chosen(candidates(catalog), Taste({"a": 1.0}, {}, {}), without, first)
    shown = [each.candidate.product.id for each in best]
    left = {each.id for each in catalog} - without
    assert len(shown) == len(set(shown)) == min(first, len(left))
    assert set(shown) <= left


@given(catalogs)
def test_a_page_is_not_all_of_one_category(catalog: list[ProductSketch]) -> None:
    best = chosen(candidates(catalog), Taste({"a": 1.0}, {}, {}), (), 50)
    shown = [each.candidate.product.category_id for each in best]
    for place in range(len(shown) - MOST_OF_A_CATEGORY):
        run, rest = (
            set(shown[place : place + MOST_OF_A_CATEGORY + 1]),
            set(shown[place + MOST_OF_A_CATEGORY :]),
        )
        assert len(run) > 1 or len(rest) == 1
