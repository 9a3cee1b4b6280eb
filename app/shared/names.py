"""What people call themselves, their devices and their systems: short texts that can be shown."""

from app.shared.errors import Refusal
from app.shared.texts import normal_line

NAME_MAXIMUM_LENGTH = 40


class NameInvalid(Refusal):
    """The name is empty, too long, or has characters that cannot be shown."""

    code = "NAME_INVALID"
    ja = "名前は表示できる文字で1〜{maximum}文字にしてください。"
    en = "Choose a name of 1 to {maximum} characters that can be shown."


def normal_name(text: str) -> str | None:
    """The name in NFC; None unless it is 1 to 40 characters that can be shown."""
    return normal_line(text, NAME_MAXIMUM_LENGTH)


def require_name(text: str, path: list[str]) -> str:
    """The name in NFC. Raises NameInvalid."""
    name = normal_name(text)
    if name is None:
        raise NameInvalid(path=path, maximum=NAME_MAXIMUM_LENGTH)
    return name
