"""Staff codes, PINs, enrolment codes, and who may manage whom."""

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth.actor import OPERATOR, StaffActor
from app.auth.roles import Role
from app.shared.i18n import Language
from app.staff import rules

PINS = st.text("0123456789", min_size=6, max_size=12)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("UMEDA1", "UMEDA1"),
        (" umeda1 ", "UMEDA1"),
        ("１２３４", "1234"),
        ("A" * 12, "A" * 12),
        ("123", None),
        ("A" * 13, None),
        ("UMEDA-1", None),
        ("うめだ1", None),
        ("ÅÅÅÅ", None),
        ("", None),
        ("1234\n5678", None),
        ("١٢٣٤", None),
    ],
)
def test_staff_codes(text: str, code: str | None) -> None:
    assert rules.normal_staff_code(text) == code


@pytest.mark.parametrize("pin", ["620471", "112233", "123450", "135791", "000001", "620471620471"])
def test_good_pins(pin: str) -> None:
    assert rules.is_good_pin(pin)


@pytest.mark.parametrize(
    "pin",
    [
        "",
        "62047",
        "6204716204716",
        "000000",
        "99999999",
        "123456",
        "654321",
        "890123",
        "210987",
        "12345a",
        "１２３４５９",
        "620471\n",
    ],
)
def test_bad_pins(pin: str) -> None:
    assert not rules.is_good_pin(pin)


@given(PINS)
def test_a_good_pin_is_a_pin_with_two_different_steps(pin: str) -> None:
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    assert rules.is_pin(pin)
    assert rules.is_good_pin(pin) == (len(steps) > 1 or steps.isdisjoint({0, 1, 9}))


@given(st.integers(0, 9), st.integers(6, 12), st.sampled_from([0, 1, -1]))
def test_repeated_digits_and_runs_are_no_pins(first: int, length: int, step: int) -> None:
    assert not rules.is_good_pin("".join(str((first + step * place) % 10) for place in range(length)))


def test_an_enrolment_code_is_long_random_and_plain() -> None:
    codes = {rules.new_enrolment_code() for _ in range(1_000)}
    assert len(codes) == 1_000
    assert len(rules.ENROLMENT_CODE_ALPHABET) == 32
    assert set("01IO").isdisjoint(rules.ENROLMENT_CODE_ALPHABET)
    assert all([len(group) for group in code.split("-")] == [4, 4, 4] for code in codes)


@given(st.sampled_from(["", " ", "-", " - ", "‐", "ー"]), st.booleans(), st.booleans())
def test_an_enrolment_code_is_read_however_it_is_typed(spacer: str, small: bool, wide: bool) -> None:
    code = rules.new_enrolment_code()
    typed = code.replace("-", spacer)
    typed = typed.lower() if small else typed
    if wide:
        typed = "".join(chr(ord(each) + 0xFEE0) if "0" <= each <= "z" else each for each in typed)
    assert rules.normal_enrolment_code(typed) == code.replace("-", "")


@pytest.mark.parametrize(
    "text",
    ["", "7KQ2-M9XA-H3T", "7KQ2-M9XA-H3TFF", "7KQ2-M9XA-H3T0", "x" * 10_000, "あ" * 12],
)
def test_other_texts_are_no_enrolment_codes(text: str) -> None:
    assert rules.normal_enrolment_code(text) is None


def test_managers_look_after_counter_and_floor_and_headquarters_after_all() -> None:
    allowed = {(manager, role) for manager, role in product(Role, Role) if rules.may_manage(manager, role)}
    assert allowed == {
        (Role.STORE_MANAGER, Role.COUNTER),
        (Role.STORE_MANAGER, Role.FLOOR),
        *((Role.HEADQUARTERS, role) for role in Role),
    }


@pytest.mark.parametrize("role", [Role.COUNTER, Role.FLOOR, Role.STORE_MANAGER])
def test_a_stores_staff_belong_there_and_sign_in_there(role: Role) -> None:
    assert rules.belongs_somewhere(role, "umeda")
    assert not rules.belongs_somewhere(role, None)
    places = ["umeda", "namba", None]
    assert [rules.may_sign_in_on(role, "umeda", place) for place in places] == [True, False, False]


def test_headquarters_has_no_store_and_signs_in_anywhere() -> None:
    assert rules.belongs_somewhere(Role.HEADQUARTERS, None)
    assert not rules.belongs_somewhere(Role.HEADQUARTERS, "umeda")
    assert rules.may_sign_in_on(Role.HEADQUARTERS, None, "umeda")
    assert rules.may_sign_in_on(Role.HEADQUARTERS, None, None)


@pytest.mark.parametrize(
    ("role", "acts_for", "manages"),
    [
        (Role.COUNTER, ["umeda"], []),
        (Role.FLOOR, ["umeda"], []),
        (Role.STORE_MANAGER, ["umeda"], ["umeda"]),
        (Role.HEADQUARTERS, ["umeda", "namba", None], ["umeda", "namba", None]),
    ],
)
def test_for_whom_staff_act(role: Role, acts_for: list[str | None], manages: list[str | None]) -> None:
    actor = StaffActor("staff", role, "umeda", "device", "session", Language.JA)
    places = ["umeda", "namba", None]
    assert [place for place in places if actor.acts_for(place)] == acts_for
    assert [place for place in places if actor.manages(place)] == manages
    assert all(OPERATOR.manages(place) for place in places)


def test_a_store_device_without_a_store_gives_a_stores_staff_nothing() -> None:
    manager = StaffActor("staff", Role.STORE_MANAGER, None, "device", "session", Language.JA)
    assert not manager.acts_for(None)
    assert not manager.manages(None)
