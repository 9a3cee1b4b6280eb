"""Orders through real server processes: two on one database, and one that is killed again and again."""

import asyncio
import random
import threading
import time
from collections import Counter as Counts
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from app.auth.roles import Role
from app.collections import COLLECTIONS
from app.composition import build_services
from app.coupons.repository import COUPONS
from app.inventory.level_repository import STOCK_LEVELS
from app.orders.repository import ORDERS
from app.orders.states import OrderState
from app.services import Services
from app.shared.clock import SystemClock, whole_milliseconds
from app.shared.mongodb.database import Database
from app.shared.mongodb.embedded import EmbeddedMongo
from app.shared.settings.model import Settings
from app.stores.rules import store_day
from graphql_schema.node import encode_id
from tests.arrangements import a_shift
from tests.conftest import MovableClock
from tests.integration.order_audit import require_sound
from tests.integration.shop import Shop
from tests.offer_examples import a_published_offer
from tests.patience import PATIENCE_SECONDS
from tests.process.servers import Server, Unavailable, in_the_end, serving

pytestmark = pytest.mark.process

DATABASE = "orders"
ABANDONED_SECONDS = 5  # after which MongoDB gives up the transaction of a process that was killed
KILLS = 3
CUSTOMERS = 12
PLACE = """mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) {
  __typename
  ... on OrderPlaced { order { id pickupCode } }
  ... on Rejected { errors { code } }
} }"""
CLAIM = """mutation ($input: ClaimOfferInput!) { claimOffer(input: $input) {
  __typename
  ... on OfferClaimed { coupon { id } }
  ... on Rejected { errors { code } }
} }"""
STEP = """mutation ($input: {input}!) {{ {name}(input: $input) {{
  __typename
  ... on OrderUpdated {{ order {{ state }} }}
  ... on Rejected {{ errors {{ code }} }}
}} }}"""
CANCEL = STEP.format(name="cancelOrder", input="OrderInput")
COLLECT = STEP.format(name="collectOrder", input="CollectOrderInput")
REFUND = STEP.format(name="refundOrder", input="RefundOrderInput")


@pytest.fixture
async def mongodb_uri(data_folder: Path) -> AsyncIterator[str]:
    """A MongoDB of its own."""
    mongodb = EmbeddedMongo(data_folder.parent / "mongodb")
    await asyncio.to_thread(mongodb.start)
    with MongoClient[dict[str, Any]](mongodb.uri) as client:
        client.admin.command("setParameter", 1, transactionLifetimeLimitSeconds=ABANDONED_SECONDS)
    yield mongodb.uri
    await asyncio.to_thread(mongodb.stop)


@pytest.fixture
async def database(mongodb_uri: str) -> AsyncIterator[Database]:
    database = Database.connect(mongodb_uri, DATABASE)
    await database.prepare(COLLECTIONS)
    yield database
    await database.close()


@pytest.fixture
def services(database: Database, mongodb_uri: str, data_folder: Path) -> Services:
    return services_on(database, mongodb_uri, data_folder)


def services_on(database: Database, mongodb_uri: str, data_folder: Path) -> Services:
    settings = Settings(MONGODB_URI=mongodb_uri, mongodb_database=DATABASE, data_dir=data_folder)
    return build_services(settings, database, SystemClock())


@pytest.fixture(params=["pymongo", "motor"])
def driver(request: pytest.FixtureRequest) -> str:
    """That of the servers."""
    return str(request.param)


def a_server(folder: Path, mongodb_uri: str, driver: str) -> Any:
    settings = {
        "MONGODB_URI": mongodb_uri,
        "TSUNAGU_MONGODB_DATABASE": DATABASE,
        "TSUNAGU_MONGO_DRIVER": driver,
    }
    return serving(folder, **settings)


async def opened(services: Services, pieces: int) -> tuple[Shop, datetime]:
    """A shop with so many pieces, and one of its slots of tomorrow."""
    clock = MovableClock(whole_milliseconds(datetime.now(UTC)))
    shop = await Shop.open(services, clock, pieces)
    tomorrow = store_day(shop.store, clock.now()) + timedelta(days=1)
    slots = await services.pickup_slots.on(shop.store.id, tomorrow)
    return shop, slots[len(slots) // 2].window.starts_at


@dataclass(frozen=True)
class Counter:
    """What customers need of the store: its clerk's token, its slot, and an offer whose coupons they use."""

    shop: Shop
    slot: datetime
    clerk: str
    offer_id: str


@dataclass
class Customer:
    """Orders by card with a coupon, cancels that, orders so again and fetches it, and brings a piece back.

    Then she orders to pay at the store. She and the clerk ask again until they have their answers.
    """

    number: int
    answers: dict[str, Any] = field(default_factory=dict)

    @property
    def is_served(self) -> bool:
        return "store" in self.answers

    def act(self, server: Server, counter: Counter) -> None:
        with suppress(httpx.HTTPError, Unavailable):
            _, token = server.register(f"phone-{self.number:03d}-of-the-order-tests")
            claim = {
                "offerId": encode_id("Offer", counter.offer_id),
                "idempotencyKey": f"claim-{self.number:03d}",
            }
            coupon = self._once("claim", lambda: sent(server, CLAIM, claim, token))["coupon"]["id"]
            first = self._once("card", lambda: self._place(server, token, counter, "card", coupon))["order"][
                "id"
            ]
            self._once("cancel", lambda: sent(server, CANCEL, {"orderId": first}, token))
            order = self._once("again", lambda: self._place(server, token, counter, "again", coupon))["order"]
            self._fetch(server, counter.clerk, order)
            self._once("store", lambda: self._place(server, token, counter, "store", None))

    def _fetch(self, server: Server, clerk: str, order: dict[str, Any]) -> None:
        for name in ("acceptOrder", "startPreparing", "markReady"):
            step = STEP.format(name=name, input="OrderInput")
            self._once(name, lambda step=step: sent(server, step, {"orderId": order["id"]}, clerk))
        collect = {"code": order["pickupCode"], "idempotencyKey": f"collect-{self.number:03d}"}
        self._once("collect", lambda: sent(server, COLLECT, collect, clerk))
        lines = [{"lineId": "1", "quantity": 1}]
        refund = {"orderId": order["id"], "lines": lines, "idempotencyKey": f"refund-{self.number:03d}"}
        self._once("refund", lambda: sent(server, REFUND, refund, clerk))

    def _once(self, name: str, ask: Callable[[], Any]) -> Any:
        if name not in self.answers:
            self.answers[name] = ask()
        return self.answers[name]

    def _place(self, server: Server, token: str, counter: Counter, name: str, coupon: str | None) -> Any:
        method = "PAY_AT_STORE" if name == "store" else "CARD"
        wish = wish_input(counter.shop, counter.slot, method, f"key-{name}-{self.number:03d}")
        return sent(server, PLACE, {**wish, "couponIds": [coupon] if coupon else []}, token)


def sent(server: Server, document: str, given: dict[str, Any], token: str) -> Any:
    """What was done; whoever is told that a payment is pending asks again."""
    while True:
        (answer,) = server.send(document, {"input": given}, token).values()
        if answer["__typename"] != "Rejected":
            return answer
        # Nobody knows yet whether whoever was to bring the card's answer is dead.
        assert answer["errors"] == [{"code": "PAYMENT_PENDING"}], answer
        time.sleep(0.5)


def wish_input(shop: Shop, slot: datetime, method: str, key: str) -> dict[str, Any]:
    return {
        "storeId": encode_id("Store", shop.store.id),
        "lines": [{"skuId": encode_id("Sku", sku.id), "quantity": 1} for sku in shop.skus],
        "pickupSlotId": encode_id("PickupSlot", f"{shop.store.id}/{slot.isoformat()}"),
        "paymentMethod": method,
        "cardToken": "tok_ok" if method == "CARD" else None,
        "idempotencyKey": key,
    }


@pytest.mark.parametrize("scarce", ["piece", "place"])
async def test_of_64_callers_at_two_servers_one_gets_the_last(
    services: Services, database: Database, mongodb_uri: str, data_folder: Path, driver: str, scarce: str
) -> None:
    shop, slot = await opened(services, pieces=1 if scarce == "piece" else 100)
    if scarce == "place":
        await shop.change_policy(capacity=2)
    same_folder = data_folder.parent / "same"
    same_folder.symlink_to(data_folder)  # so that each server's processes are told apart
    with (
        a_server(data_folder, mongodb_uri, driver) as one,
        a_server(same_folder, mongodb_uri, driver) as other,
    ):
        tokens = [one.register(f"phone-{number:03d}-of-the-order-tests")[1] for number in range(8)]

        def ask(number: int) -> str:
            wish = wish_input(shop, slot, "PAY_AT_STORE", f"key-of-caller-{number:03d}")
            server, token = (one, other)[number % 2], tokens[number % 8]
            answer = in_the_end(lambda: server.send(PLACE, {"input": wish}, token))["placeOrder"]
            return ",".join(each["code"] for each in answer.get("errors", [])) or answer["__typename"]

        with ThreadPoolExecutor(64) as pool:
            answers = await asyncio.to_thread(lambda: list(pool.map(ask, range(64))))
    assert answers.count("OrderPlaced") == 1
    refusal = "PICKUP_SLOT_FULL" if scarce == "place" else "ORDER_ITEM_SHORT,ORDER_ITEM_SHORT"
    assert set(answers) == {"OrderPlaced", refusal}
    assert await database.collection(ORDERS).count({}) == 1
    await require_sound(database, whole_milliseconds(datetime.now(UTC)))


async def test_an_order_is_placed_though_a_dead_server_left_its_transaction_open(
    database: Database, mongodb_uri: str, data_folder: Path
) -> None:
    """MongoDB gives it up: from then on, what it had written is anybody's again."""
    patient = Database.connect(mongodb_uri, DATABASE, transaction_seconds=PATIENCE_SECONDS)
    shop, slot = await opened(services_on(patient, mongodb_uri, data_folder), pieces=10)
    with MongoClient[dict[str, Any]](mongodb_uri) as client, client.start_session() as dead:
        dead.start_transaction()
        levels = client[DATABASE][STOCK_LEVELS.name]
        assert levels.update_many({}, {"$inc": {"revision": 1}}, session=dead).modified_count == 2
        order = await shop.place(await shop.customer(), shop.wish((0, 1), slot=slot))
        assert order.state is OrderState.PLACED
        with pytest.raises(OperationFailure) as gone:
            dead.commit_transaction()
        assert gone.value.has_error_label("TransientTransactionError")
    await require_sound(database, whole_milliseconds(datetime.now(UTC)))
    await patient.close()


async def test_kills_in_the_midst_of_orders_lose_and_double_nothing(
    services: Services, database: Database, mongodb_uri: str, data_folder: Path, driver: str
) -> None:
    shop, slot = await opened(services, pieces=1_000)
    await shop.change_policy(capacity=1_000)
    clerk = await a_shift(services, Role.COUNTER, shop.store.id)
    offer = await a_published_offer(services)
    counter = Counter(shop, slot, clerk.access_token, offer.id)
    customers = [Customer(number) for number in range(CUSTOMERS)]
    chance = random.Random(5)

    def all_act(server: Server) -> None:
        with ThreadPoolExecutor(CUSTOMERS) as pool:
            list(pool.map(lambda customer: customer.act(server, counter), customers))

    for _ in range(KILLS):
        with a_server(data_folder, mongodb_uri, driver) as server:
            killer = threading.Timer(chance.uniform(0.1, 3.0), server.process.kill)
            killer.start()
            await asyncio.to_thread(all_act, server)
            killer.join()
        await require_sound(database, whole_milliseconds(datetime.now(UTC)))
    with a_server(data_folder, mongodb_uri, driver) as server:
        async with asyncio.timeout(PATIENCE_SECONDS * 3):
            while not all(customer.is_served for customer in customers):
                await asyncio.to_thread(all_act, server)
    orders = await database.collection(ORDERS).find({})
    states = Counts(order["state"] for order in orders)
    assert states == dict.fromkeys(["CANCELLED", "COLLECTED", "PLACED"], CUSTOMERS)
    assert all(len(order["refunds"]) == 1 for order in orders if order["state"] == "COLLECTED")
    assert Counts(each["state"] for each in await database.collection(COUPONS).find({})) == {
        "REDEEMED": CUSTOMERS
    }
    levels = await database.collection(STOCK_LEVELS).find({"sku_id": shop.skus[0].id})
    assert [level["on_hand"] for level in levels] == [1_000]  # each sold one, and had it back on the shelf
    await require_sound(database, whole_milliseconds(datetime.now(UTC)))
