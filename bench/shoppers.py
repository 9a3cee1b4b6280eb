"""Made-up shoppers of the demo retailer, by whom what is learnt can be judged.

A shopper likes a few categories and brands. What she does next is often about something that goes with what
she saw before, by companions that the products have been given at random; else about something of a category
or brand that she likes, or simply about something popular.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.catalog.model import Product, Sku
from app.interests.model import InterestEvent, InterestEventKind
from app.interests.tracking import about_sku

COMPANIONS = 3
LIKED_CATEGORIES = 3
LIKED_BRANDS = 2
LEAST_EVENTS, MOST_EVENTS = 15, 30
DAYS = 80
HELD_OUT = 0.2  # the last part of what each does
POPULARITY_POWER = 0.7

# How often the next thing is a companion of an earlier one, of a liked category or brand, or popular.
WAYS = {"companion": 0.35, "category": 0.35, "brand": 0.1, "popular": 0.2}


@dataclass(frozen=True, slots=True)
class Shopper:
    """What somebody did, the oldest first, and the products that she turned to afterwards, all new to her."""

    member_id: str
    events: tuple[InterestEvent, ...]
    held_out: frozenset[str]


class Shoppers:
    """Makes shoppers, the same for the same seed."""

    def __init__(self, products: Sequence[Product], now: datetime, seed: int) -> None:
        self._chance = random.Random(seed)
        self._products = {product.id: product for product in products}
        self._now = now
        self._companions = {
            product.id: self._chance.sample(sorted(self._products.keys() - {product.id}), COMPANIONS)
            for product in products
        }

    def shoppers(self, number: int) -> list[Shopper]:
        return [self._shopper(f"shopper-{each:06}") for each in range(number)]

    def _shopper(self, member_id: str) -> Shopper:
        chance = self._chance
        products = list(self._products.values())
        categories = chance.sample(sorted({each.category_id for each in products}), LIKED_CATEGORIES)
        brands = chance.sample(sorted({each.brand for each in products}), LIKED_BRANDS)
        seen: list[str] = []
        for _ in range(chance.randint(LEAST_EVENTS, MOST_EVENTS)):
            choice = self._next(seen, categories, brands)
            if choice is not None:
                seen.append(choice)
        known = len(seen) - round(HELD_OUT * len(seen))
        days = sorted((chance.uniform(0, DAYS) for _ in range(known)), reverse=True)
        events = tuple(
            self._event(f"event-{place}", self._products[product_id], days[place])
            for place, product_id in enumerate(seen[:known])
        )
        return Shopper(member_id, events, frozenset(seen[known:]))

    def _next(self, seen: Sequence[str], categories: Sequence[str], brands: Sequence[str]) -> str | None:
        way = self._chance.choices(list(WAYS), list(WAYS.values()))[0]
        if way == "companion" and seen:
            choices = [self._products[each] for each in self._companions[self._chance.choice(seen)]]
        elif way == "category":
            choices = [each for each in self._products.values() if each.category_id in categories]
        elif way == "brand":
            choices = [each for each in self._products.values() if each.brand in brands]
        else:
            choices = list(self._products.values())
        new = [each for each in choices if each.id not in seen]
        if not new:
            return None
        return self._chance.choices(new, [(1 + each.popularity) ** POPULARITY_POWER for each in new])[0].id

    def _event(self, id: str, product: Product, days_ago: float) -> InterestEvent:
        kind = self._chance.choice([InterestEventKind.VIEWED, InterestEventKind.BOUGHT])
        sku: Sku = self._chance.choice(product.skus)
        return about_sku(id, kind, self._now - timedelta(days=days_ago), sku.id, product)
