"""`scripts/bench recall`: how much of what shoppers turn to next is among ten recommended products."""

import argparse
import asyncio
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random

from app.catalog.category_tree import CategoryTree
from app.catalog.model import DescribedProduct
from app.catalog.repository import CategoryRepository, ProductRepository
from app.catalog.search_repository import SearchRepository
from app.collections import COLLECTIONS
from app.composition import build_services
from app.consents.model import ConsentKind, ConsentWish
from app.demo.catalog import demo_categories, demo_products
from app.recommendations.model import RecommendationPlace
from app.running import open_database
from app.services import Services
from app.shared.channels import Channel
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from bench.servers import running_mongodb, settings_for
from bench.shoppers import Shopper, Shoppers

SHOWN = 10
AT_ONCE = 32
SKUS = 500
RESAMPLES = 2_000
SEED = 7  # not the shoppers by whom the weights of reasons were chosen


def main(arguments: Sequence[str]) -> int:
    """Learns from what shoppers did, asks what to recommend, and prints how much of it came true."""
    parser = argparse.ArgumentParser(prog="python -m bench recall", description=__doc__)
    parser.add_argument("--shoppers", type=int, default=1_500, help="how many there are")
    parser.add_argument("--asked", type=int, default=300, help="for how many of them it is asked")
    options = parser.parse_args(arguments)
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="tsunagu-recall-")))
        mongodb_uri = running.enter_context(running_mongodb(folder / "mongodb"))
        settings = settings_for("recall", mongodb_uri, folder)
        shoppers, recommended, popular = asyncio.run(_measure(settings, options.shoppers, options.asked))
    print(
        f"{options.shoppers} made-up shoppers; recall@{SHOWN} of what {options.asked} of them turned to next"
    )
    hits = [
        (len(each.held_out), len(each.held_out & ours), len(each.held_out & theirs))
        for each, ours, theirs in zip(shoppers, recommended, popular, strict=True)
    ]
    print(f"recommendations  {_with_interval(hits, lambda ours, theirs: ours)}")
    print(f"popularity       {_with_interval(hits, lambda ours, theirs: theirs)}")
    print(f"difference       {_with_interval(hits, lambda ours, theirs: ours - theirs)}")
    print(f"(in brackets: 95 % of {RESAMPLES:,} bootstrap resamples of the shoppers)")
    return 0


def _with_interval(hits: Sequence[tuple[int, int, int]], part: Callable[[int, int], int]) -> str:
    """A part of all that was held out, of pairs of what we and what the baseline foresaw of it."""

    def recall(sample: Sequence[tuple[int, int, int]]) -> float:
        return sum(part(ours, theirs) for _, ours, theirs in sample) / sum(each[0] for each in sample)

    chance = Random(SEED)
    resampled = sorted(recall(chance.choices(hits, k=len(hits))) for _ in range(RESAMPLES))
    low, high = (resampled[round(RESAMPLES * share)] for share in (0.025, 0.975))
    return f"{recall(hits):.3f} ({low:.3f}–{high:.3f})"


async def _measure(
    settings: Settings, number: int, asked: int
) -> tuple[list[Shopper], list[set[str]], list[set[str]]]:
    """Shoppers, what each is recommended, and what is popular without what she knows."""
    database = open_database(settings)
    try:
        await database.prepare(COLLECTIONS)
        services = build_services(settings, database)
        products = list(demo_products(SKUS, services.clock.now()))
        await _load(database, products)
        shoppers = Shoppers(products, services.clock.now(), SEED).shoppers(number)
        await _each(shoppers, lambda shopper: _learn(services, shopper))
        for _ in range(2):  # the second time, each SKU knows how many like the others
            await services.related_skus.refresh()
        popular = _popular(shoppers, products)[:asked]
        recommended = await _each(shoppers[:asked], lambda shopper: _recommended(services, shopper))
        return shoppers[:asked], recommended, popular
    finally:
        await database.close()


async def _load(database: Database, products: Sequence[DescribedProduct]) -> None:
    await CategoryRepository(database).replace_tree(CategoryTree(demo_categories()), 0, session=None)
    for start in range(0, len(products), 100):
        batch = products[start : start + 100]
        await ProductRepository(database).add_many(batch, session=None)
        await SearchRepository(database).add_many(batch, session=None)


async def _learn(services: Services, shopper: Shopper) -> set[str]:
    wish = ConsentWish(((ConsentKind.PERSONALIZATION, True),), "bench", Channel.ONLINE)
    await services.consents.decide(shopper.member_id, wish)
    await services.interests.record(shopper.member_id, shopper.events)
    return set()


async def _recommended(services: Services, shopper: Shopper) -> set[str]:
    found = await services.recommendations.recommend(
        shopper.member_id, RecommendationPlace.HOME, None, None, SHOWN
    )
    return {each.product.id for each in found}


def _popular(shoppers: Sequence[Shopper], products: Sequence[DescribedProduct]) -> list[set[str]]:
    """The baseline: the products that most shoppers turned to so far, without those that she knows."""
    product_of = {sku.id: product.id for product in products for sku in product.skus}
    known = [{product_of[each.sku_id] for each in shopper.events if each.sku_id} for shopper in shoppers]
    counts = Counter(product_id for each in known for product_id in each)
    ranked = [product_id for product_id, _ in counts.most_common()]
    return [set([each for each in ranked if each not in own][:SHOWN]) for own in known]


async def _each(shoppers: Sequence[Shopper], act: Callable[[Shopper], Awaitable[set[str]]]) -> list[set[str]]:
    """Does it for all shoppers, some at once, and keeps their order."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(shopper: Shopper) -> set[str]:
        async with turns:
            return await act(shopper)

    return await asyncio.gather(*(one(shopper) for shopper in shoppers))
