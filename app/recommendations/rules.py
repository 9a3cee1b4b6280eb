"""Pure decisions about recommendations: what speaks for a SKU, and which are shown in which order."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from app.learning.model import RelatedSku
from app.recommendations.model import Candidate, Choice, Reason, ReasonKind, Taste

MAXIMUM_RECOMMENDATIONS = 50

# How much each kind of reason may add to a score, at the most.
RELATED_WEIGHTS = {ReasonKind.RELATED_TO_PRODUCT: 1.0, ReasonKind.RELATED_TO_LIKED: 0.5}
CATEGORY_WEIGHT = 0.5
BRAND_WEIGHT = 0.2
POPULARITY_WEIGHT = 0.5
NEARBY_WEIGHT = 1.0

IN_STOCK_FACTOR = 1.5  # what lies in the store goes before what is a little more to her taste
MOST_OF_A_CATEGORY = 3  # one of each so many in a row, so that a page is not all cups


def relative(weights: Mapping[str, float], most: int) -> dict[str, float]:
    """The first so many, the most first, as parts of the first."""
    first = list(weights.items())[:most]
    return {key: weight / first[0][1] for key, weight in first} if first else {}


def related_to(
    liked: Mapping[str, float], related: Mapping[str, Sequence[RelatedSku]], kind: ReasonKind
) -> dict[str, tuple[ReasonKind, str, float]]:
    """What goes with these SKUs: 1 for what goes with them most, each led to by the one that adds most."""
    sums: dict[str, float] = {}
    leading: dict[str, tuple[float, str]] = {}
    for sku_id, liking in liked.items():
        for each in related.get(sku_id, ()):
            part = liking * each.score
            sums[each.sku_id] = sums.get(each.sku_id, 0.0) + part
            leading[each.sku_id] = max(leading.get(each.sku_id, (0.0, "")), (part, sku_id))
    most = max(sums.values(), default=1.0)
    return {sku_id: (kind, leading[sku_id][1], total / most) for sku_id, total in sums.items()}


def chosen(
    candidates: Iterable[Candidate], taste: Taste, without: Collection[str], first: int
) -> list[Choice]:
    """The best SKU of each product, the best first; of one category not too many in a row.

    `without` are the products that shall not be among them.
    """
    wanted = [each for each in candidates if each.product.id not in without]
    most_popular = max((each.product.popularity for each in wanted), default=0)
    best: dict[str, Choice] = {}
    for candidate in wanted:
        scored = _scored(candidate, taste, most_popular)
        known = best.get(candidate.product.id)
        if known is None or _order(scored) < _order(known):
            best[candidate.product.id] = scored
    return _mixed(sorted(best.values(), key=_order), first)


def beside_her(choices: Iterable[Choice]) -> list[Choice]:
    """Those that the store has now, which is why they are shown: she stands before them."""
    nearby = Reason(ReasonKind.NEARBY, NEARBY_WEIGHT)
    return [replace(each, reasons=(nearby, *each.reasons)) for each in choices if each.candidate.available]


def _scored(candidate: Candidate, taste: Taste, most_popular: int) -> Choice:
    product = candidate.product
    reasons: list[Reason] = []
    if candidate.sku_id in taste.related:
        kind, about, weight = taste.related[candidate.sku_id]
        reasons.append(Reason(kind, RELATED_WEIGHTS[kind] * weight, about))
    if product.category_id in taste.categories:
        weight = CATEGORY_WEIGHT * taste.categories[product.category_id]
        reasons.append(Reason(ReasonKind.LIKED_CATEGORY, weight, product.category_id))
    if product.brand in taste.brands:
        reasons.append(
            Reason(ReasonKind.LIKED_BRAND, BRAND_WEIGHT * taste.brands[product.brand], product.brand)
        )
    if most_popular:
        popularity = math.log1p(product.popularity) / math.log1p(most_popular)
        reasons.append(Reason(ReasonKind.POPULAR, POPULARITY_WEIGHT * popularity))
    score = sum(reason.weight for reason in reasons) * (IN_STOCK_FACTOR if candidate.available else 1.0)
    reasons.sort(key=lambda reason: -reason.weight)
    return Choice(candidate, tuple(reasons), score)


def _mixed(ranked: Sequence[Choice], first: int) -> list[Choice]:
    """In order of rank, but after three of one category one of another, as long as there is any."""
    left = list(ranked)
    mixed: list[Choice] = []
    while left and len(mixed) < first:
        last = [_category(each) for each in mixed[-MOST_OF_A_CATEGORY:]]
        is_enough = len(last) == MOST_OF_A_CATEGORY and len(set(last)) == 1
        other = (place for place, each in enumerate(left) if _category(each) != last[-1])
        mixed.append(left.pop(next(other, 0) if is_enough else 0))
    return mixed


def _category(choice: Choice) -> str:
    return choice.candidate.product.category_id


def _order(choice: Choice) -> tuple[float, str]:
    return (-choice.score, choice.candidate.sku_id)
