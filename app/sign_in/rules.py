"""Pure decisions about signing in: codes, and which addresses there are."""

import base64
import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Collection
from datetime import timedelta

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import PhoneNumberType

from app.messages.model import MessageChannel
from app.sign_in.model import Address, CodeGiven

CODE_DIGITS = 6
CODE_GOOD_FOR = timedelta(minutes=10)
TRIES = 5
TOLD_AGAIN_FOR = timedelta(minutes=10)  # who was let in; the app asks again within seconds
MINIMUM_KEY_LENGTH = 22  # of who asks for a code: 128 random bits, for the challenge is made from it
# Landlines read nothing, and premium numbers cost; some countries do not tell mobiles from landlines.
NUMBERS_WITH_SMS = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
MAXIMUM_DESTINATION_LENGTH = 254  # of an email address (RFC 5321, 4.5.3.1.3)


def new_code() -> str:
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


def new_challenge_id() -> str:
    """256 random bits: they are the key of the code's hash, so that our own records do not tell the code."""
    return secrets.token_urlsafe(32)


def code_hash(challenge_id: str, code: str) -> str:
    return hmac.digest(challenge_id.encode(), code.encode(), "sha256").hex()


def challenge_id_of(key: str, address: Address) -> str:
    """The challenge of whoever asks for a code with this key: as hard to guess as the key."""
    digest = hashlib.sha256(f"{address.id}\n{key}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def try_id(given: CodeGiven) -> str:
    """Names the try of who gives this code for this challenge with this key; tells none of the three."""
    return _of_try(given, "try").hex()


def token_pad(given: CodeGiven) -> bytes:
    """What the tokens that she is given are sealed with: nobody else has all that it is made of."""
    return _of_try(given, "tokens")


def _of_try(given: CodeGiven, purpose: str) -> bytes:
    return hmac.digest(
        given.challenge_id.encode(), f"{purpose}\n{given.key}\n{given.code}".encode(), "sha256"
    )


def challenge_key(challenge_id: str) -> str:
    """What the challenge is found by in our records."""
    return hashlib.sha256(challenge_id.encode()).hexdigest()


def is_code(given: str, challenge_id: str, expected_hash: str) -> bool:
    """Whether this is the code, however its digits were typed; takes the same time for every other one."""
    typed = "".join(
        character for character in unicodedata.normalize("NFKC", given[:32]) if character.isalnum()
    )
    return hmac.compare_digest(code_hash(challenge_id, typed), expected_hash)


def address_of(channel: MessageChannel, destination: str, countries: Collection[str]) -> Address | None:
    """The address in its one normal form; None when it is none, or a telephone of another country."""
    if len(destination) > MAXIMUM_DESTINATION_LENGTH:
        return None
    normal = _email(destination) if channel is MessageChannel.EMAIL else _telephone(destination, countries)
    return Address(channel, normal) if normal else None


def _email(text: str) -> str | None:
    """In small letters, for no provider tells two mailboxes apart by their case, and in plain ASCII."""
    try:
        found = validate_email(text.strip(), allow_smtputf8=False, check_deliverability=False)
    except EmailNotValidError:
        return None
    return found.ascii_email.lower() if found.ascii_email else None


def _telephone(text: str, countries: Collection[str]) -> str | None:
    """A mobile's number as E.164 writes it, also from a national number of the first country."""
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", text), next(iter(countries), None))
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.region_code_for_number(number) not in countries:
        return None
    if phonenumbers.number_type(number) not in NUMBERS_WITH_SMS:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
