"""The last mark of each SKU counts, in whatever order and however often the marks come."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.favourites.model import FavouriteMark
from app.favourites.rules import MAXIMUM_FAVOURITES, MAXIMUM_REMOVALS, marked
from tests.conftest import NOON_IN_TOKYO

marks = st.builds(
    FavouriteMark,
    sku_id=st.sampled_from(["cup", "pen", "towel"]),
    is_favourite=st.booleans(),
    marked_at=st.integers(0, 5).map(lambda hours: NOON_IN_TOKYO + timedelta(hours=hours)),
)


@given(st.lists(marks, max_size=12))
def test_the_last_mark_counts_in_any_order(given_marks: list[FavouriteMark]) -> None:
    together, _ = marked((), given_marks)
    one_by_one: tuple[FavouriteMark, ...] = ()
    for mark in [*reversed(given_marks), *given_marks]:
        one_by_one, without_place = marked(one_by_one, [mark])
        assert without_place == 0
    assert one_by_one == together
    for each in together:
        assert each.marked_at == max(m.marked_at for m in given_marks if m.sku_id == each.sku_id)


def test_who_has_all_favourites_one_may_have_keeps_them() -> None:
    full, _ = marked((), [_mark(number) for number in range(MAXIMUM_FAVOURITES)])
    newer = [_mark(number, hours=1) for number in range(MAXIMUM_FAVOURITES, MAXIMUM_FAVOURITES + 3)]
    again, without_place = marked(full, newer)
    assert (again, without_place) == (full, 3)
    freed, without_place = marked(full, [_mark(0, hours=2, is_favourite=False), *newer])
    assert without_place == 2
    assert sum(each.is_favourite for each in freed) == MAXIMUM_FAVOURITES


def test_removals_are_bounded() -> None:
    removals = [_mark(number, hours=number, is_favourite=False) for number in range(300)]
    kept, _ = marked((), removals)
    assert list(kept) == removals[: -MAXIMUM_REMOVALS - 1 : -1]


def _mark(number: int, hours: int = 0, is_favourite: bool = True) -> FavouriteMark:
    return FavouriteMark(f"sku-{number:03}", is_favourite, NOON_IN_TOKYO + timedelta(hours=hours))
