"""Registration numbers of invoice issuers: their form and their check digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.shared.settings.registration_numbers import is_registration_number, registration_number


@pytest.mark.parametrize("text", ["T7010705000725", "T7000012050002"])
def test_numbers_that_are_known_to_be_good(text: str) -> None:
    assert registration_number(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7010705000725",
        "T701070500072",
        "T70107050007255",
        "t7010705000725",
        "T0010705000725",
        "T7010705000725\n",
        "T7010705000725",
        "T８010705000725",
    ],
)
def test_numbers_of_another_form_are_none(text: str) -> None:
    assert is_registration_number(text) == (text == "T7010705000725")


@given(st.integers(10**11, 10**12 - 1), st.integers(0, 12), st.integers(1, 8))
def test_a_digit_that_is_mistyped_is_told(base: int, place: int, more: int) -> None:
    digits = f"{base:012}"
    total = sum(int(digit) * (1 + number % 2) for number, digit in enumerate(reversed(digits)))
    good = f"{9 - total % 9}{digits}"
    assert is_registration_number(f"T{good}")
    other = (int(good[place]) + more) % 10
    mistyped = f"T{good[:place]}{other}{good[place + 1 :]}"
    is_nine_for_zero = {good[place], str(other)} == {"0", "9"}  # the check digit cannot tell these apart
    assert is_registration_number(mistyped) == (is_nine_for_zero and place > 0)
