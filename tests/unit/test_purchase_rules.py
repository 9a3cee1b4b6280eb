"""Receipts: what one may say, when its points come, and that any split of returns equals one full return."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.point_rules.model import CouponReward
from app.purchases import rules
from app.purchases.coupon_rewards import with_coupons
from app.purchases.errors import ReturnInvalid
from app.purchases.model import Purchase, PurchaseLine, ReturnedPieces
from app.purchases.returning import returned
from app.shared.channels import Channel
from app.shared.errors import Refusal
from tests.conftest import NOON_IN_TOKYO as NOW
from tests.purchase_examples import a_line, a_name, a_receipt, a_return

TOKYO = ZoneInfo("Asia/Tokyo")


def refusal_of(**changes: Any) -> str:
    try:
        rules.require_sound(replace(a_receipt("umeda", NOW), **changes), NOW)
    except Refusal as refusal:
        return refusal.code
    return "sound"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "sound"),
        ({"name": a_name("umeda", "x" * 65)}, "RECEIPT_NAME_INVALID"),
        ({"name": a_name("umeda", "a b")}, "RECEIPT_NAME_INVALID"),
        ({"name": a_name("umeda", terminal="")}, "RECEIPT_NAME_INVALID"),
        ({"name": a_name("umeda", terminal="(order ahead)")}, "RECEIPT_NAME_INVALID"),
        ({"name": a_name(None)}, "RECEIPT_STORE_MISSING"),
        ({"name": a_name(None, channel=Channel.MARKETPLACE)}, "sound"),
        ({"occurred_at": NOW + timedelta(minutes=11)}, "RECEIPT_TIME_INVALID"),
        ({"occurred_at": NOW + timedelta(minutes=10)}, "sound"),
        ({"occurred_at": NOW - timedelta(days=400)}, "sound"),
        ({"occurred_at": NOW - timedelta(days=401)}, "RECEIPT_TIME_INVALID"),
        ({"lines": ()}, "RECEIPT_LINES_INVALID"),
        ({"lines": (a_line(0),) * 201}, "RECEIPT_LINES_INVALID"),
        ({"lines": (a_line(quantity=0),)}, "RECEIPT_LINES_INVALID"),
        ({"lines": (a_line(-1),)}, "RECEIPT_LINES_INVALID"),
        ({"lines": (a_line(name="\u202e"),)}, "RECEIPT_LINES_INVALID"),
        ({"lines": (a_line(jan="x" * 65),)}, "RECEIPT_LINES_INVALID"),
        ({"total": 1_099}, "RECEIPT_TOTAL_WRONG"),
        ({"lines": (a_line(9_000_000),) * 2, "total": 18_000_000}, "RECEIPT_TOTAL_WRONG"),
        ({"points_used": 1}, "POINTS_USED_INVALID"),  # by nobody
        ({"points_used": 1_100, "member_number": "1"}, "sound"),
        ({"points_used": 1_101, "member_number": "1"}, "POINTS_USED_INVALID"),
        ({"points_used": -1, "member_number": "1"}, "POINTS_USED_INVALID"),
    ],
)
def test_what_a_receipt_may_say(changes: dict[str, Any], code: str) -> None:
    assert refusal_of(**changes) == code


def test_points_come_as_the_last_day_of_the_return_window_ends() -> None:
    late = datetime(2026, 11, 21, 14, 59, tzinfo=UTC)  # 23:59 in Tokyo
    end = datetime(2026, 12, 5, 15, tzinfo=UTC)
    assert rules.available_at(NOW, 14, TOKYO, NOW) == rules.available_at(late, 14, TOKYO, NOW) == end
    assert rules.available_at(NOW, 14, TOKYO, end - timedelta(milliseconds=1)) == end
    assert rules.available_at(NOW, 14, TOKYO, end) is None
    assert rules.available_at(NOW, 0, TOKYO, NOW) is None


def test_a_return_window_is_as_many_days_whatever_their_hours() -> None:
    bought = datetime(2026, 10, 31, 16, tzinfo=UTC)  # noon in New York, a day before its clocks go back
    assert rules.available_at(bought, 7, ZoneInfo("America/New_York"), bought) == datetime(
        2026, 11, 8, 5, tzinfo=UTC
    )


def test_the_same_content_has_the_same_hash_and_no_other() -> None:
    receipt = a_receipt("umeda", NOW, member_number="1")
    same = rules.content_hash(receipt.content())
    assert rules.content_hash(replace(receipt, name=a_name("namba")).content()) == same
    others = [
        replace(receipt, member_number="2"),
        replace(receipt, points_used=1),
        replace(receipt, occurred_at=NOW - timedelta(seconds=1)),
        replace(receipt, lines=(a_line(1_100, name="かご"),)),
    ]
    assert all(rules.content_hash(other.content()) != same for other in others)


def a_purchase(*lines: tuple[int, int, int, int], points_used: int = 0) -> Purchase:
    """Of lines with so many pieces for so many yen, which earned so many points and miles."""
    receipt = a_receipt("umeda", NOW, *(a_line(amount, quantity=pieces) for pieces, amount, _, _ in lines))
    return Purchase(
        id="purchase",
        version=1,
        name=receipt.name,
        member_id="member",
        occurred_at=NOW,
        received_at=NOW,
        store_day=NOW.date(),
        rank_year=2026,
        lines=tuple(
            PurchaseLine(item, points, miles)
            for item, (_, _, points, miles) in zip(receipt.lines, lines, strict=True)
        ),
        total=receipt.total,
        reported_by="partner:pos",
        content_hash="",
        points_used=points_used,
    )


def test_a_return_takes_what_its_pieces_had_earned() -> None:
    purchase = a_purchase((3, 1_000, 10, 900), (1, 500, 5, 450))
    after, given_back = returned(purchase, [ReturnedPieces(1, 1)])
    assert (given_back.amount, given_back.points_taken, given_back.miles_taken) == (333, 3, 300)
    assert (after.points_earned, after.miles_earned, after.version) == (12, 1_050, 2)
    after, given_back = returned(after, [ReturnedPieces(1, 2), ReturnedPieces(2, 1)])
    assert (given_back.amount, given_back.points_taken, given_back.miles_taken) == (1_167, 12, 1_050)


def test_points_that_paid_come_back_before_money() -> None:
    purchase = a_purchase((2, 1_000, 0, 0), (1, 300, 0, 0), points_used=700)
    after, given_back = returned(purchase, [ReturnedPieces(1, 1)])
    assert (given_back.amount, given_back.points_returned) == (500, 500)
    _, given_back = returned(after, [ReturnedPieces(1, 1)])
    assert (given_back.amount, given_back.points_returned) == (500, 200)


@pytest.mark.parametrize("pieces", [{1: 3}, {1: 0}, {1: -1}, {0: 1}, {2: 1}])
def test_no_more_comes_back_than_was_bought(pieces: dict[int, int]) -> None:
    with pytest.raises(ReturnInvalid):
        returned(a_purchase((2, 1_000, 10, 900)), [ReturnedPieces(*each) for each in pieces.items()])


def test_a_return_names_each_line_once() -> None:
    receipt = a_receipt("umeda", NOW)
    twice = replace(a_return(receipt, NOW, {1: 1}), pieces=(ReturnedPieces(1, 1), ReturnedPieces(1, 1)))
    with pytest.raises(ReturnInvalid):
        rules.require_sound_return(twice, NOW)


@given(st.data())
def test_any_split_of_returns_equals_one_full_return(data: st.DataObject) -> None:
    numbers = st.tuples(st.integers(1, 7), st.integers(0, 5_000), st.integers(0, 99), st.integers(0, 5_000))
    lines = data.draw(st.lists(numbers, min_size=1, max_size=4))
    used = data.draw(st.integers(0, sum(line[1] for line in lines)))
    purchase = a_purchase(*lines, points_used=used)
    pieces = [number for number, line in enumerate(lines, 1) for _ in range(line[0])]
    after, whole = returned(
        purchase, [ReturnedPieces(number, line[0]) for number, line in enumerate(lines, 1)]
    )
    parts = []
    split = purchase
    for number in data.draw(st.permutations(pieces)):
        split, part = returned(split, [ReturnedPieces(number, 1)])
        parts.append(part)
    assert split.lines == after.lines
    assert sum(part.amount for part in parts) == whole.amount == purchase.total
    assert sum(part.points_returned for part in parts) == whole.points_returned == used
    assert sum(part.points_taken for part in parts) == whole.points_taken == purchase.points_earned
    assert sum(part.miles_taken for part in parts) == whole.miles_taken == purchase.miles_earned
    assert all(
        min(part.amount, part.points_returned, part.points_taken, part.miles_taken) >= 0 for part in parts
    )


rewards = st.lists(
    st.builds(
        CouponReward,
        st.integers(1, 50),
        st.integers(0, 100_000),
        st.none() | st.frozensets(st.integers(0, 3), max_size=4),
    ),
    max_size=3,
)


@given(st.data(), rewards, rewards)
def test_what_coupons_bring_goes_with_them_and_with_what_is_returned(
    data: st.DataObject, coupons: list[CouponReward], others: list[CouponReward]
) -> None:
    numbers = st.tuples(st.integers(1, 5), st.integers(0, 5_000), st.integers(0, 99), st.integers(0, 5_000))
    purchase = a_purchase(*data.draw(st.lists(numbers, min_size=1, max_size=4)))
    pieces = [number for number, line in enumerate(purchase.lines, 1) for _ in range(line.item.quantity)]
    order = data.draw(st.permutations(pieces))
    kept = data.draw(st.integers(0, len(order)))
    for number in order[kept:]:
        purchase, _ = returned(purchase, [ReturnedPieces(number, 1)])
    first = with_coupons(purchase, coupons)
    assert first.points_earned >= purchase.points_earned
    # It does not matter what came before, how often it is asked, or whether the goods came back first.
    assert with_coupons(first, coupons) == first
    assert with_coupons(with_coupons(purchase, others), coupons) == first
    assert with_coupons(first, []) == purchase
    taken = first.points_earned
    for number in order[:kept]:
        first, part = returned(first, [ReturnedPieces(number, 1)])
        assert part.points_taken >= 0
        taken -= part.points_taken
    assert taken == first.points_earned == 0
