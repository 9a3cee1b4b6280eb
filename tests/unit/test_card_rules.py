"""Card codes: the digits, the time, and what is none."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cards.rules import card_code, end_of_step, matching_step, one_time_code, parts_of, step_of
from app.members.rules import new_member_number

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA"
NOW = datetime(2026, 11, 21, 3, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "46119246"),
        (1111111109, "68084774"),
        (1111111111, "67062674"),
        (1234567890, "91819424"),
        (2000000000, "90698825"),
        (20000000000, "77737706"),
    ],
)
def test_the_codes_are_those_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    assert one_time_code(SECRET, step_of(datetime.fromtimestamp(seconds, UTC))) == code


def test_a_card_code_is_the_number_and_the_one_time_code() -> None:
    number = new_member_number()
    code = card_code(number, SECRET, NOW)
    assert len(code) == 24
    assert code.isdigit()
    assert parts_of(code) == (number, code[16:])


@given(st.integers(0, 59))
def test_a_code_is_shown_for_30_seconds_and_good_for_a_step_more(seconds: int) -> None:
    shown_at = NOW + timedelta(seconds=seconds)
    code = one_time_code(SECRET, step_of(shown_at))
    assert end_of_step(step_of(shown_at)) - shown_at <= timedelta(seconds=30)
    assert matching_step(SECRET, code, shown_at) == step_of(shown_at)
    assert matching_step(SECRET, code, shown_at + timedelta(seconds=30)) == step_of(shown_at)
    assert matching_step(SECRET, code, shown_at - timedelta(seconds=30)) == step_of(shown_at)
    assert matching_step(SECRET, code, shown_at + timedelta(seconds=60)) is None
    assert matching_step(SECRET, code, shown_at - timedelta(seconds=60)) is None


def test_another_devices_code_does_not_match() -> None:
    other = pyotp.random_base32()
    assert matching_step(other, one_time_code(SECRET, step_of(NOW)), NOW) is None


@pytest.mark.parametrize(
    "code", ["", "1" * 23, "1" * 25, "１" * 24, "a" * 24, "1234567890123456" + "0" * 8, "\x00" * 24]
)
def test_other_texts_are_no_card_codes(code: str) -> None:
    assert parts_of(code) is None
