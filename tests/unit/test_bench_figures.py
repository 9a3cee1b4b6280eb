"""What the bench concludes from what it measured, and how long its rounds last."""

import random
from datetime import UTC, datetime, timedelta
from statistics import median

import hypothesis.strategies as st
import pytest
from hypothesis import given

from app.orders.slots import PickupPolicy, is_orderable
from bench.growth_figures import ALLOWED, Growth, Measured, growth_table, median_within
from bench.load import Span
from bench.pickups import pickups_at
from bench.populations import Spent
from tests.examples import a_store

LATENCIES = st.lists(st.floats(0.001, 10.0), min_size=1, max_size=40)


def test_the_median_of_all_lies_between_the_ends_19_times_of_20() -> None:
    draw = random.Random(9)
    true_median = 0.6931471805599453  # of the exponential distribution: skewed, as latencies are
    for number in (15, 30, 60, 300):
        tries = [median_within([draw.expovariate(1.0) for _ in range(number)]) for _ in range(2_000)]
        kept = sum(low <= true_median <= high for low, _, high in tries) / len(tries)
        assert 0.93 < kept < 0.98, f"{kept} of those of {number}"


@given(LATENCIES, LATENCIES)
def test_the_ratio_lies_between_its_ends(few: list[float], many: list[float]) -> None:
    growth = Growth("home", Measured(few), Measured(many))
    at_least, at_most = growth.interval
    assert at_least <= growth.ratio * (1 + 1e-9)
    assert at_most >= growth.ratio * (1 - 1e-9)
    assert growth.ratio == pytest.approx(median(many) / median(few))


@pytest.mark.parametrize(
    ("times", "spread", "is_clear"),
    [(1.0, 0.02, True), (1.28, 0.2, False), (ALLOWED, 0.2, False), (1.5, 0.02, True)],
)
def test_it_is_clear_how_much_grew_unless_it_is_near_what_is_allowed(
    times: float, spread: float, is_clear: bool
) -> None:
    around = [1 + spread * (place - 7) / 7 for place in range(15)]
    growth = Growth("home", Measured(around), Measured([times * each for each in around]))
    assert growth.is_clear is is_clear


def test_a_table_says_of_how_many_it_is_sure() -> None:
    spent = Spent(processor_seconds=0.06, looked_at=30)
    sure = Growth("sure", Measured([0.004] * 15, spent), Measured([0.004] * 15, spent))
    unsure = Growth("unsure", Measured([0.002, 0.006] * 8, spent), Measured([0.002, 0.006] * 8, spent))
    grown = Growth("grown", Measured([0.004] * 15, spent), Measured([0.008] * 15, spent))
    table = growth_table([sure, unsure, grown], 10, 20)
    assert [row[0] for row in table.rows] == ["grown", "sure", "unsure"]
    assert table.rows[1][1:7] == ("15", "4.0", "4.0", "1.00", "1.00", "1.00")
    assert table.rows[1][7:] == ("4.00", "4.00", "1.00", "2.0", "2.0")
    assert table.notes == ["2 of 3 grew by 1.3 or less, 1 of them surely"]


@pytest.mark.parametrize(
    ("passed", "answers", "is_over"),
    [(0.4, 99, False), (0.5, 5, True), (0.5, 4, False), (9.9, 4, False), (10.0, 0, True)],
)
def test_a_round_lasts_until_there_are_answers_enough_or_time_is_up(
    passed: float, answers: int, is_over: bool
) -> None:
    assert Span(0.5, least_answers=5, most_seconds=10.0).is_over(passed, lambda: answers) is is_over


def test_another_one_lasts_so_long_whatever_is_answered() -> None:
    assert not Span(0.5).is_over(0.49, lambda: 10)
    assert Span(0.5).is_over(0.5, lambda: 0)


def test_what_is_ordered_as_a_day_ends_has_its_last_orders_long_after() -> None:
    policy, almost_midnight = PickupPolicy(), datetime(2026, 12, 31, 14, 59, 59, tzinfo=UTC)  # in Japan
    windows = pickups_at([a_store()], [], almost_midnight).windows
    assert len(windows) == 5 * 24 * 4
    for moment in (almost_midnight, almost_midnight + timedelta(hours=2)):
        assert all(
            is_orderable(policy, each, each.starts_at - timedelta(minutes=policy.lead_minutes), moment)
            for each in windows
        )
