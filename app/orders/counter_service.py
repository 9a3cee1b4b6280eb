"""What the staff of a store can do with its orders, at the pickup counter."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace

from app.auth.actor import StaffActor
from app.cards.rules import CARD_CODE_LENGTH
from app.cards.service import CardService
from app.catalog.errors import SkuNotForSale
from app.catalog.service import CatalogService
from app.members.model import Member
from app.orders import rules
from app.orders.changing import OrderChanging, is_at, store_asked, store_of
from app.orders.collecting import OrderCollecting, ReadyOrder
from app.orders.errors import OrderNotFound, PickupCodeInvalid, SubstitutionPending
from app.orders.lines import is_offered, with_offer, without
from app.orders.model import Order
from app.orders.repository import OrderRepository
from app.orders.shown import ShownOrder
from app.orders.states import Mover, OrderState
from app.payments.model import PaymentMethod
from app.shared.clock import Clock
from app.shared.errors import Refusal
from app.shared.idempotency import Idempotency, IdempotentRequest
from app.shared.mongodb.database import Database, Document, Session
from app.shared.mongodb.fresh_results import FreshResult
from app.shared.paging import Page, PageRequest

Work = Callable[[Session], Awaitable[Document]]


class CounterService:
    """The use cases of the pickup counter: staff act for the store of their device alone."""

    def __init__(
        self,
        database: Database,
        changing: OrderChanging,
        collecting: OrderCollecting,
        catalog: CatalogService,
        cards: CardService,
        idempotency: Idempotency,
        clock: Clock,
    ) -> None:
        self._database = database
        self._orders = OrderRepository(database)
        self._changing = changing
        self._collecting = collecting
        self._catalog = catalog
        self._cards = cards
        self._idempotency = idempotency
        self._clock = clock

    async def at_store(
        self,
        staff: StaffActor,
        states: Collection[OrderState],
        request: PageRequest,
        store_id: str | None = None,
    ) -> Page[Order]:
        """The store's orders in these states, or all open ones, those of the earliest slots first.

        The store is her own when none is named. Raises DeviceOfNoStore and Forbidden.
        """
        return await self._orders.at_store(store_asked(staff, store_id), states, request)

    async def move(
        self,
        staff: StaffActor,
        order_id: str,
        target: OrderState,
        version: int | None,
        reason: str | None = None,
    ) -> Order:
        """Accepts, rejects, prepares, readies or closes an order.

        Raises NoteInvalid, OrderNotFound, OrderChanged, OrderMoveIllegal, NoShowTooEarly and, before there
        is an answer, SubstitutionPending.
        """
        checked_reason = rules.checked_note(reason, "reason")

        async def decide(order: Order, session: Session) -> Order:
            if target is OrderState.READY and any(line.substitution for line in order.lines):
                raise SubstitutionPending
            return await self._changing.move(
                order, target, Mover.STORE, staff.staff_id, session, version, checked_reason
            )

        return await self._changing.change(order_id, is_at(staff), decide)

    async def collect(
        self,
        staff: StaffActor,
        code: str | None,
        order_id: str | None,
        idempotency_key: str | None = None,
        is_paid_at_store: bool = False,
    ) -> ShownOrder:
        """Hands an order over: the one whose pickup code or whose member's card code is shown, or this one.

        A code is good once; the same scan again, by its key, gives the same order. What was paid at the till
        is not taken from the card. Raises PickupCodeInvalid, CardCodeInvalid, CardCodeUsed, OrderNotFound,
        OrderMoveIllegal, PaymentLetGo, IdempotencyKeyInvalid and IdempotencyKeyReused.
        """

        fresh: FreshResult[ShownOrder] = FreshResult()

        async def hand_over(ready: ReadyOrder, session: Session) -> Document:
            order = ready.order
            if is_paid_at_store and order.state is OrderState.READY:
                order = replace(order, payment_method=PaymentMethod.PAY_AT_STORE)
            collected = await self._changing.move(
                order, OrderState.COLLECTED, Mover.STORE, staff.staff_id, session, ready=ready
            )
            return fresh.keep({"order_id": collected.id}, ShownOrder.of(collected, ready.basis.products))

        async def by_id(session: Session) -> Document:
            return await hand_over(await self._require_here(staff, order_id or ""), session)

        async def by_pickup_code(session: Session) -> Document:
            ready = await self._collecting.read(self._orders.reading_by_pickup_code(code or ""))
            waiting = self._require_waiting(ready if ready and is_at(staff)(ready.order) else None)
            return await hand_over(waiting, session)

        async def by_card(member: Member, session: Session) -> Document:
            source = self._orders.reading_ready_of_member(member.id, store_of(staff))
            return await hand_over(self._require_waiting(await self._collecting.read(source)), session)

        content = {"code": code, "is_paid_at_store": is_paid_at_store}
        run = self._runner(staff, content, idempotency_key)
        if code is None:
            if order_id is None:
                raise PickupCodeInvalid(path=["input", "code"])
            result = await self._database.transaction(by_id)
        elif len(code) == CARD_CODE_LENGTH:
            result = await self._cards.using(staff, code, by_card, run)
        else:
            result = await run(by_pickup_code)
        collected = fresh.of(result)
        if collected is None:
            return ShownOrder(await self._changing.settled(result["order_id"]))
        return replace(collected, order=await self._changing.settled(collected.order.id, collected.order))

    def _runner(
        self, staff: StaffActor, content: Document, key: str | None
    ) -> Callable[[Work], Awaitable[Document]]:
        """What runs the work of a scan: a transaction, which for a scan with a key is run once."""
        if key is None:
            return self._database.transaction
        request = IdempotentRequest(f"staff:{staff.staff_id}", "collectOrder", key, content)
        return lambda work: self._idempotency.once(request, work, _nothing_to_store)

    async def _require_here(self, staff: StaffActor, order_id: str) -> ReadyOrder:
        """The order, if it is one of the staff's own store. Raises OrderNotFound."""
        ready = await self._collecting.read(self._orders.reading(order_id))
        if ready is None or not is_at(staff)(ready.order):
            raise OrderNotFound(path=["input", "orderId"])
        return ready

    def _require_waiting(self, ready: ReadyOrder | None) -> ReadyOrder:
        """The order that a code belongs to, if it waits to be collected. Raises PickupCodeInvalid."""
        if ready is None or ready.order.state_at(self._clock.now()) is not OrderState.READY:
            raise PickupCodeInvalid(path=["input", "code"])
        return ready

    async def reject_line(self, staff: StaffActor, order_id: str, line_id: str, version: int | None) -> Order:
        """Takes a line that the store cannot supply out of the order; without any line, it is rejected.

        Raises OrderNotFound, OrderChanged, OrderMoveIllegal and OrderLineNotFound.
        """

        async def decide(order: Order, session: Session) -> Order:
            rules.require_version(order, version)
            rules.require_changeable(order, self._clock.now())
            lines = without(order.lines, line_id)
            return await self._changing.change_lines(
                order, lines, "OrderLineRejected", staff.staff_id, session
            )

        return await self._changing.change(order_id, is_at(staff), decide)

    async def offer_substitute(
        self,
        staff: StaffActor,
        order_id: str,
        line_id: str,
        sku_id: str,
        quantity: int,
        version: int | None,
    ) -> Order:
        """Offers another SKU for a line, kept aside until the member has answered; it costs no more.

        The same offer again, while it stands, changes nothing. Raises OrderNotFound, OrderChanged,
        OrderMoveIllegal, OrderLineNotFound, SkuNotForSale and SeveralRefusals with an OutOfStock.
        """
        rules.require_quantity(quantity)
        product = (await self._catalog.products_of_skus([sku_id])).get(sku_id)
        now = self._clock.now()
        if product is None or not product.is_published(now):
            raise SkuNotForSale(path=["input", "skuId"], sku_id=sku_id)
        item = rules.item_of(product, sku_id)

        async def decide(order: Order, session: Session) -> Order:
            if is_offered(order.lines, line_id, sku_id, quantity):
                return order
            rules.require_version(order, version)
            rules.require_changeable(order, now)
            lines = with_offer(order.lines, line_id, item, quantity, now)
            return await self._changing.change_lines(
                order, lines, "SubstituteOffered", staff.staff_id, session
            )

        return await self._changing.change(order_id, is_at(staff), decide)


async def _nothing_to_store(session: Session, refusal: Refusal) -> None:
    """A scan that is refused leaves nothing behind but its answer."""
