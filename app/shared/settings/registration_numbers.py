"""The registration number of whoever issues qualified invoices (適格請求書発行事業者の登録番号)."""

import re

_FORM = re.compile(r"T[1-9]\d{12}", re.ASCII)


def is_registration_number(text: str) -> bool:
    """Whether this is a `T` with a corporate number (法人番号), whose first digit checks the other twelve.

    The other digits count once and twice in turn, from the last one on; 9 less their sum modulo 9 is the
    first.
    """
    if not _FORM.fullmatch(text):
        return False
    others = [int(digit) for digit in reversed(text[2:])]
    total = sum(digit * (1 + place % 2) for place, digit in enumerate(others))
    return int(text[1]) == 9 - total % 9


def registration_number(text: str) -> str:
    """The number as it is. Raises ValueError."""
    if not is_registration_number(text):
        raise ValueError("must be T and 13 digits, the first of which checks the others")
    return text
