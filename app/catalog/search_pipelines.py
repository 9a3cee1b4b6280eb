"""Searches as aggregation stages: what is looked up in the search index, and how it is scored and counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.catalog.documents import AS_LISTED
from app.catalog.search_query import Leniency, ProductSort, SearchWord, Selection
from app.catalog.search_terms import ALL, FIELDS, Kind, term

Stage = dict[str, Any]

COLLECTION = "product_search"
PRODUCTS = "products"

# How many products are looked at for each term: the most popular ones.
MAXIMUM_CANDIDATES = {Leniency.STRICT: 20_000, Leniency.FORGIVING: 20_000, Leniency.ANY: 1_000}
MAXIMUM_FACETS = 20

# Whether a product is in stock is looked up for one after the other, in their order: for so many at the most.
MAXIMUM_STOCK_LOOKUPS = 1_000
MAXIMUM_RANKED_BY_STOCK = 200
NEARBY_STORE_WEIGHT = 100
MAXIMUM_NEARBY_STORES = 5  # so many stores rank a product as if a thousand times as many had bought it

# What a product is scored by. A field's weight is shared out among the pieces of a word.
WEIGHTS = {Kind.NAME: 10_000, Kind.BRAND: 7_000, Kind.TAG: 4_000, Kind.DESCRIPTION: 1_000}
CATEGORY_WEIGHT = 5_000
ENDING_WEIGHT = 4_000
WHOLE_QUERY_WEIGHT = 8_000
EXACT_NAME_WEIGHT = 2_000
CODE_WEIGHT = 100_000
SYNONYM_WEIGHT = 6_000
GUESS_WEIGHT = 6_000

# By which part of a query a candidate was found: n × WORD and what follows are the pieces of the nth word.
WORD = 100
CATEGORY_MARK = WORD - 1
GUESS_MARK = WORD - 2
SYNONYM_MARK = WORD - 3
CODE_MARK = -1
WHOLE_MARK = -2
BONUS_MARK = -3

# What the index tells of each product beside its terms.
FACTS = (
    "boost",
    "brand",
    "category_id",
    "price_low",
    "price_high",
    "tags",
    "newness",
    "published_from",
    "published_until",
)

# The number that a list is sorted by: the smallest comes first.
_ORDERS: dict[ProductSort, Stage | str] = {
    ProductSort.RELEVANCE: {"$multiply": [-1, {"$add": ["$score", "$facts.boost"]}]},
    ProductSort.POPULARITY: {"$multiply": [-1, "$facts.boost"]},
    ProductSort.PRICE_LOW: "$facts.price_low",
    ProductSort.PRICE_HIGH: {"$multiply": [-1, "$facts.price_high"]},
    ProductSort.NEWEST: {"$multiply": [-1, "$facts.newness"]},
}

_IN_ORDER: Stage = {"$sort": {"order": 1, "_id": 1}}
_NEARBY_FIRST: Stage = {
    "$subtract": [
        "$order",
        {"$multiply": [NEARBY_STORE_WEIGHT, {"$min": [MAXIMUM_NEARBY_STORES, "$stores_nearby"]}]},
    ]
}


@dataclass(frozen=True, slots=True)
class Branch:
    """Something to look up: products with any of these terms, what that weighs, and their mark."""

    terms: Sequence[str]
    weight: int
    mark: int

    def stages(self, most: int) -> list[Stage]:
        """The most popular ones of them, from the index alone."""
        wanted: str | Stage = self.terms[0] if len(self.terms) == 1 else {"$in": list(self.terms)}
        shown = {
            **dict.fromkeys(FACTS, 1),
            "weight": {"$literal": self.weight},
            "mark": {"$literal": self.mark},
        }
        return [
            {"$match": {"terms": wanted}},
            {"$sort": {"boost": -1}},
            {"$limit": most},
            {"$project": shown},
        ]


def page_pipeline(
    selection: Selection,
    sort: ProductSort,
    after: tuple[int, str] | None,
    limit: int,
    shown: Stage = AS_LISTED,
) -> list[Stage]:
    """The candidates in their order, each with what is shown of its product, as aggregation stages."""
    stock = selection.stock
    pipeline = [*_candidates(selection), {"$project": {"order": _ORDERS[sort]}}]
    if stock and stock.ranks and sort is ProductSort.RELEVANCE:
        pipeline += [_IN_ORDER, {"$limit": MAXIMUM_STOCK_LOOKUPS}, *stock.stages]
        pipeline += [{"$limit": MAXIMUM_RANKED_BY_STOCK}, {"$set": {"order": _NEARBY_FIRST}}]
        stock = None
    if after is not None:
        order, product_id = after
        follows = [{"order": {"$gt": order}}, {"order": order, "_id": {"$gt": product_id}}]
        pipeline.append({"$match": {"$or": follows}})
    pipeline.append(_IN_ORDER)
    if stock:
        pipeline += [{"$limit": MAXIMUM_STOCK_LOOKUPS}, *stock.stages]
    return [*pipeline, {"$limit": limit}, _with_product(shown)]


def facet_pipeline(selection: Selection, price_bounds: Sequence[int]) -> list[Stage]:
    """How many candidates have each value, as aggregation stages on the search index."""
    prices = {"groupBy": "$facts.price_low", "boundaries": list(price_bounds)}
    tags = [
        {"$project": {"tag": {"$split": ["$facts.tags", "\n"]}}},
        {"$unwind": "$tag"},
        {"$match": {"tag": {"$ne": ""}}},
    ]
    in_stock: list[Stage] = []
    if selection.stock:
        in_stock = [{"$sort": {"facts.boost": -1, "_id": 1}}, {"$limit": MAXIMUM_STOCK_LOOKUPS}]
        in_stock += selection.stock.stages
    return [
        *_candidates(selection),
        *in_stock,
        {
            "$facet": {
                "total": [{"$count": "count"}],
                "brands": _counting("$facts.brand", MAXIMUM_FACETS),
                "categories": [{"$sortByCount": "$facts.category_id"}],
                "tags": [*tags, *_counting("$tag", MAXIMUM_FACETS)],
                "prices": [{"$bucket": prices}],
            }
        },
    ]


def _with_product(shown: Stage) -> Stage:
    return {
        "$lookup": {
            "from": PRODUCTS,
            "localField": "_id",
            "foreignField": "_id",
            "pipeline": [shown],
            "as": "product",
        }
    }


def _counting(field: str, limit: int) -> list[Stage]:
    """The most frequent values, and the same ones each time where counts are equal."""
    return [{"$sortByCount": field}, {"$sort": {"count": -1, "_id": 1}}, {"$limit": limit}]


def _candidates(selection: Selection) -> list[Stage]:
    """Each product that matches, with its score and its facts."""
    conditions = {"$match": {"$and": list(_conditions(selection))}}
    most = MAXIMUM_CANDIDATES[selection.leniency]
    first, *others = [branch.stages(most) for branch in _branches(selection)]
    if selection.query.wants_everything:  # each is found once
        return [*first, {"$project": {"score": {"$literal": 0}, "facts": "$$ROOT"}}, conditions]
    unions = [{"$unionWith": {"coll": COLLECTION, "pipeline": each}} for each in others]
    group = {
        "_id": "$_id",
        "score": {"$sum": "$weight"},
        "marks": {"$addToSet": "$mark"},
        "facts": {"$first": "$$ROOT"},
    }
    return [*first, *unions, {"$group": group}, conditions]


def _branches(selection: Selection) -> list[Branch]:
    """What to look up for this selection."""
    query = selection.query
    if query.wants_everything:
        categories = selection.wanted_category_ids
        return [Branch(_category_terms(categories) if categories is not None else [ALL], 0, BONUS_MARK)]
    branches = [Branch([term(Kind.CODE, query.code)], CODE_WEIGHT, CODE_MARK)]
    if query.words:
        branches.append(Branch([term(Kind.ENDING, query.whole)], WHOLE_QUERY_WEIGHT, WHOLE_MARK))
        branches.append(Branch([term(Kind.WHOLE, query.whole)], EXACT_NAME_WEIGHT, BONUS_MARK))
    for number, word in enumerate(query.words):
        branches += _word_branches(word, number * WORD, selection.leniency)
    return branches


def _word_branches(word: SearchWord, mark: int, leniency: Leniency) -> list[Branch]:
    pieces = word.pieces_for(leniency)
    branches = [
        Branch([term(kind, piece)], WEIGHTS[kind] // len(pieces), mark + place)
        for place, piece in enumerate(pieces)
        for kind in FIELDS
    ]
    branches.append(Branch([term(Kind.ENDING, word.text)], ENDING_WEIGHT, BONUS_MARK))
    if word.synonym_terms:
        branches.append(Branch(word.synonym_terms, SYNONYM_WEIGHT, mark + SYNONYM_MARK))
    is_guessed = leniency is not Leniency.STRICT
    category_ids = (*word.category_ids, *(word.guessed_category_ids if is_guessed else ()))
    if category_ids:
        branches.append(Branch(_category_terms(category_ids), CATEGORY_WEIGHT, mark + CATEGORY_MARK))
    if is_guessed and word.guesses:
        guesses = [term(Kind.FUZZY, guess) for guess in word.guesses]
        branches.append(Branch(guesses, GUESS_WEIGHT, mark + GUESS_MARK))
    return branches


def _category_terms(category_ids: Iterable[str]) -> list[str]:
    return [term(Kind.CATEGORY, category_id) for category_id in category_ids]


def _conditions(selection: Selection) -> Iterable[Stage]:
    """What a candidate must meet, beside having been found."""
    wish = selection.filter
    if not selection.query.wants_everything and selection.leniency is not Leniency.ANY:
        words = [
            _word_is_met(word, number * WORD, selection.leniency)
            for number, word in enumerate(selection.query.words)
        ]
        ways: list[Stage] = [{"$in": [mark, "$marks"]} for mark in (CODE_MARK, WHOLE_MARK)]
        yield {"$expr": {"$or": [*ways, *([{"$and": words}] if words else [])]}}
    if not selection.query.wants_everything:
        yield {"marks": {"$ne": [BONUS_MARK]}}  # a bonus alone finds nothing
    yield {"facts.published_from": {"$not": {"$gt": selection.now}}}
    yield {"facts.published_until": {"$not": {"$lte": selection.now}}}
    if selection.wanted_category_ids is not None:
        yield {"facts.category_id": {"$in": list(selection.wanted_category_ids)}}
    if wish.brands:
        yield {"facts.brand": {"$in": list(wish.brands)}}
    for tag in wish.tags:
        yield {"$expr": {"$gte": [{"$indexOfCP": ["$facts.tags", {"$literal": f"\n{tag}\n"}]}, 0]}}
    if wish.lowest_price is not None:
        yield {"facts.price_high": {"$gte": wish.lowest_price}}
    if wish.highest_price is not None:
        yield {"facts.price_low": {"$lte": wish.highest_price}}


def _word_is_met(word: SearchWord, mark: int, leniency: Leniency) -> Stage:
    """Whether enough of a word's pieces were found, or another word for it, or a category that it names."""
    pieces = [mark + place for place in range(len(word.pieces_for(leniency)))]
    found = {"$size": {"$setIntersection": [pieces, "$marks"]}}
    return {
        "$or": [
            {"$gte": [found, word.pieces_needed(leniency)]},
            *({"$in": [mark + other, "$marks"]} for other in (SYNONYM_MARK, CATEGORY_MARK, GUESS_MARK)),
        ]
    }
