"""What movements do to a level, in whatever order they come, and what is left for others."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.inventory.errors import (
    StockHoldInvalid,
    StockLevelLimit,
    StockQuantityInvalid,
    StockReferenceInvalid,
    StockTimeInvalid,
)
from app.inventory.model import HeldUntil, ReportedMovement, StockKey, StockLevel, StockLine, StockMovement
from app.inventory.rules import (
    MAXIMUM_ON_HAND,
    available,
    held,
    hold_end,
    hold_lines,
    level_faults,
    needs_changes_since,
    recorded,
    recording_order,
    require_sound,
)
from tests.conftest import NOON_IN_TOKYO as NOW
from tests.examples import a_report, minutes

KEY = StockKey("sku", "store")
OTHER = StockKey("sku", "another")
EMPTY = StockLevel(KEY)


def ago(number: float) -> datetime:
    return NOW - minutes(number)


class Book:
    """A level and its movements, recorded as the service does it."""

    def __init__(self) -> None:
        self.level = EMPTY
        self.movements: list[StockMovement] = []

    def record(self, *batch: ReportedMovement) -> "Book":
        first, *_ = ordered = sorted(batch, key=recording_order)
        since = 0
        if needs_changes_since(self.level, first):
            since = sum(
                each.change for each in self.movements if each.reported.occurred_at > first.occurred_at
            )
        for reported in ordered:
            self.level, movement = recorded(self.level, reported, "till", NOW, since)
            self.movements.append(movement)
        return self


@pytest.mark.parametrize(
    ("kind", "quantity", "on_hand"),
    [
        ("RECEIVE", 3, 13),
        ("RETURN", 3, 13),
        ("TRANSFER_IN", 3, 13),
        ("SELL", 3, 7),
        ("TRANSFER_OUT", 3, 7),
        ("DAMAGE", 3, 7),
        ("CORRECT", 3, 13),
        ("CORRECT", -3, 7),
        ("COUNT", 3, 3),
        ("COUNT", 0, 0),
        ("SELL", 13, -3),
    ],
)
def test_each_kind_of_movement(kind: str, quantity: int, on_hand: int) -> None:
    book = Book().record(a_report(KEY, "RECEIVE", 10, ago(9))).record(a_report(KEY, kind, quantity, ago(5)))
    assert book.level.on_hand == on_hand
    assert book.movements[-1].change == on_hand - 10
    assert book.movements[-1].is_below_zero is (on_hand < 0)


def test_a_late_movement_from_before_a_count_was_counted_already() -> None:
    book = Book().record(a_report(KEY, "RECEIVE", 10, ago(60))).record(a_report(KEY, "COUNT", 7, ago(30)))
    book.record(a_report(KEY, "SELL", 2, ago(31)))
    assert (book.level.on_hand, book.movements[-1].change) == (7, 0)
    book.record(a_report(KEY, "SELL", 2, ago(30)))
    assert book.level.on_hand == 7
    book.record(a_report(KEY, "SELL", 2, ago(29)))
    assert book.level.on_hand == 5


def test_a_late_count_sets_the_level_of_its_own_moment() -> None:
    book = Book().record(a_report(KEY, "RECEIVE", 10, ago(60))).record(a_report(KEY, "SELL", 2, ago(10)))
    book.record(a_report(KEY, "COUNT", 9, ago(30)))
    assert book.level.on_hand == 9 - 2
    book.record(a_report(KEY, "COUNT", 100, ago(45)))
    assert book.level.on_hand == 9 - 2


def test_of_two_counts_of_one_moment_the_one_told_last_holds() -> None:
    book = Book().record(a_report(KEY, "COUNT", 5, ago(30))).record(a_report(KEY, "SELL", 1, ago(20)))
    book.record(a_report(KEY, "COUNT", 8, ago(30)))
    assert book.level.on_hand == 7


reports = st.lists(
    st.tuples(
        st.sampled_from(["RECEIVE", "SELL", "RETURN", "TRANSFER_OUT", "TRANSFER_IN", "COUNT", "DAMAGE"]),
        st.integers(1, 50),
        st.integers(0, 10_000),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda each: each[2],
).map(lambda rows: [a_report(KEY, kind, quantity, ago(number)) for kind, quantity, number in rows])


def truth(history: list[ReportedMovement]) -> int:
    """The level by the latest count, and by what happened after it."""
    counts = [each for each in history if each.kind == "COUNT"]
    last = max(counts, key=lambda each: each.occurred_at, default=None)
    after = [each for each in history if last is None or each.occurred_at > last.occurred_at]
    sign = {"SELL": -1, "TRANSFER_OUT": -1, "DAMAGE": -1}
    moved = sum(sign.get(each.kind, 1) * each.quantity for each in after if each.kind != "COUNT")
    return moved + (last.quantity if last else 0)


@given(reports, st.randoms(use_true_random=False), st.integers(1, 5))
def test_the_order_in_which_movements_come_makes_no_difference(
    history: list[ReportedMovement], chance: object, size: int
) -> None:
    chance.shuffle(history)  # type: ignore[attr-defined]
    book = Book()
    for start in range(0, len(history), size):
        book.record(*history[start : start + size])
    assert book.level.on_hand == truth(history) == sum(each.change for each in book.movements)
    assert level_faults(book.level, book.movements, Counter(), NOW) == []


@pytest.mark.parametrize(
    ("kind", "quantity"),
    [("SELL", 0), ("SELL", -1), ("COUNT", -1), ("CORRECT", 0), ("RECEIVE", 100_001), ("CORRECT", -100_001)],
)
def test_a_quantity_that_cannot_be(kind: str, quantity: int) -> None:
    with pytest.raises(StockQuantityInvalid):
        require_sound(a_report(KEY, kind, quantity, NOW), NOW)


@pytest.mark.parametrize("reference", ["", "x" * 101, "a\nb", "レシート"])
def test_a_reference_that_cannot_be(reference: str) -> None:
    with pytest.raises(StockReferenceInvalid):
        require_sound(a_report(KEY, "SELL", 1, NOW, reference=reference), NOW)


@pytest.mark.parametrize("moment", [NOW + minutes(6), NOW - timedelta(days=90, seconds=1)])
def test_a_time_that_cannot_be(moment: datetime) -> None:
    with pytest.raises(StockTimeInvalid):
        require_sound(a_report(KEY, "SELL", 1, moment), NOW)


def test_a_level_has_a_limit() -> None:
    full = replace(EMPTY, on_hand=MAXIMUM_ON_HAND)
    with pytest.raises(StockLevelLimit):
        recorded(full, a_report(KEY, "RECEIVE", 1, NOW), "till", NOW)


def test_what_is_available() -> None:
    level = StockLevel(
        KEY, on_hand=10, safety=2, held=(HeldUntil(NOW + minutes(1), 3), HeldUntil(NOW + minutes(5), 1))
    )
    assert (held(level, NOW), available(level, NOW)) == (4, 4)
    just_before = NOW + minutes(1) - timedelta(milliseconds=1)
    assert available(level, just_before) == 4
    assert available(level, NOW + minutes(1)) == 7
    assert available(level, NOW + minutes(5)) == 8
    assert available(replace(level, on_hand=-5), NOW) == 0


def test_the_demand_for_a_level_is_summed() -> None:
    lines = [StockLine(KEY, 2), StockLine(OTHER, 1), StockLine(KEY, 3)]
    assert hold_lines(lines, NOW + minutes(1), NOW) == (StockLine(OTHER, 1), StockLine(KEY, 5))


@pytest.mark.parametrize(
    ("lines", "until"),
    [
        ([], NOW + minutes(1)),
        ([StockLine(KEY, 1)] * 101, NOW + minutes(1)),
        ([StockLine(KEY, 1)], NOW),
        ([StockLine(KEY, 1)], NOW + timedelta(days=31, seconds=1)),
    ],
)
def test_a_hold_that_cannot_be(lines: list[StockLine], until: datetime) -> None:
    with pytest.raises(StockHoldInvalid):
        hold_lines(lines, until, NOW)
    with pytest.raises(StockQuantityInvalid):
        hold_lines([StockLine(KEY, 0)], NOW + minutes(1), NOW)


def test_a_hold_ends_on_a_whole_minute() -> None:
    assert hold_end(NOW) == NOW
    assert hold_end(NOW + timedelta(milliseconds=1)) == hold_end(NOW + minutes(1)) == NOW + minutes(1)


def test_faults_are_found() -> None:
    book = Book().record(a_report(KEY, "RECEIVE", 10, ago(9))).record(a_report(KEY, "SELL", 2, ago(8)))
    level, movements = book.level, book.movements
    until = NOW + minutes(1)
    assert level_faults(level, movements, Counter(), NOW) == []
    assert level_faults(replace(level, on_hand=9), movements, Counter(), NOW)
    assert level_faults(level, movements[:1], Counter(), NOW)
    assert level_faults(level, movements[1:], Counter(), NOW)
    assert level_faults(level, [movements[0], replace(movements[1], on_hand_after=7)], Counter(), NOW)
    assert level_faults(level, movements, Counter({until: 1}), NOW)
    holding = replace(level, held=(HeldUntil(until, 1), HeldUntil(NOW, 5)))
    assert level_faults(holding, movements, Counter({until: 1}), NOW) == []
    assert level_faults(holding, movements, Counter(), NOW)
