"""What can be done with check-ins."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from app.check_ins import rules
from app.check_ins.model import CheckIn, CheckInRequest, TakenOver
from app.check_ins.repository import CheckInRepository
from app.decisions.model import Moment
from app.decisions.service import OfferDecisions
from app.offers.model import OfferMoment
from app.points.model import PointReason, PointSource
from app.points.service import PointService
from app.shared.clock import Clock
from app.shared.database import Database, Document, Session
from app.shared.errors import Refusal
from app.shared.events import Event, EventLog
from app.shared.idempotency import Idempotency, IdempotentRequest
from app.shared.ids import new_id
from app.shared.paging import Page, PageRequest
from app.stores.rules import store_day
from app.stores.service import StoreService


class CheckInService:
    """The use cases of check-ins."""

    def __init__(
        self,
        database: Database,
        stores: StoreService,
        points: PointService,
        decisions: OfferDecisions,
        idempotency: Idempotency,
        events: EventLog,
        clock: Clock,
        points_per_check_in: int,
    ) -> None:
        self._check_ins = CheckInRepository(database)
        self._stores = stores
        self._points = points
        self._decisions = decisions
        self._idempotency = idempotency
        self._events = events
        self._clock = clock
        self._points_per_check_in = points_per_check_in

    async def get(self, check_in_id: str) -> CheckIn | None:
        return await self._check_ins.get(check_in_id)

    async def of_member(self, member_id: str, request: PageRequest) -> Page[CheckIn]:
        """The member's check-ins, the newest first."""
        return await self._check_ins.page(member_id, request)

    async def stores_visited(self, member_id: str, since: datetime) -> frozenset[str]:
        """The stores where the member has checked in since then."""
        return frozenset(await self._check_ins.stores_visited(member_id, since))

    async def visitors(
        self, member_ids: Sequence[str], store_ids: Sequence[str], since: datetime
    ) -> dict[str, frozenset[str]]:
        """Those of these members who have checked in at some of these stores since then, and at which."""
        return await self._check_ins.visitors(member_ids, store_ids, since)

    async def check_in(self, member_id: str, request: CheckInRequest) -> CheckIn:
        """Registers the visit and awards its points, all or nothing, once for each idempotency key.

        Raises a refusal of `check_ins.errors`, StoreNotFound, IdempotencyKeyInvalid or
        IdempotencyKeyReused. A refusal is stored with its evidence, and is the answer to a repetition too.
        """

        accepted: dict[str, CheckIn] = {}

        async def accept(session: Session) -> Document:
            check_in = await self._accept(member_id, request, session)
            accepted[check_in.id] = check_in
            return {"check_in_id": check_in.id}

        async def store_refusal(session: Session, refusal: Refusal) -> None:
            await self._check_ins.add_refusal(
                member_id,
                request.store_id,
                refusal.code,
                refusal.numbers,
                request.position,
                self._clock.now(),
                session,
            )

        result = await self._idempotency.once(
            IdempotentRequest(member_id, "checkIn", request.idempotency_key, request.fingerprint()),
            accept,
            store_refusal,
        )
        check_in_id: str = result["check_in_id"]
        check_in = accepted.get(check_in_id) or await self._check_ins.get(check_in_id)
        if check_in is None:
            raise LookupError(f"check-in {check_in_id} is gone")
        # Outside of the transaction, as counters are everybody's; who sends the request again, or else the
        # worker, has it made up.
        await self._decisions.at_once(arrival_of(check_in))
        return check_in

    async def take_over(self, guest_id: str, member_id: str, session: Session) -> TakenOver:
        """Makes a guest's check-ins the member's, in the order of time; not those she could not have made."""
        own = await self._check_ins.all_of(member_id, session)
        taken_over = rules.take_over(own, await self._check_ins.all_of(guest_id, session))
        if taken_over.accepted:
            chain = rules.chain_with(own, taken_over.accepted)
            await self._check_ins.rewrite([replace(each, member_id=member_id) for each in chain], session)
        return taken_over

    async def _accept(self, member_id: str, request: CheckInRequest, session: Session) -> CheckIn:
        now = self._clock.now()
        position = rules.require_location(request.position, now)
        store = await self._stores.require(request.store_id, ["input", "storeId"], session)
        distance = rules.require_presence(position, store)
        rules.require_open(store, now)
        recent = await self._check_ins.recent(member_id, rules.RECENT_CHECK_INS, session)
        rules.require_turn(store, position, now, recent)
        check_in_id = new_id()
        balance = await self._award(member_id, check_in_id, store.id, session)
        check_in = CheckIn(
            id=check_in_id,
            member_id=member_id,
            seq=recent[0].seq + 1 if recent else 1,
            store_id=store.id,
            store_day=store_day(store, now),
            checked_in_at=now,
            position=position,
            distance_meters=distance,
            points_awarded=self._points_per_check_in,
            point_balance=balance,
        )
        await self._check_ins.add(check_in, session)
        await self._events.append(
            Event(
                "CheckedIn",
                f"member:{member_id}",
                now,
                {"check_in_id": check_in_id, "store_id": store.id, "points": check_in.points_awarded},
            ),
            session,
        )
        return check_in

    async def _award(self, member_id: str, check_in_id: str, store_id: str, session: Session) -> int:
        """Awards the points and returns what can be spent then; a retailer may award none."""
        if self._points_per_check_in == 0:
            return await self._points.balance(member_id, session)
        source = PointSource(f"check-in:{check_in_id}", PointReason.CHECK_IN, self._clock.now(), store_id)
        entry = await self._points.earn(member_id, self._points_per_check_in, source, session)
        return entry.account.available


def arrival_of(check_in: CheckIn) -> Moment:
    """The moment of a check-in, at which she may be given coupons."""
    return Moment(
        OfferMoment.CHECK_IN,
        f"check-in:{check_in.id}",
        check_in.member_id,
        check_in.store_id,
        check_in.position.point,
    )
