"""Who follow each official subscription, and what changes it for all of them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from app.auth.roles import Role
from app.inbox.model import MessageClass, OwnMessage
from app.inventory.model import ReportedMovement, StockKey, StockMovementKind
from app.orders.model import Order
from app.orders.states import OrderState
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.shared.mongodb.database import Session
from bench.house import House
from bench.listening import Wanted
from bench.official.shop import near
from graphql_schema.node import encode_id

CONNECTIONS_OF_A_CALLER = 20  # so many are allowed
STEPS = (OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY)
CHANGES = len(STEPS)

Change = Callable[[int], Awaitable[None]]  # the first, the second …


@dataclass(frozen=True, slots=True)
class Followed:
    """Who follow something, and what changes it for all of them."""

    wanted: Sequence[Wanted]
    change: Change


async def stock_changed(house: House, listeners: int) -> Followed:
    sku_id = house.goods[0]
    variables = {"skuIds": [encode_id("Sku", sku_id)]}
    return await _of_stock(house, sku_id, "stock_changed", variables, listeners)


async def stock_near(house: House, listeners: int) -> Followed:
    sku_id = house.goods[1]
    variables = {"skuId": encode_id("Sku", sku_id), "near": near(house)}
    return await _of_stock(house, sku_id, "stock_near", variables, listeners)


async def _of_stock(
    house: House, sku_id: str, operation: str, variables: Mapping[str, object], listeners: int
) -> Followed:
    tokens = [(await house.customer()).access_token for _ in range(listeners)]
    supplier = (await house.partner()).actor

    async def deliver(number: int) -> None:
        key = StockKey(sku_id, house.store.id)
        movement = ReportedMovement(key, StockMovementKind.RECEIVE, 1, house.key(), house.now)
        await house.services.stock.record(supplier, [movement])

    return Followed([Wanted(operation, token, variables) for token in tokens], deliver)


async def order_changed(house: House, listeners: int) -> Followed:
    wanted: list[Wanted] = []
    orders: list[Order] = []
    for number in _shares(listeners):
        customer = await house.customer()
        orders.append(await house.order(customer))
        variables = {"orderId": encode_id("Order", orders[-1].id)}
        wanted += [Wanted("order_changed", customer.access_token, variables)] * number

    async def move(number: int) -> None:
        for order in orders:
            await _move(house, order, STEPS[number])

    return Followed(wanted, move)


async def counter_order_changed(house: House, listeners: int) -> Followed:
    order = await house.order(await house.customer())
    store = next(each for each in house.stores if each.id == order.store_id)
    wanted: list[Wanted] = []
    for number in _shares(listeners):
        clerk = await house.shift(Role.COUNTER, store)
        wanted += [Wanted("counter_order_changed", clerk.access_token, {})] * number

    async def move(number: int) -> None:
        await _move(house, order, STEPS[number])

    return Followed(wanted, move)


async def inbox_changed(house: House, listeners: int) -> Followed:
    wanted: list[Wanted] = []
    member_ids: list[str] = []
    for number in _shares(listeners):
        customer = await house.customer()
        member_ids.append(customer.id)
        wanted += [Wanted("inbox_changed", customer.access_token, {})] * number

    async def write(number: int) -> None:
        texts = dict.fromkeys(Language, "Your order is ready.")
        messages = [
            OwnMessage(new_id(), "OrderReady", each, MessageClass.SERVICE, texts, texts, house.now)
            for each in member_ids
        ]

        async def act(session: Session) -> None:
            await house.services.inbox.add(messages, session)

        await house.services.database.transaction(act)

    return Followed(wanted, write)


FOLLOWED: Mapping[str, Callable[[House, int], Awaitable[Followed]]] = {
    each.__name__: each
    for each in (stock_changed, stock_near, order_changed, counter_order_changed, inbox_changed)
}


async def _move(house: House, order: Order, step: OrderState) -> None:
    clerk = await house.clerk(order.store_id)
    await house.services.counter.move(clerk.actor, order.id, step, None)


def _shares(listeners: int) -> list[int]:
    """How many listeners each caller has."""
    full, rest = divmod(listeners, CONNECTIONS_OF_A_CALLER)
    return [CONNECTIONS_OF_A_CALLER] * full + [rest] * bool(rest)
