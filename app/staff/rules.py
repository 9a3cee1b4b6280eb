"""Pure decisions about staff: codes, PINs, and who may manage whom."""

import re
import secrets
import unicodedata
from datetime import timedelta
from itertools import pairwise

from app.auth.roles import Role
from app.staff.errors import PinInvalid

STAFF_CODE_LENGTHS = {"minimum": 4, "maximum": 12}
PIN_LENGTHS = {"minimum": 6, "maximum": 12}

ENROLMENT_CODE_LENGTH = 12  # 60 random bits
ENROLMENT_CODE_GROUP = 4
ENROLMENT_CODE_LIFETIME = timedelta(minutes=15)
ENROLMENT_CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that looks like another: 0 and O, 1 and I

_LONGEST_INPUT = 40  # with all its hyphens and spaces
_STAFF_CODE = re.compile(r"[0-9A-Z]{4,12}")
_PIN = re.compile(r"[0-9]{6,12}")
_SPACERS = re.compile(r"[\s\-‐-―−ー]+")

# Whom a store manager may add, and look after, at her own store.
MANAGED_ROLES = frozenset({Role.COUNTER, Role.FLOOR})


def normal_staff_code(text: str) -> str | None:
    """The staff code in capitals and half width; None unless it is 4 to 12 digits and letters A to Z."""
    code = unicodedata.normalize("NFKC", text[:_LONGEST_INPUT]).strip().upper()
    return code if _STAFF_CODE.fullmatch(code) else None


def is_pin(text: str) -> bool:
    """Whether these are 6 to 12 digits, whatever they are."""
    return _PIN.fullmatch(text) is not None


def is_good_pin(text: str) -> bool:
    """Whether this may become a PIN: not all the same digit, no run up or down, as in 123456 or 210987."""
    if not is_pin(text):
        return False
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(text)}
    return steps not in ({0}, {1}, {9})


def require_good_pin(text: str, path: list[str]) -> None:
    """Raises PinInvalid for what may not become a PIN."""
    if not is_good_pin(text):
        raise PinInvalid(path=path, **PIN_LENGTHS)


def new_enrolment_code() -> str:
    """12 random characters in groups of four, as in `7KQ2-M9XA-H3TF`."""
    letters = "".join(secrets.choice(ENROLMENT_CODE_ALPHABET) for _ in range(ENROLMENT_CODE_LENGTH))
    starts = range(0, ENROLMENT_CODE_LENGTH, ENROLMENT_CODE_GROUP)
    return "-".join(letters[start : start + ENROLMENT_CODE_GROUP] for start in starts)


def normal_enrolment_code(text: str) -> str | None:
    """The 12 characters of a code, however it was typed; None when it cannot be one."""
    letters = _SPACERS.sub("", unicodedata.normalize("NFKC", text[:_LONGEST_INPUT])).upper()
    is_one = len(letters) == ENROLMENT_CODE_LENGTH and set(letters) <= set(ENROLMENT_CODE_ALPHABET)
    return letters if is_one else None


def may_manage(manager: Role, role: Role) -> bool:
    """Whether the manager may add or look after staff of this role."""
    return manager is Role.HEADQUARTERS or (manager is Role.STORE_MANAGER and role in MANAGED_ROLES)


def belongs_somewhere(role: Role, store_id: str | None) -> bool:
    """Whether the role fits the place: headquarters has no store, and everybody else has one."""
    return (role is Role.HEADQUARTERS) == (store_id is None)


def may_sign_in_on(role: Role, store_id: str | None, device_store_id: str | None) -> bool:
    """Whether she may sign in on this store's device: a store's staff on their own, headquarters on any."""
    return role is Role.HEADQUARTERS or (store_id is not None and store_id == device_store_id)
