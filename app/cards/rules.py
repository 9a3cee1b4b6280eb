"""Pure decisions about card codes.

A card code has 24 digits: the 16 of the member number and 8 of a one-time code by RFC 6238 (TOTP with
HMAC-SHA-256, 30 s, 8 digits). As digits only it fits a small QR code and Code 128 in code set C.
"""

import hashlib
import hmac
from datetime import UTC, datetime

import pyotp

from app.members.rules import MEMBER_NUMBER_LENGTH, check_digit

PERIOD_SECONDS = 30
CODE_DIGITS = 8
DRIFT_STEPS = 1  # the clocks of phones and ours differ by one step at the most
CARD_CODE_LENGTH = MEMBER_NUMBER_LENGTH + CODE_DIGITS


def step_of(moment: datetime) -> int:
    """The number of the period that the moment lies in."""
    return int(moment.timestamp()) // PERIOD_SECONDS


def end_of_step(step: int) -> datetime:
    return datetime.fromtimestamp((step + 1) * PERIOD_SECONDS, UTC)


def one_time_code(secret: str, step: int) -> str:
    """The 8 digits that a device with this secret (base32) shows in this period."""
    totp = pyotp.TOTP(secret, digits=CODE_DIGITS, digest=hashlib.sha256, interval=PERIOD_SECONDS)
    return totp.generate_otp(step)


def card_code(member_number: str, secret: str, moment: datetime) -> str:
    """What the device shows at this moment."""
    return member_number + one_time_code(secret, step_of(moment))


def parts_of(code: str) -> tuple[str, str] | None:
    """The member number and the one-time code in a card code; None for any other text."""
    if len(code) != CARD_CODE_LENGTH or not (code.isascii() and code.isdigit()):
        return None
    number = code[:MEMBER_NUMBER_LENGTH]
    if check_digit(number[:-1]) != number[-1]:
        return None
    return number, code[MEMBER_NUMBER_LENGTH:]


def matching_step(secret: str, one_time: str, now: datetime) -> int | None:
    """The period in which a device with this secret shows the code, of those that are allowed now."""
    current = step_of(now)
    steps = range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1)
    matches = [step for step in steps if hmac.compare_digest(one_time_code(secret, step), one_time)]
    return matches[0] if matches else None
