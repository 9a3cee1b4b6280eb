"""What each caller may ask for in a while."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphql_schema import budget
from graphql_schema.budget import CAPACITY, LEAK_A_SECOND, Budget
from tests.conftest import NOON_IN_TOKYO as NOW


def test_what_fits_runs_and_what_does_not_waits() -> None:
    buckets = Budget()
    assert buckets.charge("her", CAPACITY, NOW).wait_seconds == 0
    refused = buckets.charge("her", 2_500, NOW)
    assert (refused.requested, refused.available, refused.wait_seconds) == (2_500, 0, 3)
    assert buckets.charge("her", 2_500, NOW + timedelta(seconds=2)).wait_seconds == 1
    assert buckets.charge("her", 2_500, NOW + timedelta(seconds=3)).wait_seconds == 0


def test_each_caller_has_her_own() -> None:
    buckets = Budget()
    buckets.charge("her", CAPACITY, NOW)
    assert buckets.charge("him", CAPACITY, NOW).wait_seconds == 0


@given(st.lists(st.tuples(st.integers(1, CAPACITY), st.integers(0, 20)), max_size=40))
def test_nobody_gets_more_than_the_bucket_and_its_leak(history: list[tuple[int, int]]) -> None:
    buckets, now, granted = Budget(), NOW, 0
    for cost, seconds in history:
        now += timedelta(seconds=seconds)
        charge = buckets.charge("her", cost, now)
        granted += cost if charge.wait_seconds == 0 else 0
        assert 0 <= charge.available <= CAPACITY
        assert granted <= CAPACITY + (now - NOW).total_seconds() * LEAK_A_SECOND
        if charge.wait_seconds:
            later = now + timedelta(seconds=charge.wait_seconds)
            assert Budget.charge(buckets, "her", cost, later).wait_seconds == 0
            now, granted = later, granted + cost


def test_only_so_many_callers_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MAXIMUM_CALLERS", 2)
    buckets = Budget()
    for caller in ("a", "b", "c"):
        buckets.charge(caller, CAPACITY, NOW)
    assert buckets.charge("a", CAPACITY, NOW).wait_seconds == 0
    assert buckets.charge("c", CAPACITY, NOW).wait_seconds > 0
