"""What people call themselves, their devices and their systems: short texts that can be shown."""

import unicodedata

from app.shared.errors import Refusal

NAME_MAXIMUM_LENGTH = 40

_DIRECTION_CONTROLS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_BLANKS = "\u115f\u1160\u3164\uffa0"  # letters by category, and yet invisible


class NameInvalid(Refusal):
    """The name is empty, too long, or has characters that cannot be shown."""

    code = "NAME_INVALID"
    ja = "名前は表示できる文字で1〜{maximum}文字にしてください。"
    en = "A name has 1 to {maximum} characters that can be shown."


def normal_name(text: str) -> str | None:
    """The name in NFC; None unless it is 1 to 40 characters that can be shown."""
    name = unicodedata.normalize("NFC", text).strip()
    if not 1 <= len(name) <= NAME_MAXIMUM_LENGTH:
        return None
    if any(not _may_be_shown(character) for character in name):
        return None
    return name if any(unicodedata.category(each)[0] in "LNPS" for each in name) else None


def require_name(text: str, path: list[str]) -> str:
    """The name in NFC. Raises NameInvalid."""
    name = normal_name(text)
    if name is None:
        raise NameInvalid(path=path, maximum=NAME_MAXIMUM_LENGTH)
    return name


def _may_be_shown(character: str) -> bool:
    """No control characters, none without a meaning, and none that turn the direction of writing."""
    unfit = unicodedata.category(character) in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
    return (
        not unfit
        and unicodedata.bidirectional(character) not in _DIRECTION_CONTROLS
        and character not in _BLANKS
    )
