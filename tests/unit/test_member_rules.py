"""Member numbers, ranks and what a profile may say."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.members import rules
from app.members.model import Member, ProfileUpdate, Rank, YearMiles
from app.members.profiles import checked_profile
from app.shared.i18n import Language
from app.shared.names import normal_name
from tests.conftest import NOON_IN_TOKYO
from tests.examples import is_member_number

TODAY = date(2026, 11, 21)


def test_check_digit_of_the_standards_own_example() -> None:
    assert rules.check_digit("0794") == "5"


@given(st.integers(0, 9 * 10**14 - 1))
def test_a_member_number_is_16_digits_that_check_out(drawn: int) -> None:
    number = rules.new_member_number(lambda bound: drawn)
    assert len(number) == 16
    assert number[0] != "0"
    assert is_member_number(number)


@given(st.integers(0, 9 * 10**14 - 1), st.integers(0, 15), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(drawn: int, place: int, shift: int) -> None:
    number = rules.new_member_number(lambda bound: drawn)
    wrong = str((int(number[place]) + shift) % 10)
    assert not is_member_number(number[:place] + wrong + number[place + 1 :])


def test_member_numbers_do_not_follow_one_another() -> None:
    numbers = [int(rules.new_member_number()) for _ in range(200)]
    assert len(set(numbers)) == 200
    distances = [abs(one - other) for one, other in pairwise(numbers)]
    assert min(distances) > 10**6


@pytest.mark.parametrize(
    ("miles", "rank"),
    [
        (0, Rank.MEMBER),
        (9_999, Rank.MEMBER),
        (10_000, Rank.SILVER),
        (50_000, Rank.GOLD),
        (149_999, Rank.GOLD),
        (150_000, Rank.PLATINUM),
        (10_000_000, Rank.PLATINUM),
    ],
)
def test_ranks(miles: int, rank: Rank) -> None:
    assert rules.rank_for(miles) is rank


def test_miles_count_in_their_own_year_only() -> None:
    member = Member("1", "1", Language.JA, True, NOON_IN_TOKYO, mile_years=(YearMiles(2026, 12_000),))
    assert member.miles_in(2026) == 12_000
    assert member.miles_in(2027) == 0


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("さくら", "さくら"),
        ("  Emma ", "Emma"),
        ("か\u3099", "が"),
        ("👩‍👧", "👩‍👧"),
        ("🌸", "🌸"),
        ("", None),
        ("   ", None),
        ("a" * 40, "a" * 40),
        ("a" * 41, None),
        ("a\nb", None),
        ("a\x00b", None),
        ("\ud800", None),
        ("\u200b", None),
        ("\u2060\u200d", None),
        ("\u3164", None),
        ("a\u202eb", None),
    ],
)
def test_nicknames(text: str, kept: str | None) -> None:
    assert normal_name(text) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("5300001", "530-0001"),
        ("530-0001", "530-0001"),
        ("５３０−０００１", "530-0001"),
        ("５３０－０００１", "530-0001"),
        ("530-001", None),
        ("53000012", None),
        ("SW1A 1AA", None),
        ("", None),
    ],
)
def test_postal_codes(text: str, kept: str | None) -> None:
    assert rules.normal_postal_code(text) == kept


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("5f0c1c8a-7d0e-4b7e-9b1e-0d8f6f0f2a11", True),
        ("A" * 22, True),
        ("A" * 128, True),
        ("A" * 21, False),
        ("A" * 129, False),
        ("A" * 30 + "\n", False),
        ("電" * 30, False),
    ],
)
def test_device_ids(text: str, valid: bool) -> None:
    assert rules.is_device_id(text) is valid


def test_a_profile_update_names_all_that_is_wrong() -> None:
    update = ProfileUpdate(
        nickname="",
        birthday=date(2027, 1, 1),
        postal_code="1",
        favourite_store_ids=tuple(str(number) for number in range(21)),
        favourite_categories=("Not A Code",),
    )
    _, refusals = checked_profile(update, TODAY)
    assert [(refusal.code, refusal.path) for refusal in refusals] == [
        ("NICKNAME_INVALID", ("input", "nickname")),
        ("BIRTHDAY_INVALID", ("input", "birthday")),
        ("POSTAL_CODE_INVALID", ("input", "postalCode")),
        ("TOO_MANY_FAVOURITES", ("input", "favouriteStoreIds")),
        ("CATEGORY_INVALID", ("input", "favouriteCategories")),
    ]


def test_what_an_update_leaves_out_stays_and_null_clears() -> None:
    changes, refusals = checked_profile(ProfileUpdate(nickname=None, favourite_store_ids=None), TODAY)
    assert changes == {"nickname": None, "favourite_store_ids": []}
    assert refusals == []


def test_favourites_are_kept_once() -> None:
    changes, _ = checked_profile(ProfileUpdate(favourite_categories=("food", "bath", "food")), TODAY)
    assert changes == {"favourite_categories": ["food", "bath"]}


@pytest.mark.parametrize("birthday", [date(1899, 12, 31), date(2026, 11, 22)])
def test_birthdays_out_of_bounds(birthday: date) -> None:
    _, refusals = checked_profile(ProfileUpdate(birthday=birthday), TODAY)
    assert [refusal.code for refusal in refusals] == ["BIRTHDAY_INVALID"]
