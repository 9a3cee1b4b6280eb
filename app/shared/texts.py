"""Texts that people wrote: cleaned before they are kept, folded before they are searched."""

import unicodedata

_DIRECTION_CONTROLS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_BLANKS = "\u115f\u1160\u3164\uffa0"  # letters by category, and yet invisible
_HIRAGANA_START, _HIRAGANA_END = 0x3041, 0x3096
_KATAKANA_OFFSET = 0x60


def normal_line(text: str, maximum_length: int) -> str | None:
    """The line in NFC; None unless it is 1 to so many characters, all of which can be shown."""
    line = unicodedata.normalize("NFC", text).strip()
    if not 1 <= len(line) <= maximum_length or not _can_be_shown(line):
        return None
    return line if any(unicodedata.category(each)[0] in "LNPS" for each in line) else None


def normal_paragraphs(text: str, maximum_length: int) -> str | None:
    """Lines in NFC, perhaps none; None when they are too long, or have characters that cannot be shown."""
    paragraphs = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    if len(paragraphs) > maximum_length:
        return None
    return paragraphs if _can_be_shown(paragraphs.replace("\n", "")) else None


def folded(text: str) -> str:
    """Text as it is searched: width and case folded (NFKC), katakana for hiragana."""
    return "".join(
        chr(ord(character) + _KATAKANA_OFFSET)
        if _HIRAGANA_START <= ord(character) <= _HIRAGANA_END
        else character
        for character in unicodedata.normalize("NFKC", text).casefold()
    )


def _can_be_shown(text: str) -> bool:
    """Whether each character may be shown; most texts are told to be plain at once."""
    is_plain = text.isprintable() and not any(blank in text for blank in _BLANKS)
    return is_plain or all(map(_may_be_shown, text))


def _may_be_shown(character: str) -> bool:
    """No control characters, none without a meaning, and none that turn the direction of writing."""
    unfit = unicodedata.category(character) in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
    return (
        not unfit
        and unicodedata.bidirectional(character) not in _DIRECTION_CONTROLS
        and character not in _BLANKS
    )
