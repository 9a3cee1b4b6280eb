"""The two languages we answer in."""

from enum import StrEnum
from functools import lru_cache


class Language(StrEnum):
    """A language Tsunagu speaks."""

    JA = "ja"
    EN = "en"


DEFAULT_LANGUAGE = Language.JA
LONGEST_TAG = 35  # RFC 5646, 4.4.1


def language_of(tag: str | None) -> Language | None:
    """The language of a tag such as `ja-JP` or `en_US` (RFC 5646); None for one we do not speak."""
    if not tag or len(tag) > LONGEST_TAG:
        return None
    primary = tag.strip().replace("_", "-").split("-", 1)[0].lower()
    return next((language for language in Language if language.value == primary), None)


def preferred_language(accept_language: str | None) -> Language | None:
    """The language we speak that an `Accept-Language` header ranks highest (RFC 9110, 12.5.4)."""
    return _preferred((accept_language or "")[:200])


@lru_cache(maxsize=500)
def _preferred(accept_language: str) -> Language | None:
    best: Language | None = None
    best_quality = 0.0
    for item in accept_language.split(","):
        tag, _, parameters = item.partition(";")
        language = language_of(tag)
        quality = _quality(parameters)
        if language is not None and quality > best_quality:
            best, best_quality = language, quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0
