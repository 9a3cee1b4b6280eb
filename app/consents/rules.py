"""Pure decisions about consents: what a wish changes, and what stands after it."""

import re
from collections.abc import Sequence
from datetime import datetime

from app.consents.errors import ConsentKindsInvalid, ConsentTextVersionInvalid
from app.consents.model import ConsentDecision, ConsentKind, ConsentWish

TEXT_VERSION_MAXIMUM_LENGTH = 40

_TEXT_VERSION = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)


def require_wish(wish: ConsentWish) -> None:
    """Raises ConsentKindsInvalid or ConsentTextVersionInvalid."""
    kinds = [kind for kind, _ in wish.decisions]
    if not kinds or len(kinds) != len(set(kinds)):
        raise ConsentKindsInvalid(path=["input", "consents"])
    is_short = len(wish.text_version) <= TEXT_VERSION_MAXIMUM_LENGTH
    if not is_short or not _TEXT_VERSION.fullmatch(wish.text_version):
        raise ConsentTextVersionInvalid(path=["input", "textVersion"], maximum=TEXT_VERSION_MAXIMUM_LENGTH)


def changes(
    standing: Sequence[ConsentDecision], wish: ConsentWish, now: datetime
) -> tuple[ConsentDecision, ...]:
    """What the wish decides anew: not what stands already, said to the same text."""
    stated = {(each.kind, each.is_given, each.text_version) for each in standing}
    return tuple(
        ConsentDecision(kind, is_given, wish.text_version, wish.channel, now)
        for kind, is_given in wish.decisions
        if (kind, is_given, wish.text_version) not in stated
    )


def standing_after(
    standing: Sequence[ConsentDecision], decision: ConsentDecision
) -> tuple[ConsentDecision, ...]:
    """The newest decision about each kind."""
    return (*(each for each in standing if each.kind is not decision.kind), decision)


def is_given(standing: Sequence[ConsentDecision], kind: ConsentKind) -> bool:
    """Whether this is allowed; not, when nothing was decided."""
    return any(each.kind is kind and each.is_given for each in standing)
