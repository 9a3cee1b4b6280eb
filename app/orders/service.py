"""What a member can do with orders."""

from collections.abc import Callable

from app.check_ins.model import GeoPosition
from app.check_ins.rules import require_location, require_presence
from app.orders import rules
from app.orders.changing import OrderChanging
from app.orders.checkout import CardCheckout, PaymentToConfirm
from app.orders.coupon_use import OrderCoupons
from app.orders.drafting import WantedOrder
from app.orders.errors import OrderMoveIllegal
from app.orders.lines import with_answer
from app.orders.model import Order
from app.orders.placing import OrderPlacing
from app.orders.quoting import OrderQuoting, Quote
from app.orders.repository import OrderRepository
from app.orders.states import Mover, OrderState, is_open
from app.orders.wishes import OrderFilter, OrderWish
from app.payments.errors import PaymentPending
from app.payments.model import PaymentMethod
from app.shared.clock import Clock
from app.shared.errors import Refusal, SeveralRefusals
from app.shared.idempotency import Idempotency, IdempotentRequest, result_of
from app.shared.mongodb.database import Database, Document, Session
from app.shared.paging import Page, PageRequest
from app.stores.service import StoreService


class OrderService:
    """The use cases of the member who orders."""

    def __init__(
        self,
        database: Database,
        quoting: OrderQuoting,
        placing: OrderPlacing,
        checkout: CardCheckout,
        coupons: OrderCoupons,
        changing: OrderChanging,
        stores: StoreService,
        idempotency: Idempotency,
        clock: Clock,
    ) -> None:
        self._database = database
        self._orders = OrderRepository(database)
        self._quoting = quoting
        self._placing = placing
        self._checkout = checkout
        self._coupons = coupons
        self._changing = changing
        self._stores = stores
        self._idempotency = idempotency
        self._clock = clock

    async def get(self, order_id: str, session: Session = None) -> Order | None:
        return await self._orders.get(order_id, session)

    async def of_member(self, member_id: str, wanted: OrderFilter, request: PageRequest) -> Page[Order]:
        """The member's orders that are wanted, the newest first."""
        return await self._orders.of_member(member_id, wanted, self._clock.now(), request)

    async def take_over(self, guest_id: str, member_id: str, session: Session) -> int:
        """Makes a guest's orders the member's, and says how many those were."""
        return await self._orders.take_over(guest_id, member_id, session)

    async def quote(self, member_id: str, wish: OrderWish) -> Quote:
        """What the wish would cost, and what is in its way; nothing is held."""
        return await self._quoting.quote(member_id, wish)

    async def place(
        self,
        member_id: str,
        wish: OrderWish,
        method: PaymentMethod,
        note: str | None,
        expected_total: int | None,
        idempotency_key: str,
        card_token: str | None = None,
    ) -> Order | PaymentToConfirm:
        """Places the order, all that it needs or nothing, once for each idempotency key.

        By card, its customer may have to confirm the payment first. Raises SeveralRefusals with all that is
        in the way and with what works instead, PaymentDeclined and PaymentPending.
        """
        checked_note = rules.checked_note(note)
        fingerprint = {**wish.fingerprint(), "method": method.value, "note": note, "total": expected_total}
        request = IdempotentRequest(member_id, "placeOrder", idempotency_key, fingerprint)
        if wish.coupon_ids or wish.uses_best_coupons:
            wish = await self._with_coupons(member_id, wish, request)
        wanted = WantedOrder(member_id, wish, method, checked_note, expected_total, request)
        try:
            if method is not PaymentMethod.CARD:
                return await self._placing.place(wanted)
            answer = await self._checkout.place(wanted, card_token)
            return answer if isinstance(answer, PaymentToConfirm) else await self._placing.placed(answer)
        except PaymentPending:
            raise  # the same request goes on with what it holds
        except (Refusal, SeveralRefusals):
            first = await self._answer_meanwhile(wish, request)
            if first is None:
                raise
            return await self._placing.placed(result_of(first)["order_id"])

    async def _with_coupons(self, member_id: str, wish: OrderWish, request: IdempotentRequest) -> OrderWish:
        """The wish with its coupons held; as it was, where it has its answer or something is in its way."""
        if await self._idempotency.answer_to(request, None) is not None:
            return wish
        owner = f"order:{request.id}"
        quote = await self._quoting.quote(member_id, wish)
        # Looked up after the quote: what the same request has held by then was in the quote's way.
        resumed = await self._coupons.resumed(wish, owner)
        if resumed.coupon_holds:
            wish, quote = resumed, await self._quoting.quote(member_id, resumed)
        if quote.priced.problems:
            return wish
        return await self._coupons.hold(wish, quote.priced, owner, quote.store)

    async def _answer_meanwhile(self, wish: OrderWish, request: IdempotentRequest) -> Document | None:
        """What the same request, sent twice at once, was answered; None if there is no answer.

        Unless that is an order, the coupons that are held for it are let go; but not those of a request
        whose card is asked.
        """

        async def act(session: Session) -> Document | None:
            answer = await self._idempotency.answer_to(request, session)
            if answer is not None and answer["refusal"] is None:
                return answer
            if wish.coupon_holds and not await self._checkout.is_under_way(request, session):
                await self._coupons.let_go(wish, session)
            return answer

        return await (self._database.transaction(act) if wish.coupon_holds else act(None))

    async def cancel(self, member_id: str, order_id: str, version: int | None) -> Order:
        """Cancels an order that is not being prepared yet: what it held is free again.

        Raises OrderNotFound, OrderChanged and OrderMoveIllegal.
        """

        async def decide(order: Order, session: Session) -> Order:
            return await self._changing.move(
                order, OrderState.CANCELLED, Mover.MEMBER, member_id, session, version
            )

        return await self._changing.change(order_id, _is_of(member_id), decide)

    async def announce_arrival(self, member_id: str, order_id: str, position: GeoPosition) -> Order:
        """Tells the store that the member is there. Raises the refusals of a location that is not proven."""
        require_location(position, self._clock.now())

        async def decide(order: Order, session: Session) -> Order:
            state = order.state_at(self._clock.now())
            if not is_open(state):
                raise OrderMoveIllegal(state=state.value)
            store = await self._stores.require(order.store_id, ["input", "orderId"], session)
            require_presence(position, store)
            return await self._changing.mark_arrived(order, session)

        return await self._changing.change(order_id, _is_of(member_id), decide)

    async def answer_substitution(self, member_id: str, order_id: str, line_id: str, is_taken: bool) -> Order:
        """Takes the substitute that the store offers, or does without the line.

        Raises OrderNotFound, OrderMoveIllegal, OrderLineNotFound and SubstitutionNotOffered.
        """

        async def decide(order: Order, session: Session) -> Order:
            rules.require_changeable(order, self._clock.now())
            lines = with_answer(order.lines, line_id, is_taken)
            return await self._changing.change_lines(order, lines, "SubstitutionAnswered", member_id, session)

        return await self._changing.change(order_id, _is_of(member_id), decide)


def _is_of(member_id: str) -> Callable[[Order], bool]:
    return lambda order: order.member_id == member_id
