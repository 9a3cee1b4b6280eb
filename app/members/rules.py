"""Pure decisions about members: numbers, ranks and what a profile may say."""

import re
import secrets
import unicodedata
from collections.abc import Callable
from datetime import date

from app.members.model import Rank

MEMBER_NUMBER_LENGTH = 16
FAVOURITES_MAXIMUM = 20
OLDEST_BIRTHDAY = date(1900, 1, 1)
DEVICE_ID_MINIMUM_LENGTH = 22
DEVICE_ID_MAXIMUM_LENGTH = 128
CATEGORY_MAXIMUM_LENGTH = 40

# Miles in a year that lead to each rank, the lowest first.
RANK_THRESHOLDS: dict[Rank, int] = {
    Rank.MEMBER: 0,
    Rank.SILVER: 10_000,
    Rank.GOLD: 50_000,
    Rank.PLATINUM: 150_000,
}

_DEVICE_ID = re.compile(r"[A-Za-z0-9._:-]+")
_POSTAL_CODE = re.compile(r"(\d{3})-?(\d{4})", re.ASCII)
_CATEGORY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def check_digit(digits: str) -> str:
    """The check digit by ISO/IEC 7064, MOD 11,10: it finds every single wrong digit."""
    remainder = 10
    for digit in digits:
        remainder = (remainder + int(digit)) % 10 or 10
        remainder = remainder * 2 % 11
    return str((11 - remainder) % 10)


def new_member_number(random_below: Callable[[int], int] = secrets.randbelow) -> str:
    """16 digits: 15 random ones, the first not 0, and a check digit. One does not tell the next."""
    digits = str(10**14 + random_below(9 * 10**14))
    return digits + check_digit(digits)


def rank_for(miles: int) -> Rank:
    """The rank that this many miles in a year lead to."""
    reached = Rank.MEMBER
    for rank, threshold in RANK_THRESHOLDS.items():
        if miles >= threshold:
            reached = rank
    return reached


def is_device_id(text: str) -> bool:
    """Whether this may be a device's secret: long enough for 128 random bits, and plain characters."""
    return (
        DEVICE_ID_MINIMUM_LENGTH <= len(text) <= DEVICE_ID_MAXIMUM_LENGTH
        and _DEVICE_ID.fullmatch(text) is not None
    )


def normal_postal_code(text: str) -> str | None:
    """A Japanese postal code as `123-4567`, also from full-width digits; None when it is not one."""
    found = _POSTAL_CODE.fullmatch(unicodedata.normalize("NFKC", text[:20]).strip().replace("−", "-"))
    return f"{found[1]}-{found[2]}" if found else None


def is_birthday(day: date, today: date) -> bool:
    """Whether a living person may have been born on this day."""
    return OLDEST_BIRTHDAY <= day <= today


def is_category(text: str) -> bool:
    """Whether this is a category's code: words of small letters and digits, joined by hyphens."""
    return len(text) <= CATEGORY_MAXIMUM_LENGTH and _CATEGORY.fullmatch(text) is not None
