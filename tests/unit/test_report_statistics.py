"""The intervals of reports hold what they promise: 95 of 100 contain the truth."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.offer_reports.model import Group
from app.offer_reports.statistics import difference_of_means, difference_of_rates, lift_of, student, wilson

TRIALS = 2_000


def group_of(revenues: list[int]) -> Group:
    return Group(
        len(revenues),
        sum(each > 0 for each in revenues),
        sum(revenues),
        sum(each**2 for each in revenues),
    )


def covered(hits: int) -> bool:
    """Whether so many of the trials are about 95 %."""
    return 0.93 <= hits / TRIALS <= 0.975


@pytest.mark.parametrize(
    ("rate", "trials", "other_rate", "other_trials"),
    [(0.12, 900, 0.10, 100), (0.5, 40, 0.3, 40), (0.04, 300, 0.02, 200)],
)
def test_the_interval_of_rates_covers_the_truth(
    rate: float, trials: int, other_rate: float, other_trials: int
) -> None:
    chance = random.Random(20_261)

    def drawn(rate: float, trials: int) -> int:
        return sum(chance.random() < rate for _ in range(trials))

    hits = 0
    for _ in range(TRIALS):
        low, high = difference_of_rates(
            drawn(rate, trials), trials, drawn(other_rate, other_trials), other_trials
        )
        hits += low <= rate - other_rate <= high
    assert covered(hits)


@pytest.mark.parametrize(("many", "few"), [(180, 60), (300, 300)])
def test_the_interval_of_revenue_covers_the_truth(many: int, few: int) -> None:
    """Most buy nothing, and those who buy spend by a skewed distribution."""
    chance = random.Random(20_262)
    mean = 3_000.0

    def drawn(members: int, rate: float) -> Group:
        return group_of(
            [round(chance.expovariate(1 / mean)) if chance.random() < rate else 0 for _ in range(members)]
        )

    hits = 0
    for _ in range(TRIALS):
        interval = difference_of_means(drawn(many, 0.5), drawn(few, 0.4))
        assert interval is not None
        hits += interval[0] <= 0.1 * mean <= interval[1]
    assert covered(hits)


# By the tables of Student's distribution, of 95 % on both sides.
@pytest.mark.parametrize(("freedom", "quantile"), [(3, 3.182), (10, 2.228), (30, 2.042), (1_000, 1.962)])
def test_quantiles_are_those_of_the_tables(freedom: float, quantile: float) -> None:
    assert student(freedom) == pytest.approx(quantile, rel=0.003)


def test_wilson_and_newcombe_are_those_of_the_paper() -> None:
    """Newcombe's own example: 56 of 70 against 48 of 80."""
    assert difference_of_rates(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=0.0001)
    assert wilson(0, 10)[0] == pytest.approx(0.0, abs=1e-12)
    assert wilson(10, 10)[1] == 1.0


@given(st.integers(0, 200), st.integers(1, 200), st.integers(0, 200), st.integers(1, 200))
def test_an_interval_of_rates_holds_the_difference_and_stays_possible(
    one: int, trials: int, other: int, other_trials: int
) -> None:
    one, other = min(one, trials), min(other, other_trials)
    low, high = difference_of_rates(one, trials, other, other_trials)
    difference = one / trials - other / other_trials
    assert low <= difference + 1e-9
    assert high >= difference - 1e-9
    assert low >= -1 - 1e-9
    assert high <= 1 + 1e-9


@given(st.lists(st.integers(0, 100_000), min_size=2), st.lists(st.integers(0, 100_000), min_size=2))
def test_an_interval_of_revenue_is_about_the_difference(one: list[int], other: list[int]) -> None:
    given_, held_out = group_of(one), group_of(other)
    interval = difference_of_means(given_, held_out)
    assert interval is not None
    assert math.fsum(interval) / 2 == pytest.approx(given_.mean - held_out.mean, abs=1e-6)


def test_what_cannot_be_told_is_not() -> None:
    some, one, nobody = group_of([100, 200]), group_of([100]), Group()
    assert (lift_of(some, nobody).buying_rate, lift_of(nobody, some).revenue_per_member) == (None, None)
    lift = lift_of(some, one)
    assert lift.buying_rate is not None
    assert lift.revenue_per_member is None
    idle = lift_of(some, group_of([0, 0])).revenue_per_member
    assert idle is not None
    assert (idle.difference, idle.lift) == (150.0, None)
