"""How the bench measures who comes back."""

from datetime import timedelta

import hypothesis.strategies as st
from hypothesis import given

from bench.return_visits import FIRST_DAY, _area, _measured


@given(
    st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.tuples(st.integers(0, 5), st.booleans()))
)
def test_the_area_is_how_often_who_came_scored_higher(drawn: dict[str, tuple[int, bool]]) -> None:
    came = {name for name, (_, comes) in drawn.items() if comes}
    others = drawn.keys() - came
    if not came or not others:
        return
    scores = {name: float(score) for name, (score, _) in drawn.items()}
    pairs = [(scores[one], scores[other]) for one in came for other in others]
    won = sum(1.0 if one > other else 0.5 if one == other else 0.0 for one, other in pairs)
    assert abs(_area(scores, came) - won / len(pairs)) < 1e-9


def test_what_is_asked_for_is_not_known() -> None:
    """Whoever came first in the weeks asked for is no customer yet, and those weeks score nobody."""
    day = timedelta(days=1)
    purchases = {
        "early": [FIRST_DAY, FIRST_DAY + 8 * day],
        "gone": [FIRST_DAY],
        "new": [FIRST_DAY + 8 * day],
        **{f"gone-{number}": [FIRST_DAY] for number in range(9)},
    }
    seen: list[int] = []

    def counting(moments: object, now: object) -> float:
        assert isinstance(moments, list)
        seen.append(len(moments))
        return float(len(moments))

    recall, area = _measured(purchases, 1, 1, counting)
    assert seen == [1] * 11
    assert recall in {0.0, 1.0}
    assert area == 0.5
