"""What somebody looks for, read from what she typed or scanned."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from app.catalog.category_tree import CategoryTree
from app.catalog.model import Category
from app.catalog.search_terms import fuzzy, plain_code, searched, terms_of_word
from app.catalog.synonyms import synonyms_of
from app.catalog.words import (
    LONGEST_WORD,
    Word,
    covering_pieces,
    loose_pieces,
    query_words,
    whole,
    without_one_letter,
)
from app.shared.geo import Circle

MAXIMUM_PIECES = 12  # of a longer query, the beginning counts
SHORTEST_CATEGORY_LATIN = 3
SHORTEST_CATEGORY_KANA = 2


class ProductSort(StrEnum):
    """In which order products are listed."""

    RELEVANCE = "RELEVANCE"
    POPULARITY = "POPULARITY"
    PRICE_LOW = "PRICE_LOW"
    PRICE_HIGH = "PRICE_HIGH"
    NEWEST = "NEWEST"


class Leniency(StrEnum):
    """How well a product must match: in all words; nearly, as when they are misspelt; or at least somehow."""

    STRICT = "STRICT"
    FORGIVING = "FORGIVING"
    ANY = "ANY"


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """Which products are wanted at all: those that meet every wish. Prices are in minor units.

    `in_stock_at` is a store that has one of its SKUs now, `in_stock_near` where any store does.
    """

    category_id: str | None = None
    brands: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    lowest_price: int | None = None
    highest_price: int | None = None
    in_stock_at: str | None = None
    in_stock_near: Circle | None = None


@dataclass(frozen=True, slots=True)
class StockCondition:
    """Which products are in stock as wished, for a pipeline whose documents have a product's `_id`.

    The stages leave out all others. Where the wish names a place, they add `stores_nearby`: how many of the
    stores around it have the product, by which those that are equally relevant are ranked.
    """

    stages: tuple[dict[str, Any], ...]
    ranks: bool


class StockedProducts(Protocol):
    """What search needs to know of stock, which lies above the catalogue."""

    async def condition(self, wish: ProductFilter, now: datetime) -> StockCondition | None:
        """The condition, as of now; None when nothing is wished for. Raises what is wrong with the wish."""
        ...


@dataclass(frozen=True, slots=True)
class ProductRequest:
    """What is asked for. No query means all products."""

    query: str | None = None
    filter: ProductFilter = ProductFilter()
    sort: ProductSort = ProductSort.RELEVANCE


@dataclass(frozen=True, slots=True)
class SearchWord:
    """A word that is looked for: the pieces it is found by, and the categories that it names.

    `synonym_terms` are what products are found by that are called by another word for the same; the
    categories of those words are among `category_ids`. `loose_pieces` and `guesses` stand for the word when
    it is written in another way or misspelt, and `guessed_category_ids` are those it may name then.
    """

    text: str
    pieces: tuple[str, ...]
    synonym_terms: tuple[str, ...]
    loose_pieces: tuple[str, ...]
    guesses: tuple[str, ...]
    category_ids: tuple[str, ...]
    guessed_category_ids: tuple[str, ...]

    def pieces_for(self, leniency: Leniency) -> tuple[str, ...]:
        return self.pieces if leniency is Leniency.STRICT else self.loose_pieces

    def pieces_needed(self, leniency: Leniency) -> int:
        """How many of these pieces a product must have: strictly all, otherwise half of them."""
        pieces = len(self.pieces_for(leniency))
        return pieces if leniency is Leniency.STRICT else math.ceil(pieces / 2)


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A query, read: its words, all of it in one word, and the code that it may be.

    Without words and code, everything is wanted.
    """

    words: tuple[SearchWord, ...] = ()
    whole: str = ""
    code: str = ""

    @property
    def wants_everything(self) -> bool:
        return not self.code


@dataclass(frozen=True, slots=True)
class Selection:
    """Which products are candidates: by the query and its leniency, the filter, published now, in stock."""

    query: SearchQuery
    filter: ProductFilter
    wanted_category_ids: tuple[str, ...] | None
    leniency: Leniency
    now: datetime
    stock: StockCondition | None = None


class SearchableCategories:
    """The categories with the words that name them."""

    def __init__(self, tree: CategoryTree) -> None:
        self.tree = tree
        names = {each.id: (*each.names.values(), each.kana) for each in tree}
        self._searched = {
            category_id: frozenset(text for name in each for text in searched(name))
            for category_id, each in names.items()
        }
        self._fuzzy = {category_id: frozenset(fuzzy(each)) for category_id, each in names.items()}
        self._wholes = {category_id: tuple(map(whole, each)) for category_id, each in names.items()}

    def beginning_with(self, typed: str) -> list[Category]:
        """The categories whose name begins so; it is folded."""
        return [
            each
            for each in self.tree.in_order()
            if any(name.startswith(typed) for name in self._wholes[each.id])
        ]

    def named_by(self, pieces: Iterable[str]) -> list[str]:
        """The categories whose name has all these pieces."""
        wanted = frozenset(pieces)
        return [category_id for category_id, found in self._searched.items() if wanted <= found]

    def perhaps_named_by(self, guesses: Iterable[str]) -> list[str]:
        """The categories whose name has a word that differs by a letter at the most."""
        wanted = frozenset(guesses)
        return [category_id for category_id, found in self._fuzzy.items() if wanted & found]

    def with_descendants(self, category_ids: Iterable[str]) -> tuple[str, ...]:
        """These categories and all below them, each once."""
        found = (each for category_id in category_ids for each in self.tree.with_descendants(category_id))
        return tuple(dict.fromkeys(found))


def read_query(text: str, categories: SearchableCategories) -> SearchQuery:
    """The query in this text; of one with too many pieces, the first words."""
    words: list[SearchWord] = []
    pieces_left = MAXIMUM_PIECES
    for word in dict.fromkeys(query_words(text)):
        if pieces_left == 0:
            break
        words.append(_search_word(word, pieces_left, categories))
        pieces_left -= max(len(words[-1].pieces), len(words[-1].loose_pieces))
    return SearchQuery(tuple(words), whole(text), plain_code(text))


def _search_word(word: Word, most: int, categories: SearchableCategories) -> SearchWord:
    """The word, with so many pieces at the most."""
    pieces = _pieces(word)[:most]
    synonyms = synonyms_of(word)
    guesses = tuple(sorted(without_one_letter(word.text))) if word.is_fuzzy else ()
    named = [
        category_id
        for each in (word, *synonyms)
        if _may_name_a_category(each)
        for category_id in categories.named_by(_pieces(each))
    ]
    return SearchWord(
        word.text,
        pieces,
        tuple(text for each in synonyms for text in terms_of_word(each)),
        pieces if word.is_latin else tuple(dict.fromkeys(loose_pieces(word)))[:most],
        guesses,
        categories.with_descendants(named),
        categories.with_descendants(categories.perhaps_named_by(guesses)) if guesses else (),
    )


def _pieces(word: Word) -> tuple[str, ...]:
    """The pieces that a text with this word has all of."""
    return (word.text[:LONGEST_WORD],) if word.is_latin else tuple(covering_pieces(word.text))


def _may_name_a_category(word: Word) -> bool:
    """Whether it is long enough; a single kanji is."""
    if word.is_latin:
        return len(word.text) >= SHORTEST_CATEGORY_LATIN
    return not word.is_kana or len(word.text) >= SHORTEST_CATEGORY_KANA
