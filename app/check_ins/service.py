"""What can be done with check-ins."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from app.check_ins import rules
from app.check_ins.model import CheckIn, CheckInRequest, GeoPosition, TakenOver
from app.check_ins.repository import CheckInRepository, check_in_id_of
from app.coupons.model import Coupon
from app.decisions.drafting import DecisionDraft
from app.decisions.model import Moment
from app.decisions.service import OfferDecisions
from app.offers.model import OfferMoment
from app.points.model import PointAccount, PointEntry, PointReason, PointSource
from app.points.service import PointService
from app.shared.clock import Clock
from app.shared.errors import Refusal
from app.shared.events import Event
from app.shared.idempotency import IdempotentRequest
from app.shared.mongodb.database import Database, Session
from app.shared.mongodb.draft_commit import Answered, DraftCommit
from app.shared.mongodb.reading import Reading, read_together
from app.shared.paging import Page, PageRequest
from app.stores.errors import StoreNotFound
from app.stores.model import Store
from app.stores.rules import store_day
from app.stores.service import StoreService


@dataclass(frozen=True, slots=True)
class Visit:
    """A check-in as it is answered. Of a request that was sent before, nothing but the check-in is known."""

    check_in: CheckIn
    store: Store | None = None
    coupons: tuple[Coupon, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Draft:
    """A check-in that is not written yet, with the points that it awards and what is decided at it."""

    wanted: IdempotentRequest
    check_in: CheckIn
    store: Store
    entries: tuple[PointEntry, ...]
    decision: DecisionDraft | None

    @property
    def events(self) -> list[Event]:
        """What it tells."""
        return [_checked_in(self.check_in), *(self.decision.events if self.decision else ())]


class CheckInService:
    """The use cases of check-ins."""

    def __init__(
        self,
        database: Database,
        stores: StoreService,
        points: PointService,
        decisions: OfferDecisions,
        clock: Clock,
        points_per_check_in: int,
    ) -> None:
        self._database = database
        self._check_ins = CheckInRepository(database)
        self._commits: DraftCommit[_Draft] = DraftCommit(database, self._write)
        self._stores = stores
        self._points = points
        self._decisions = decisions
        self._clock = clock
        self._points_per_check_in = points_per_check_in

    async def get(self, check_in_id: str) -> CheckIn | None:
        return await self._check_ins.get(check_in_id)

    async def of_member(self, member_id: str, request: PageRequest) -> Page[CheckIn]:
        """The member's check-ins, the newest first."""
        return await self._check_ins.page(member_id, request)

    def reading_stores_visited(self, member_id: str, since: datetime) -> Reading[frozenset[str]]:
        """The stores where the member has checked in since then."""
        return self._check_ins.reading_stores_visited(member_id, since)

    async def visitors_between(self, begins: datetime, ends: datetime) -> list[str]:
        """Who checked in from then until just before."""
        return await self._check_ins.visitors_between(begins, ends)

    async def visitors(
        self, member_ids: Sequence[str], store_ids: Sequence[str], since: datetime
    ) -> dict[str, frozenset[str]]:
        """Those of these members who have checked in at some of these stores since then, and at which."""
        return await self._check_ins.visitors(member_ids, store_ids, since)

    async def check_in(self, member_id: str, request: CheckInRequest) -> Visit:
        """Registers the visit, awards its points and gives the coupons that come with it, all or nothing.

        It happens once for each idempotency key: the check-in is the request's answer itself. All that bears
        on it is read by one command; who checks in at the same time shares the transaction.

        Raises a refusal of `check_ins.errors`, StoreNotFound, IdempotencyKeyInvalid or
        IdempotencyKeyReused. A refusal is stored with its evidence, and is the answer to a repetition too.
        """
        wanted = IdempotentRequest(member_id, "checkIn", request.idempotency_key, request.fingerprint())

        lane = await self._decisions.lane_at(OfferMoment.CHECK_IN) or member_id
        try:
            done = await self._commits.commit(lane, partial(self._draft, member_id, request, wanted))
        except Refusal as refusal:
            if not refusal.is_final:
                raise
            done = Answered(await self._check_ins.refuse(wanted, request, refusal, self._clock.now()))
        if isinstance(done, Answered):
            if isinstance(done.answer, Refusal):
                raise done.answer
            return Visit(done.answer)
        return Visit(done.check_in, done.store, tuple(done.decision.coupons if done.decision else ()))

    async def take_over(self, guest_id: str, member_id: str, session: Session) -> TakenOver:
        """Makes a guest's check-ins the member's, in the order of time; not those she could not have made."""
        both = await self._check_ins.all_of([member_id, guest_id], session)
        own = [each for each in both if each.member_id == member_id]
        taken_over = rules.take_over(own, [each for each in both if each.member_id == guest_id])
        if taken_over.accepted:
            chain = rules.chain_with(own, taken_over.accepted)
            await self._check_ins.rewrite([replace(each, member_id=member_id) for each in chain], session)
        return taken_over

    async def _draft(
        self, member_id: str, request: CheckInRequest, wanted: IdempotentRequest
    ) -> _Draft | Answered[CheckIn | Refusal]:
        """The check-in as it will be. Raises why there is none, and StoreNotFound."""
        now, check_in_id = self._clock.now(), check_in_id_of(wanted)
        arrival = _arrival(check_in_id, member_id, request.store_id, request.position)
        decision = await self._decisions.drafting(arrival)
        answer = self._check_ins.reading_answer(wanted)
        reading = self._stores.reading(request.store_id)
        newest = self._check_ins.reading_recent(member_id, rules.RECENT_CHECK_INS)
        account = self._points.reading_account(member_id)
        decided = [] if decision is None else [decision]
        found = await read_together(self._database, answer, reading, newest, account, *decided)
        if (answered := found[answer]) is not None:
            return Answered(answered)
        position = rules.require_location(request.position, now)
        store = found[reading]
        if store is None:
            raise StoreNotFound(path=["input", "storeId"])
        distance = rules.require_presence(position, store)
        rules.require_open(store, now)
        recent = found[newest]
        rules.require_turn(store, position, now, recent)
        balance, entries = self._award(found[account], check_in_id, store.id)
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
        return _Draft(wanted, check_in, store, tuple(entries), found[decision] if decision else None)

    def _award(
        self, account: PointAccount, check_in_id: str, store_id: str
    ) -> tuple[int, Sequence[PointEntry]]:
        """What can be spent after the check-in, and the entries that award it; a retailer may award none."""
        if self._points_per_check_in == 0:
            return self._points.current(account).available, ()
        source = PointSource(f"check-in:{check_in_id}", PointReason.CHECK_IN, self._clock.now(), store_id)
        entry, entries = self._points.earning(account, self._points_per_check_in, source)
        return entry.account.available, entries

    async def _write(self, drafts: Sequence[_Draft], session: Session) -> None:
        """Writes these check-ins with all that belongs to them; where one is outdated, none is written.

        Counters of offers, which everybody writes, are written last: so they are kept from others for least.
        """
        accepted = [(draft.wanted, draft.check_in, draft.events) for draft in drafts]
        await self._check_ins.accept(accepted, session)
        await self._points.add([entry for draft in drafts for entry in draft.entries], session)
        await self._decisions.write([draft.decision for draft in drafts if draft.decision], session)


def _checked_in(check_in: CheckIn) -> Event:
    data = {"check_in_id": check_in.id, "store_id": check_in.store_id, "points": check_in.points_awarded}
    return Event("CheckedIn", f"member:{check_in.member_id}", check_in.checked_in_at, data)


def arrival_of(check_in: CheckIn) -> Moment:
    """The moment of a check-in, at which she may be given coupons."""
    return _arrival(check_in.id, check_in.member_id, check_in.store_id, check_in.position)


def _arrival(check_in_id: str, member_id: str, store_id: str, position: GeoPosition) -> Moment:
    return Moment(OfferMoment.CHECK_IN, f"check-in:{check_in_id}", member_id, store_id, position.point)
