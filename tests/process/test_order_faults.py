"""Orders through real server processes: two on one database, and one that is killed again and again."""

import asyncio
import random
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from app.collections import COLLECTIONS
from app.orders.repository import ORDERS
from app.services import Services, build_services
from app.shared.clock import SystemClock, whole_milliseconds
from app.shared.database import Database
from app.shared.embedded_mongodb import EmbeddedMongo
from app.shared.settings import Settings
from app.stores.rules import store_day
from graphql_schema.node import encode_id
from tests.conftest import MovableClock
from tests.integration.order_audit import require_sound
from tests.integration.shop import Shop
from tests.process.servers import Server, Unavailable, serving

pytestmark = pytest.mark.process

DATABASE = "orders"
ABANDONED_SECONDS = 5  # after which MongoDB gives up the transaction of a process that was killed
KILLS = 3
CUSTOMERS = 12
PLACE = """mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) {
  __typename
  ... on OrderPlaced { order { id } }
  ... on Rejected { errors { code } }
} }"""
CANCEL = """mutation ($input: OrderInput!) { cancelOrder(input: $input) {
  __typename
  ... on OrderUpdated { order { state } }
  ... on Rejected { errors { code } }
} }"""


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
    settings = Settings(MONGODB_URI=mongodb_uri, mongodb_database=DATABASE, data_dir=data_folder)
    return build_services(settings, database, SystemClock())


def a_server(folder: Path, mongodb_uri: str) -> Any:
    return serving(folder, MONGODB_URI=mongodb_uri, TSUNAGU_MONGODB_DATABASE=DATABASE)


async def opened(services: Services, pieces: int) -> tuple[Shop, datetime]:
    """A shop with so many pieces, and one of its slots of tomorrow."""
    clock = MovableClock(whole_milliseconds(datetime.now(UTC)))
    shop = await Shop.open(services, clock, pieces)
    tomorrow = store_day(shop.store, clock.now()) + timedelta(days=1)
    slots = await services.pickup_slots.on(shop.store.id, tomorrow)
    return shop, slots[len(slots) // 2].window.starts_at


@dataclass
class Customer:
    """Orders by card, cancels that, and orders to pay at the store; asks again until she has her answers."""

    number: int
    answers: dict[str, Any] = field(default_factory=dict)

    @property
    def is_served(self) -> bool:
        return len(self.answers) == 3

    def act(self, server: Server, shop: Shop, slot: datetime) -> None:
        with suppress(httpx.HTTPError, Unavailable):
            _, token = server.register(f"phone-{self.number:03d}-of-the-order-tests")
            self._once("card", lambda: self._place(server, token, shop, slot, "CARD"))
            order_id = self.answers["card"]["order"]["id"]
            self._once("cancel", lambda: cancelled(server, token, order_id))
            self._once("store", lambda: self._place(server, token, shop, slot, "PAY_AT_STORE"))

    def _once(self, name: str, ask: Any) -> None:
        if name not in self.answers:
            self.answers[name] = ask()

    def _place(self, server: Server, token: str, shop: Shop, slot: datetime, method: str) -> Any:
        wish = wish_input(shop, slot, method, f"key-{method}-{self.number:03d}")
        while True:
            answer = server.send(PLACE, {"input": wish}, token)["placeOrder"]
            if answer["__typename"] == "OrderPlaced":
                return answer
            # Nobody knows yet whether whoever was to bring the card's answer is dead.
            assert answer["errors"] == [{"code": "PAYMENT_PENDING"}], answer
            time.sleep(0.5)


def cancelled(server: Server, token: str, order_id: str) -> Any:
    answer = server.send(CANCEL, {"input": {"orderId": order_id}}, token)["cancelOrder"]
    assert answer["order"]["state"] == "CANCELLED", answer
    return answer


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
    services: Services, database: Database, mongodb_uri: str, data_folder: Path, scarce: str
) -> None:
    shop, slot = await opened(services, pieces=1 if scarce == "piece" else 100)
    if scarce == "place":
        await shop.change_policy(capacity=2)
    same_folder = data_folder.parent / "same"
    same_folder.symlink_to(data_folder)  # so that each server's processes are told apart
    with a_server(data_folder, mongodb_uri) as one, a_server(same_folder, mongodb_uri) as other:
        tokens = [one.register(f"phone-{number:03d}-of-the-order-tests")[1] for number in range(8)]

        def ask(number: int) -> str:
            wish = wish_input(shop, slot, "PAY_AT_STORE", f"key-of-caller-{number:03d}")
            answer = (one, other)[number % 2].send(PLACE, {"input": wish}, tokens[number % 8])["placeOrder"]
            return ",".join(each["code"] for each in answer.get("errors", [])) or answer["__typename"]

        with ThreadPoolExecutor(64) as pool:
            answers = await asyncio.to_thread(lambda: list(pool.map(ask, range(64))))
    assert answers.count("OrderPlaced") == 1
    refusal = "PICKUP_SLOT_FULL" if scarce == "place" else "ORDER_ITEM_SHORT,ORDER_ITEM_SHORT"
    assert set(answers) == {"OrderPlaced", refusal}
    assert await database.collection(ORDERS).count({}) == 1
    await require_sound(database, whole_milliseconds(datetime.now(UTC)))


async def test_kills_in_the_midst_of_orders_lose_and_double_nothing(
    services: Services, database: Database, mongodb_uri: str, data_folder: Path
) -> None:
    shop, slot = await opened(services, pieces=1_000)
    await shop.change_policy(capacity=1_000)
    customers = [Customer(number) for number in range(CUSTOMERS)]
    chance = random.Random(5)

    def all_act(server: Server) -> None:
        with ThreadPoolExecutor(CUSTOMERS) as pool:
            list(pool.map(lambda customer: customer.act(server, shop, slot), customers))

    for _ in range(KILLS):
        with a_server(data_folder, mongodb_uri) as server:
            killer = threading.Timer(chance.uniform(0.1, 1.5), server.process.kill)
            killer.start()
            await asyncio.to_thread(all_act, server)
            killer.join()
        await require_sound(database, whole_milliseconds(datetime.now(UTC)))
    with a_server(data_folder, mongodb_uri) as server:
        async with asyncio.timeout(90):
            while not all(customer.is_served for customer in customers):
                await asyncio.to_thread(all_act, server)
    orders = await database.collection(ORDERS).find({})
    assert sorted(order["state"] for order in orders) == ["CANCELLED"] * CUSTOMERS + ["PLACED"] * CUSTOMERS
    await require_sound(database, whole_milliseconds(datetime.now(UTC)))
