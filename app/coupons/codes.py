"""Codes of coupons: unguessable, easy to type, and checked before anybody looks them up."""

import secrets
import unicodedata

# 32 characters without I, L, O and U, which are mistaken for others (Crockford's base 32).
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_CHARACTERS = 16  # 80 random bits
LONGEST_TYPED = 60
_MISTAKEN = str.maketrans("ILO", "110", "- ‐‑–—ー")


def new_code() -> str:
    """16 random characters and a check character."""
    text = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS))
    return text + check_character(text)


def check_character(text: str) -> str:
    """The check character by the hybrid scheme of ISO/IEC 7064 on 32 characters: finds every wrong one."""
    remainder = len(ALPHABET)
    for character in text:
        remainder = (remainder + ALPHABET.index(character)) % len(ALPHABET) or len(ALPHABET)
        remainder = remainder * 2 % (len(ALPHABET) + 1)
    return ALPHABET[(len(ALPHABET) + 1 - remainder) % len(ALPHABET)]


def normal_code(typed: str) -> str:
    """The code as it is kept, however it was typed: in any case and width, with blanks and hyphens."""
    return unicodedata.normalize("NFKC", typed[:LONGEST_TYPED]).upper().translate(_MISTAKEN)


def is_code(text: str) -> bool:
    """Whether this may be the code of a coupon: its check character is right."""
    return (
        len(text) == RANDOM_CHARACTERS + 1
        and set(text) <= set(ALPHABET)
        and check_character(text[:-1]) == text[-1]
    )


def shown_code(code: str) -> str:
    """The code as people read it, in groups of four."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
