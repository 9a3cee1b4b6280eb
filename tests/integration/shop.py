"""A shop for tests: a store with goods, a member with points, and a clerk at the counter."""

from collections.abc import Awaitable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app.auth.actor import StaffActor
from app.auth.roles import Role
from app.catalog.model import Product
from app.catalog.repository import ProductRepository
from app.inventory.model import StockKey
from app.orders.checkout import PaymentToConfirm
from app.orders.model import Order
from app.orders.repository import ORDERS
from app.orders.slots import PickupPolicy
from app.orders.states import OrderState
from app.orders.wishes import OrderWish, WantedLine
from app.payments.model import PaymentMethod
from app.services import Services
from app.shared.errors import Refusal, SeveralRefusals
from app.shared.ids import new_id
from app.shared.money import yen
from app.shared.mongodb.database import Session
from app.stores.model import Store
from app.stores.rules import store_day
from tests.arrangements import a_guest, a_shift, add_stores
from tests.catalog_examples import a_product, a_sku
from tests.conftest import MovableClock
from tests.examples import a_source, a_store
from tests.integration.stockroom import Stockroom, codes_of

CARD_OK = "tok_ok"


class Shop:
    """The services of orders, for one store."""

    def __init__(self, services: Services, clock: MovableClock, store: Store, goods: list[Product]) -> None:
        self.services = services
        self.clock = clock
        self.store = store
        self.skus = [product.skus[0] for product in goods]
        self.stockroom = Stockroom(services, clock)
        self.clerk: StaffActor

    @classmethod
    async def open(cls, services: Services, clock: MovableClock, pieces: int = 20) -> "Shop":
        """A store that never closes, with two goods of 1,000 and 300 yen."""
        store = a_store()
        await add_stores(services.database, store)
        goods = [a_product(skus=(a_sku(price=yen(price)),)) for price in (1_000, 300)]
        await ProductRepository(services.database).add_many(goods, session=None)
        shop = cls(services, clock, store, goods)
        await shop.stockroom.stock_many([shop.key(0), shop.key(1)], pieces)
        shop.clerk = (await a_shift(services, Role.COUNTER, store.id)).actor
        return shop

    def key(self, number: int) -> StockKey:
        return StockKey(self.skus[number].id, self.store.id)

    @property
    def slot(self) -> datetime:
        """The slot that begins in an hour."""
        return self.clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)

    async def customer(self, points: int = 0) -> str:
        member_id = await a_guest(self.services)
        if points:
            await self.earn(member_id, points)
        return member_id

    async def earn(self, member_id: str, points: int) -> None:
        source = a_source(self.clock.now())

        async def act(session: Session) -> None:
            await self.services.points.earn(member_id, points, source, session)

        await self.services.database.transaction(act)

    def wish(self, *lines: tuple[int, int], use_points: int = 0, slot: datetime | None = None) -> OrderWish:
        """So many pieces of the goods with these numbers."""
        wanted = tuple(WantedLine(self.skus[number].id, quantity) for number, quantity in lines)
        return OrderWish(self.store.id, wanted, slot or self.slot, use_points)

    async def place(self, member_id: str, wish: OrderWish, key: str | None = None) -> Order:
        order = await self.services.orders.place(
            member_id, wish, PaymentMethod.PAY_AT_STORE, None, None, key or f"key-{new_id()}"
        )
        assert isinstance(order, Order)
        return order

    async def place_by_card(
        self, member_id: str, wish: OrderWish, card_token: str = CARD_OK, key: str | None = None
    ) -> Order | PaymentToConfirm:
        return await self.services.orders.place(
            member_id, wish, PaymentMethod.CARD, None, None, key or f"key-{new_id()}", card_token
        )

    async def end_slot(self, order: Order) -> Order:
        """Makes the order one of a slot that has just ended."""
        await self.services.database.collection(ORDERS).find_one_and_update(
            {"_id": order.id}, {"$set": {"slot.ends_at": self.clock.now()}, "$inc": {"version": 1}}
        )
        return await self.now(order)

    async def move(self, order: Order, *targets: OrderState) -> Order:
        """The order after these steps by the clerk."""
        for target in targets:
            order = await self.services.counter.move(self.clerk, order.id, target, None)
        return order

    async def now(self, order: Order) -> Order:
        found = await self.services.orders.get(order.id)
        assert found is not None
        return found

    async def available(self, number: int) -> int:
        return await self.stockroom.available(self.key(number))

    async def balance(self, member_id: str) -> int:
        return (await self.services.points.account(member_id)).balance

    async def change_policy(self, **changes: Any) -> PickupPolicy:
        """The store's policy, changed by its manager."""
        manager = replace(self.clerk, role=Role.STORE_MANAGER)
        policies = self.services.pickup_policies
        version = (await policies.of_store(manager, self.store.id)).version
        return await policies.change(
            manager, self.store.id, version, lambda policy: replace(policy, **changes)
        )

    async def room(self, slot: datetime) -> int:
        """The work units that are left in the slot."""
        day = store_day(self.store, slot)
        slots = await self.services.pickup_slots.on(self.store.id, day)
        return next(each.left for each in slots if each.window.starts_at == slot)


async def outcome(act: Awaitable[object]) -> list[str]:
    """`done`, or the codes of the refusals."""
    try:
        await act
    except (Refusal, SeveralRefusals) as error:
        return codes_of(error)
    return ["done"]
