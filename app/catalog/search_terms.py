"""What the search index holds of a product: terms, each of which says what it is and where it was found.

A text that stands in several fields is kept for the most important one alone.
"""

import math
from collections.abc import Iterable
from enum import StrEnum

from app.catalog.model import DescribedProduct
from app.catalog.words import (
    LONGEST_PIECE,
    LONGEST_WORD,
    Word,
    joined,
    latin_words,
    pieces_of,
    prefixes_of,
    whole,
    without_one_letter,
    words_of,
)
from app.shared.paging import MAXIMUM_NUMBER
from app.shared.texts import folded

SEARCHED_LENGTH = 300  # of a description, of all attributes, and of all colours and sizes
LONGEST_ENDING = 8
MAXIMUM_BOOST = 999
POPULARITY_OF_MAXIMUM_BOOST = 1_000_000
ALL = "*"


class Kind(StrEnum):
    """What a term is. The first four are fields, the most important one first."""

    NAME = "n"
    BRAND = "b"
    TAG = "t"
    DESCRIPTION = "d"
    ENDING = "="  # a whole word of the name, or how the name ends: in both languages that is what a thing is
    WHOLE = "!"  # all of a name
    FUZZY = "~"  # a word with a letter left out
    CATEGORY = "c"
    CODE = "k"  # a JAN, or the retailer's own code of a product or SKU


FIELDS = (Kind.NAME, Kind.BRAND, Kind.TAG, Kind.DESCRIPTION)


def term(kind: Kind, text: str) -> str:
    return f"{kind}:{text}"


def terms_of(product: DescribedProduct) -> list[str]:
    """All terms by which this product is found: some hundreds, and 6,000 at the very most."""
    names = [*product.names.values(), product.kana]
    brand = [product.brand, product.brand_kana or ""]
    choices = [text for sku in product.skus for text in (*(sku.colour or {}).values(), sku.size or "")]
    tags = [*product.tags, " ".join(dict.fromkeys(choices))[:SEARCHED_LENGTH]]
    codes = [product.id, *(code for sku in product.skus for code in (sku.id, sku.jan))]
    attributes = " ".join(each.value for each in product.attributes)
    descriptions = [text[:SEARCHED_LENGTH] for text in (*product.descriptions.values(), attributes)]
    terms = {ALL, term(Kind.CATEGORY, product.category_id)}
    terms |= {term(Kind.CODE, plain_code(code)) for code in codes}
    terms |= {term(Kind.ENDING, ending) for name in names for ending in _endings(name)}
    terms |= {term(Kind.WHOLE, whole(name)) for name in names}
    terms |= {term(Kind.FUZZY, text) for text in fuzzy([*names, *brand, *tags])}
    seen: set[str] = set()
    for kind, texts in zip(FIELDS, (names, brand, tags, descriptions), strict=True):
        found = {text for each in texts for text in searched(each)} - seen
        terms |= {term(kind, text) for text in found}
        seen |= found
    return sorted(terms)


def terms_of_word(word: Word) -> list[str]:
    """The terms of products that are called by just this word, or tagged with it.

    One to three characters are looked for within longer words too, unless they are a kana or two: those stand
    in too many.
    """
    terms = [term(Kind.ENDING, word.text)]
    if word.is_latin:
        return [*terms, term(Kind.TAG, word.text[:LONGEST_WORD])]
    if len(word.text) > LONGEST_PIECE or (word.is_kana and len(word.text) < LONGEST_PIECE):
        return terms
    return [*terms, term(Kind.NAME, word.text), term(Kind.TAG, word.text)]


def plain_code(text: str) -> str:
    """A code as it is typed or scanned: width, case, spaces and hyphens do not matter."""
    return "".join(folded(text).replace("-", "").split())


def boost_of(product: DescribedProduct) -> int:
    """What popularity adds to a score, 0 to 999: ten times as popular adds 166."""
    share = math.log1p(product.popularity) / math.log1p(POPULARITY_OF_MAXIMUM_BOOST)
    return min(MAXIMUM_BOOST, round(share * MAXIMUM_BOOST))


def newness_of(product: DescribedProduct) -> int:
    """When it was published, or made known to us, in minutes since 1970, as far as a cursor can say."""
    moment = product.published_from or product.created_at
    minutes = int(moment.timestamp() // 60) if moment else 0
    return min(max(0, minutes), MAXIMUM_NUMBER - 1)


def searched(text: str) -> set[str]:
    """The pieces of its Japanese and the prefixes of its English words."""
    found = pieces_of(joined(text))
    for word in latin_words(text):
        found |= prefixes_of(word)
    return found


def _endings(name: str) -> set[str]:
    words = {word.text for word in words_of(name)}
    japanese = joined(name)
    longest = min(len(japanese), LONGEST_ENDING)
    return {whole(name), *words, *(japanese[-size:] for size in range(1, longest + 1))} - {""}


def fuzzy(texts: Iterable[str]) -> set[str]:
    """Their words, as they are and, if they are long enough, without any one letter."""
    words = [word for text in texts for word in words_of(text) if word.is_spelt]
    return {
        text for word in words for text in (without_one_letter(word.text) if word.is_fuzzy else {word.text})
    }
