"""Codes that people type."""

from hypothesis import given
from hypothesis import strategies as st

from app.coupons.codes import ALPHABET, check_character, is_code, new_code, normal_code, shown_code

codes = st.text(ALPHABET, min_size=16, max_size=16).map(lambda text: text + check_character(text))


@given(codes, st.integers(0, 16), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_found(code: str, place: int, character: str) -> None:
    wrong = code[:place] + character + code[place + 1 :]
    assert is_code(code)
    assert is_code(wrong) is (wrong == code)


@given(codes)
def test_a_code_is_read_however_it_is_typed(code: str) -> None:
    typed = shown_code(code).lower().replace("0", "o").replace("1", "l")
    assert normal_code(typed) == code
    assert normal_code(" ".join(shown_code(code).split("-"))) == code
    full_width = "".join(chr(ord(character) + 0xFEE0) for character in code)
    assert normal_code(full_width) == code


def test_new_codes_differ_and_are_good() -> None:
    made = {new_code() for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(map(is_code, made))


@given(st.text(max_size=80))
def test_anything_may_be_typed(text: str) -> None:
    is_code(normal_code(text))
