"""Words as they are searched, in Japanese and English.

Japanese is written without spaces, so it is cut into runs of one script and those into short pieces; English
is cut into words. Both are folded first: what sounds or looks alike is made the same.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from app.shared.texts import folded

LONGEST_PIECE = 3
LONGEST_WORD = 12  # of a longer one, the beginning counts
SHORTEST_FUZZY_KANA = 3
SHORTEST_FUZZY_LATIN = 4

_SMALL_KANA = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_ALIKE_KANA = str.maketrans(
    {"ヂ": "ジ", "ヅ": "ズ", "ヲ": "オ", "ヰ": "イ", "ヱ": "エ", "ー": None, "・": None}
)
_V_SOUNDS = [("ヴァ", "バ"), ("ヴィ", "ビ"), ("ヴェ", "ベ"), ("ヴォ", "ボ"), ("ヴ", "ブ")]

_LATIN = r"[0-9a-z]+(?:\.[0-9]+[a-z]*)*"
_KATAKANA = r"[ァ-ヺ][ァ-ヺー・]*"
_OTHER = r"[^\W0-9a-z_ァ-ヺー]+(?:ー[^\W0-9a-z_ァ-ヺー]*)*"
_RUNS = re.compile(f"({_LATIN})|({_KATAKANA})|{_OTHER}")
_PARTS = re.compile("[ァ-ヺ]+|[^ァ-ヺ]")
_COLOUR = re.compile("([白黒赤青黄茶])(?:色い|い|色)(?![ぁ-ゖ])")  # 白い and 白色 are looked for as 白
_OF = re.compile("(?<=[^ぁ-ゖ])の|の(?=[^ぁ-ゖー])")  # the の between nouns, not that of きのこ and のーと


@dataclass(frozen=True, slots=True)
class Word:
    """A run of one script, folded. Kana are those written in katakana, or in hiragana alone."""

    text: str
    is_latin: bool
    is_kana: bool

    @property
    def is_fuzzy(self) -> bool:
        """Whether it is long enough for one letter to be wrong."""
        shortest = SHORTEST_FUZZY_LATIN if self.is_latin else SHORTEST_FUZZY_KANA
        return self.is_spelt and len(self.text) >= shortest

    @property
    def is_spelt(self) -> bool:
        """Whether it can be misspelt by a letter; kanji cannot."""
        return self.is_latin or self.is_kana


def words_of(text: str) -> list[Word]:
    """The runs of one script in a text. Latin words are in the singular."""
    found = []
    for run in _RUNS.finditer(_plain(text)):
        is_latin = run[1] is not None
        word = singular(run[0]) if is_latin else folded_kana(run[0])
        if word:
            found.append(Word(word, is_latin, is_kana=not is_latin and _is_kana(word)))
    return found


def query_words(text: str) -> list[Word]:
    """The words of a query: as `words_of`, but the の between two nouns is none, and colours are nouns."""
    return words_of(_OF.sub(" ", _COLOUR.sub(r"\1 ", unicodedata.normalize("NFKC", text))))


def joined(text: str) -> str:
    """The Japanese runs of a text in one, so that pieces are found across their edges."""
    return "".join(word.text for word in words_of(text) if not word.is_latin)


def whole(text: str) -> str:
    """All of a text in one word, to be compared with another as a whole."""
    return "".join(word.text for word in words_of(text))


def folded_kana(text: str) -> str:
    """Katakana for hiragana, large kana for small ones, no long vowels, and one kana for each sound."""
    text = folded(text)
    for sound, plain in _V_SOUNDS:
        text = text.replace(sound, plain)
    return text.translate(_SMALL_KANA).translate(_ALIKE_KANA)


def singular(word: str) -> str:
    """An English word without its plural ending, as near as a few rules come."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def pieces_of(text: str) -> set[str]:
    """All runs of one to three characters."""
    return {
        text[start : start + size]
        for size in range(1, LONGEST_PIECE + 1)
        for start in range(len(text) - size + 1)
    }


def covering_pieces(text: str) -> list[str]:
    """The fewest pieces that together cover a text; a text that contains it has all of them."""
    if len(text) <= LONGEST_PIECE:
        return [text]
    last = len(text) - LONGEST_PIECE
    return [text[start : start + LONGEST_PIECE] for start in [*range(0, last, LONGEST_PIECE - 1), last]]


def loose_pieces(word: Word) -> list[str]:
    """What to look for when a word is not found as it is written.

    Pairs of kana forgive a wrong one; each kanji by itself and the kana between them forgive that somebody
    writes 靴した or くつ下 for 靴下.
    """
    if word.is_kana:
        return [first + second for first, second in pairwise(word.text)] or [word.text]
    parts = [part for part in _PARTS.findall(word.text) if len(part) > 1 or not _is_kana(part)]
    return [piece for part in parts for piece in covering_pieces(part)] or [word.text]


def latin_words(text: str) -> list[str]:
    """The Latin words of a text, in the singular and as they are written; `T-shirt` is `tshirt` too."""
    texts = [text, text.replace("-", "")] if "-" in text else [text]
    runs = [run[1] for each in texts for run in _RUNS.finditer(_plain(each)) if run[1]]
    return [*runs, *(singular(run) for run in runs)]


def prefixes_of(word: str) -> set[str]:
    return {word[:size] for size in range(1, min(len(word), LONGEST_WORD) + 1)}


def without_one_letter(word: str) -> set[str]:
    """The word, and what is left of it when any one letter is left out.

    Two words share one of these when they differ by a letter more, less, other or swapped with the next.
    """
    word = word[:LONGEST_WORD]
    return {word} | {word[:place] + word[place + 1 :] for place in range(len(word))}


def _plain(text: str) -> str:
    """Width and case folded, and Latin letters without their accents."""
    text = unicodedata.normalize("NFKC", text).casefold()
    if text.isascii():
        return text
    return "".join(_without_accent(character) for character in text)


def _without_accent(character: str) -> str:
    base = unicodedata.normalize("NFD", character)[0]
    return base if base.isascii() else character


def _is_kana(text: str) -> bool:
    return all("ァ" <= character <= "ヺ" for character in text)
