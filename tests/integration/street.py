"""A street for tests: members and clerks who do whatever they like with the orders of one shop."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from app.catalog.model import TaxRate
from app.coupons.redemption_repository import REDEMPTIONS
from app.inventory.hold_repository import STOCK_HOLDS
from app.orders.documents import order_from
from app.orders.model import Order
from app.orders.repository import ORDERS
from app.orders.states import OrderState, is_open
from app.orders.wishes import OrderWish
from app.payments.repository import PAYMENTS
from app.services import Services
from app.shared.ids import new_id
from app.shared.mongodb.database import Database
from tests.arrangements import a_member
from tests.conftest import MovableClock
from tests.integration.coupon_audit import faults_of_limits
from tests.integration.order_audit import require_sound
from tests.integration.shop import Shop, outcome
from tests.integration.wallets import Wallets

PIECES, POINTS, GUESTS = 12, 2_000, 2
CARDS = ["tok_ok", "tok_ok", "tok_timeout", "tok_timeout_undone", "tok_declined", "tok_requires_action"]
STATES = list(OrderState)
PAST_EVERY_SLOT = timedelta(days=2)
TRIES = 10


@dataclass(frozen=True)
class Asked:
    """What a member asked for, so that she can ask for it again; `card` is None for paying at the store."""

    member: str
    wish: OrderWish
    card: str | None
    key: str = field(default_factory=lambda: f"key-{new_id()}")


def is_any(order: Order) -> bool:
    return True


FITTING: dict[str, Callable[[Order], bool]] = {
    "step": lambda order: is_open(order.state),
    "serve": lambda order: is_open(order.state),
    "offer": lambda order: is_open(order.state),
    "reject line": lambda order: is_open(order.state),
    "answer": lambda order: any(line.substitution for line in order.lines),
    "collect": lambda order: order.state is OrderState.READY,
    "refund": lambda order: order.state is OrderState.COLLECTED,
}


class Street:
    """Each act is somebody's who believes what was read last; many are refused, and may be."""

    def __init__(self, database: Database, shop: Shop, members: list[str], wallets: Wallets) -> None:
        self._database = database
        self._shop = shop
        self._members = members
        self._wallets = wallets
        self._asked: list[Asked] = []
        self._orders: list[Order] = []

    @classmethod
    async def open(cls, services: Services, clock: MovableClock) -> "Street":
        """The first of them is a member, the others are guests who may turn out to be her."""
        shop = await Shop.open(services, clock, PIECES)
        members = [await a_member(services, "hana@example.com")]
        await shop.earn(members[0], POINTS)
        members += [await shop.customer(points=POINTS) for _ in range(GUESTS)]
        return cls(services.database, shop, members, await Wallets.fill(shop, members))

    async def read(self) -> None:
        """What everybody believes from here on."""
        found = await self._database.collection(ORDERS).find({}, sort=[("_id", 1)])
        self._orders = [order_from(each) for each in found]

    def act(self, name: str, one: int, other: int) -> Awaitable[list[str]]:
        """The outcome of an act; the numbers choose who does it, to what, and if she says what she saw."""
        acts: dict[str, Callable[[int, int], Awaitable[object]]] = {
            "place": self._place,
            "place by card": self._place_by_card,
            "place again": self._place_again,
            "redeem": self._redeem,
            "roll back": self._roll_back,
            "merge": self._merge,
            "sweep": self._sweep,
        }
        if name in acts:
            return outcome(acts[name](one, other))
        if not self._orders:
            return outcome(self._place(one, other))
        order = self._order_for(name, one)
        of_orders: dict[str, Callable[[Order, int], Awaitable[object]]] = {
            "step": self._step,
            "move": self._move,
            "cancel": self._cancel,
            "collect": self._collect,
            "serve": self._serve,
            "reject line": self._reject_line,
            "offer": self._offer,
            "answer": self._answer,
            "refund": self._refund,
        }
        return outcome(of_orders[name](order, other))

    def _order_for(self, name: str, one: int) -> Order:
        """Most often an order with which the act can succeed, if there is one; else any."""
        fitting = [each for each in self._orders if one % 4 == 0 or FITTING.get(name, is_any)(each)]
        return (fitting or self._orders)[one % len(fitting or self._orders)]

    def _place(self, one: int, other: int) -> Awaitable[object]:
        return self._ask(one, other, None)

    def _place_by_card(self, one: int, other: int) -> Awaitable[object]:
        return self._ask(one, other, CARDS[(one + other) % len(CARDS)])

    def _ask(self, one: int, other: int, card: str | None) -> Awaitable[object]:
        lines = [(0, one + 1), (1, other + 1)][: 1 + (one + other) % 2]
        member, slot = self._members[one % len(self._members)], self._shop.slot + timedelta(hours=1)
        wish = self._shop.wish(*lines, use_points=100 * (other % 4), slot=slot)
        asked = Asked(member, self._wallets.spend_on(member, wish, one + 3 * other), card)
        self._asked.append(asked)
        return self._send(asked)

    def _place_again(self, one: int, other: int) -> Awaitable[object]:
        return self._send(self._asked[one % len(self._asked)]) if self._asked else self._place(one, other)

    def _send(self, asked: Asked) -> Awaitable[object]:
        if asked.card is None:
            return self._shop.place(asked.member, asked.wish, asked.key)
        return self._shop.place_by_card(asked.member, asked.wish, asked.card, asked.key)

    def _step(self, order: Order, other: int) -> Awaitable[object]:
        """What the store does next when all goes well."""
        following = STATES[min(STATES.index(order.state) + 1, STATES.index(OrderState.COLLECTED))]
        return self._move_to(order, following, other)

    def _move(self, order: Order, other: int) -> Awaitable[object]:
        """Whatever a clerk may press, legal or not."""
        return self._move_to(order, STATES[other % len(STATES)], other)

    def _move_to(self, order: Order, target: OrderState, other: int) -> Awaitable[object]:
        version = order.version if other % 2 else None
        return self._shop.services.counter.move(self._shop.clerk, order.id, target, version)

    def _cancel(self, order: Order, other: int) -> Awaitable[object]:
        version = order.version if other % 2 else None
        return self._shop.services.orders.cancel(order.member_id, order.id, version)

    def _collect(self, order: Order, other: int) -> Awaitable[object]:
        return self._shop.services.counter.collect(self._shop.clerk, order.pickup_code, None)

    async def _serve(self, order: Order, other: int) -> None:
        """All that is left to be done by the store, as far as others let it."""
        for state in STATES[STATES.index(order.state) + 1 : STATES.index(OrderState.COLLECTED) + 1]:
            await self._move_to(order, state, 0)

    def _reject_line(self, order: Order, other: int) -> Awaitable[object]:
        line = order.lines[other % len(order.lines)]
        return self._shop.services.counter.reject_line(self._shop.clerk, order.id, line.id, order.version)

    def _offer(self, order: Order, other: int) -> Awaitable[object]:
        line, sku = order.lines[other % len(order.lines)], self._shop.skus[other % 2]
        return self._shop.services.counter.offer_substitute(
            self._shop.clerk, order.id, line.id, sku.id, other + 1, None
        )

    def _answer(self, order: Order, other: int) -> Awaitable[object]:
        line = order.lines[other % len(order.lines)]
        return self._shop.services.orders.answer_substitution(
            order.member_id, order.id, line.id, is_taken=other % 2 == 0
        )

    def _refund(self, order: Order, other: int) -> Awaitable[object]:
        lines = order.lines[other % len(order.lines) :]
        pieces = {line.id: 1 + other % max(1, line.quantity - line.returned) for line in lines}
        return self._shop.services.order_refunding.refund(
            self._shop.clerk, order.id, pieces, None, other % 2 == 0, f"refund-{other}-{order.id}"
        )

    def _redeem(self, one: int, other: int) -> Awaitable[object]:
        return self._wallets.redeem(self._members[one % len(self._members)], other)

    def _roll_back(self, one: int, other: int) -> Awaitable[object]:
        return self._wallets.roll_back(other)

    async def _merge(self, one: int, other: int) -> None:
        """A guest turns out to be the member: what she has, orders and holds goes on as hers."""
        if len(self._members) == 1:
            return
        member, guest = self._members[0], self._members.pop()
        merging = self._shop.services.sign_in._merging
        await self._database.transaction(lambda session: merging.merge(guest, member, session))
        self._wallets.merge(guest, member)

    async def _sweep(self, one: int, other: int) -> None:
        services = self._shop.services
        sweeps = [
            *(services.order_timekeeping.sweep, services.order_settling.sweep),
            *(services.payments.sweep, services.coupons.takes.give_back),
        ]
        await sweeps[one % len(sweeps)]()

    async def require_sound(self) -> None:
        await require_sound(self._database, self._shop.clock.now())
        offers = self._shop.services.offers
        faults = [fault async for fault in faults_of_limits(self._database, offers)]
        assert not faults, faults

    async def close(self) -> None:
        """Time passes and the sweeps run until nothing is left to do: nothing is held by anybody any more.

        What was collected comes back, and with it all that was paid, to the yen.
        """
        clock, services = self._shop.clock, self._shop.services
        clock.advance(PAST_EVERY_SLOT)
        for _ in range(TRIES):
            swept = [await services.order_timekeeping.sweep(), await services.order_settling.sweep()]
            await services.payments.sweep()
            swept.append(await services.coupons.takes.give_back())
            if not any(swept):
                break
            clock.advance(timedelta(minutes=5))
        await self.read()
        assert not any(is_open(order.state) or order.due_payments for order in self._orders)
        held = {"settled": None, "until": {"$gt": clock.now()}}
        assert await self._database.collection(STOCK_HOLDS).count(held) == 0
        waiting = {"state": {"$in": ["AUTHORIZING", "REQUIRES_ACTION", "AUTHORIZED"]}}
        assert await self._database.collection(PAYMENTS).count(waiting) == 0
        assert await self._database.collection(REDEMPTIONS).count({"due_at": {"$lte": clock.now()}}) == 0
        await self.require_sound()
        for order in self._orders:
            if order.state is OrderState.COLLECTED:
                await self._take_all_back(order)
        await self.require_sound()

    async def _take_all_back(self, order: Order) -> None:
        left = {line.id: line.quantity - line.returned for line in order.lines}
        for line_id in (each for each, pieces in left.items() if pieces):
            refunded = await self._shop.services.order_refunding.refund(
                self._shop.clerk, order.id, {line_id: left[line_id]}, None, True, f"all-{line_id}-{order.id}"
            )
            order = refunded.order
        assert sum(each.money for each in order.refunds) == order.totals.to_pay
        assert sum(each.points for each in order.refunds) == order.totals.points_used
        given_back = Counter[TaxRate]()
        for each in (tax for refund in order.refunds for tax in refund.taxes):
            given_back[each.rate] += each.tax
        assert given_back == Counter({each.rate: each.tax for each in order.totals.taxes})
