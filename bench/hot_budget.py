"""`scripts/bench budget`: many tills at once on the budget of one offer, which holds to the last yen."""

import argparse
import asyncio
import os
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from statistics import quantiles

import orjson
import uvloop

from app.auth.actor import PartnerActor
from app.auth.partners import Scope
from app.collections import COLLECTIONS
from app.composition import build_services
from app.coupons.baskets import BasketItem
from app.coupons.codes import new_code
from app.coupons.model import Coupon, CouponState
from app.coupons.repository import CouponRepository
from app.coupons.till import Receipt
from app.demo.catalog import demo_products
from app.demo.loading import DemoLoader
from app.demo.plan import DemoPlan
from app.offers.model import Benefit, BenefitKind, Distribution, Offer, OfferLimits, OfferMove, OfferTerms
from app.running import open_database
from app.services import Services
from app.shared.errors import Refusal
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.shared.mongodb.database import Session
from app.stores.model import Store
from bench.load import Round, Span, post, run_round
from bench.servers import GRAPHQL, processor_seconds, running_mongodb, running_server, settings_for
from bench.tables import Table, figure
from graphql_schema.node import encode_id

ALWAYS_OPEN = "umeda"
ALLOWED = 300
WANTED = 640
YEN = 100
GIVEN_AT_ONCE = 1_000
MOST_A_SECOND = 4_000  # more than one process can do
OF_ONE_TILL = 250  # redemptions that a partner's bucket of cost lets through at once
BUDGET_SKUS = 500
DONE = "done"
REDEEM = """
mutation ($input: RedeemCouponInput!) {
  redeemCoupon(input: $input) { ... on CouponRedeemed { redemption { id state discount { amount } } } }
}
"""


@dataclass(frozen=True, slots=True)
class Redemptions:
    """How fast coupons of one offer are used, latencies and processor time of each in milliseconds."""

    by: str
    per_second: float
    p50_milliseconds: float
    p99_milliseconds: float
    processor_milliseconds: float


@dataclass(frozen=True, slots=True)
class BudgetKept:
    """What became of more coupons than may be used, and how fast plenty are."""

    callers: int
    coupons: int
    allowed: int
    outcomes: Mapping[str, int]
    redemptions: Sequence[Redemptions]

    @property
    def is_kept(self) -> bool:
        return self.outcomes.get(DONE) == self.allowed

    def table(self) -> Table:
        rows = [
            (
                each.by,
                figure(each.per_second),
                figure(each.p50_milliseconds),
                figure(each.p99_milliseconds),
                figure(each.processor_milliseconds, 2),
            )
            for each in self.redemptions
        ]
        became = f"Of {self.coupons} coupons of which {self.allowed} may be used became: {self.outcomes}."
        title = f"Coupons of one offer, used by {self.callers} tills at once"
        return Table(title, ("redeemed by", "a second", "p50 ms", "p99 ms", "CPU ms"), rows, [became])


def main(arguments: Sequence[str]) -> int:
    """Measures and prints; 1 when the budget did not hold."""
    parser = argparse.ArgumentParser(prog="python -m bench budget", description=__doc__)
    parser.add_argument("--callers", type=int, default=64, help="how many tills there are at once")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each measurement lasts")
    options = parser.parse_args(arguments)
    kept = measure_budget(options.callers, options.seconds)
    print(kept.table().text())
    print(f"{os.cpu_count()} cores, with a load of {os.getloadavg()[0]:.1f} after")
    return 0 if kept.is_kept else 1


def measure_budget(callers: int, seconds: float) -> BudgetKept:
    """Starts what it needs, and has tills use coupons by the services in this process, and by HTTP."""
    with ExitStack() as running, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="tsunagu-budget-")))
        settings = settings_for(GRAPHQL, running.enter_context(running_mongodb(folder / "mongodb")), folder)
        services = build_services(settings, open_database(settings))
        try:
            bench = runner.run(HotBudget.prepare(services, callers))
            used = runner.run(bench.exhaust())
            coupons = runner.run(bench.plenty(seconds))
            before = time.process_time()
            alone = runner.run(bench.in_one_process(coupons, seconds))
            inside = _redemptions("services in one process", alone, time.process_time() - before)
            server = running.enter_context(running_server(GRAPHQL, settings))
            coupons = runner.run(bench.plenty(seconds))
            before = processor_seconds(server)
            asked = runner.run(bench.by_http(server.port, coupons, seconds))
            by_http = _redemptions("redeemCoupon by HTTP", asked, processor_seconds(server) - before)
        finally:
            runner.run(services.database.close())
    return BudgetKept(callers, WANTED, ALLOWED, dict(used), (inside, by_http))


def _redemptions(by: str, done: Round, processor_seconds: float) -> Redemptions:
    percentiles = [each * 1000 for each in quantiles(done.latencies, n=100)]
    number = len(done.latencies)
    return Redemptions(
        by, number / done.seconds, percentiles[49], percentiles[98], processor_seconds / number * 1000
    )


class HotBudget:
    """Coupons of one offer, used by many at once."""

    def __init__(self, services: Services, store: Store, sku_id: str, callers: int) -> None:
        self._services = services
        self._store = store
        self._sku_id = sku_id
        self._callers = callers

    @classmethod
    async def prepare(cls, services: Services, callers: int) -> "HotBudget":
        """The demo retailer in an empty database."""
        database, now = services.database, services.clock.now()
        await database.prepare(COLLECTIONS)
        await DemoLoader(database).load(DemoPlan(now, services.time_zone, 1, 71, BUDGET_SKUS, 0))
        (store,) = await services.stores.require_codes([ALWAYS_OPEN])
        product = next(iter(demo_products(BUDGET_SKUS, now)))
        return cls(services, store, product.skus[0].id, callers)

    async def exhaust(self) -> Counter[str]:
        """What becomes of more coupons than may be used: how often each outcome came."""
        coupons = await self._coupons(WANTED, OfferLimits(redeemed=ALLOWED, budget=ALLOWED * YEN))
        outcomes: Counter[str] = Counter()
        await self._each(iter(coupons), lambda coupon: self._redeem(coupon, outcomes), 60.0)
        return outcomes

    async def in_one_process(self, coupons: Sequence[Coupon], seconds: float) -> Round:
        """Redemptions by the services themselves."""
        outcomes: Counter[str] = Counter()
        return await self._each(iter(coupons), lambda coupon: self._redeem(coupon, outcomes), seconds)

    async def plenty(self, seconds: float) -> list[Coupon]:
        """More coupons than can be used in this time."""
        return await self._coupons(round(MOST_A_SECOND * seconds), OfferLimits(budget=100_000_000))

    async def by_http(self, port: int, coupons: Sequence[Coupon], seconds: float) -> Round:
        """Redemptions by `redeemCoupon`, each till with the token of a partner of its own."""
        tokens = []
        for number in range(len(coupons) // OF_ONE_TILL):
            partner, _ = await self._services.partners.create(f"Till {number}", [Scope.COUPONS_REDEEM])
            tokens.append(self._services.partners.grant(partner, None).token.text)
        requests = self._requests(coupons, tokens)
        return await run_round(port, requests, b'"state":"REDEEMED"', self._callers, Span(seconds))

    async def _coupons(self, number: int, limits: OfferLimits) -> list[Coupon]:
        """So many coupons of a new offer of 100 yen, each of another member."""
        services, now = self._services, self._services.clock.now()
        terms = OfferTerms(
            names=dict.fromkeys(Language, "100"),
            descriptions=dict.fromkeys(Language, ""),
            benefit=Benefit(BenefitKind.AMOUNT, YEN),
            distribution=Distribution.CLAIM,
            starts_at=now - timedelta(days=1),
            ends_at=now + timedelta(days=1),
            limits=limits,
        )
        offer = await services.offers.create(terms)
        offer = await services.offers.move(offer.id, OfferMove.PUBLISH)
        coupons = [_coupon(offer) for _ in range(number)]
        repository = CouponRepository(services.database)
        for start in range(0, number, GIVEN_AT_ONCE):
            batch = coupons[start : start + GIVEN_AT_ONCE]

            async def add(session: Session, batch: list[Coupon] = batch) -> None:
                await repository.add_many(batch, session)

            await services.database.transaction(add)
        return coupons

    async def _redeem(self, coupon: Coupon, outcomes: Counter[str]) -> None:
        till = PartnerActor("till", frozenset({Scope.COUPONS_REDEEM}))
        receipt = Receipt("bench", coupon.id, (BasketItem(self._sku_id, 1, 1_000),))
        try:
            await self._services.coupons.till.redeem(till, coupon.code, self._store.id, receipt, coupon.id)
            outcomes[DONE] += 1
        except Refusal as refusal:
            outcomes[refusal.code] += 1

    async def _each(
        self, coupons: Iterator[Coupon], act: Callable[[Coupon], Awaitable[None]], seconds: float
    ) -> Round:
        """Has all callers go on until time is up or nothing is left."""
        latencies: list[float] = []
        started_at = time.perf_counter()

        async def call() -> None:
            for coupon in coupons:
                asked_at = time.perf_counter()
                await act(coupon)
                now = time.perf_counter()
                latencies.append(now - asked_at)
                if now - started_at > seconds:
                    return

        await asyncio.gather(*(call() for _ in range(self._callers)))
        return Round(latencies, time.perf_counter() - started_at)

    def _requests(self, coupons: Iterable[Coupon], tokens: Sequence[str]) -> Iterator[bytes]:
        for coupon, token in zip(coupons, cycle(tokens), strict=False):
            line = {"skuId": encode_id("Sku", self._sku_id), "quantity": 1, "unitPrice": 1_000}
            wish = {
                "code": coupon.code,
                "storeId": encode_id("Store", self._store.id),
                "receipt": {"terminal": "bench", "number": coupon.id, "lines": [line]},
                "idempotencyKey": coupon.id,
            }
            yield post("/graphql", token, orjson.dumps({"query": REDEEM, "variables": {"input": wish}}))


def _coupon(offer: Offer) -> Coupon:
    return Coupon(
        id=new_id(),
        offer_id=offer.id,
        offer_version=offer.version,
        member_id=new_id(),
        code=new_code(),
        state=CouponState.ISSUED,
        issued_at=offer.created_at,
        expires_at=offer.terms.ends_at,
        source="bench",
    )
