"""What people say for what stands in names: words that mean the same, and kinds of a thing.

Each row of the table has words that mean the same, and kinds of what they name: who looks for one of the
words finds the others and the kinds, and who looks for a kind finds that alone.
"""

import csv
from functools import cache
from pathlib import Path

from app.catalog.words import Word, words_of

TABLE = Path(__file__).with_name("synonyms.csv")


class SynonymInvalid(Exception):
    """Something in the table is not one word; the text says what."""


def synonyms_of(word: Word) -> tuple[Word, ...]:
    """The words to look for along with this one; none for most words."""
    return _table().get(word.text, ())


@cache
def _table() -> dict[str, tuple[Word, ...]]:
    """For each word, folded, the others; a word in several rows has those of all of them."""
    found: dict[str, dict[str, Word]] = {}
    with TABLE.open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            words, kinds = (list(map(_only_word, row[column].split())) for column in ("words", "kinds"))
            for word in words:
                others = {each.text: each for each in (*words, *kinds) if each.text != word.text}
                found.setdefault(word.text, {}).update(others)
    return {text: tuple(others.values()) for text, others in found.items()}


def _only_word(text: str) -> Word:
    """The word that this text is. Raises SynonymInvalid."""
    words = words_of(text)
    if len(words) != 1:
        raise SynonymInvalid(text)
    return words[0]
