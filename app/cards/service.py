"""What can be done with cards: show a code, verify one."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from app.auth.actor import MemberActor, PartnerActor, StaffActor
from app.auth.errors import StoreNotAllowed
from app.auth.partner_service import PartnerService
from app.auth.session_service import SessionService
from app.cards.errors import CardCodeInvalid, CardCodeUsed, TooManyCardTries
from app.cards.model import CardCode, Scanner, VerifiedCard
from app.cards.repository import CardRepository
from app.cards.rules import card_code, end_of_step, matching_step, parts_of, step_of
from app.members.model import Member, Rank
from app.members.rank_service import RankService
from app.members.service import MemberService
from app.points.service import PointService
from app.shared.clock import Clock
from app.shared.errors import Refusal, Unauthenticated
from app.shared.events import Event, EventLog
from app.shared.idempotency import Idempotency, IdempotentRequest
from app.shared.mongodb.database import Database, Document, Session
from app.shared.mongodb.reading import Reads, known
from app.shared.rate_limits import RateLimit, RateLimits
from app.stores.service import StoreService

CARD_FAILURES = RateLimit("card-failures", 30, timedelta(minutes=1))  # by partner or staff member


class CardService:
    """The use cases of cards."""

    def __init__(
        self,
        database: Database,
        members: MemberService,
        ranks: RankService,
        sessions: SessionService,
        partners: PartnerService,
        stores: StoreService,
        points: PointService,
        idempotency: Idempotency,
        limits: RateLimits,
        events: EventLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._cards = CardRepository(database)
        self._members = members
        self._ranks = ranks
        self._sessions = sessions
        self._partners = partners
        self._stores = stores
        self._points = points
        self._idempotency = idempotency
        self._limits = limits
        self._events = events
        self._clock = clock

    async def code(
        self,
        actor: MemberActor,
        give_secret: bool,
        reads: Reads | None = None,
        member: Member | None = None,
    ) -> CardCode:
        """The code that the caller's device shows now; once, if it asks, with the secret to draw more.

        The calling member may have been read before. Raises Unauthenticated when member or session is gone.
        """
        caller = known(member) if member else self._members.reading(actor.member_id)
        session = self._sessions.reading(actor.session_id)
        found = await (reads or Reads(self._database)).read(caller, session)
        owner, device = found[caller], found[session]
        if owner is None or device is None:
            raise Unauthenticated
        now = self._clock.now()
        is_given = give_secret and await self._sessions.give_card_secret(device.id)
        return CardCode(
            secret=device.card_secret if is_given else None,
            current_code=card_code(owner.number, device.card_secret, now),
            expires_at=end_of_step(step_of(now)),
        )

    async def verify(
        self, actor: PartnerActor | StaffActor, code: str, idempotency_key: str, store_id: str | None = None
    ) -> VerifiedCard:
        """Identifies the member who shows this code, and uses the code up. The store is where it is scanned.

        Raises CardCodeInvalid, CardCodeUsed, TooManyCardTries, StoreNotFound, StoreNotAllowed,
        IdempotencyKeyInvalid or IdempotencyKeyReused, and Unauthenticated when the caller has ended. Each
        code that is looked at is on record, with who tried it and where. It counts as a failure before that,
        until it turns out to be a device's own: of any number of guesses at once, no more are looked at than
        may fail.
        """
        scanner = await self._scanner(actor, store_id)
        failure = self._limits.one(CARD_FAILURES, scanner.verified_by)

        async def accept(session: Session) -> Document:
            await self._partners.require_living(actor, session)
            wait = await failure.take()
            if wait:
                raise TooManyCardTries(wait_seconds=wait)
            return await self._verify(scanner, code, session)

        async def store_refusal(session: Session, refusal: Refusal) -> None:
            await self._cards.refuse(scanner, refusal.code, self._clock.now(), session)

        content = {"code": code, "store_id": store_id}
        request = IdempotentRequest(scanner.verified_by, "verifyCard", idempotency_key, content)
        try:
            verified = await self._idempotency.once(request, accept, store_refusal)
        except CardCodeUsed:
            await failure.take_back()
            raise
        await failure.take_back()
        return _verified_card(verified)

    async def using(
        self,
        staff: StaffActor,
        code: str,
        work: Callable[[Member, Session], Awaitable[Document]],
        run: Callable[[Callable[[Session], Awaitable[Document]]], Awaitable[Document]],
    ) -> Document:
        """Does the work for the member who shows this code at the staff's store; the code is used up with it.

        `run` runs all of it in a transaction, and may know its result already. Raises CardCodeInvalid,
        CardCodeUsed, TooManyCardTries, and whatever the work refuses: then the code is good still.
        """
        scanner = _scanner_of(staff)
        failure = self._limits.one(CARD_FAILURES, scanner.verified_by)

        async def act(session: Session) -> Document:
            wait = await failure.take()
            if wait:
                raise TooManyCardTries(wait_seconds=wait)
            member, _ = await self._use(scanner, code, session)
            return await work(member, session)

        async def refuse(session: Session) -> None:
            await self._cards.refuse(scanner, CardCodeInvalid.code, self._clock.now(), session)

        try:
            result = await run(act)
        except CardCodeInvalid:
            await self._database.transaction(refuse)
            raise
        except Exception:
            await failure.take_back()
            raise
        await failure.take_back()
        return result

    async def _scanner(self, actor: PartnerActor | StaffActor, store_id: str | None) -> Scanner:
        """Who scans and where: staff at their device's store, a partner at one that it may act for."""
        path = ["input", "storeId"]
        if isinstance(actor, StaffActor):
            if store_id not in (None, actor.store_id):
                raise StoreNotAllowed(path=path)
            return _scanner_of(actor)
        if store_id is not None:
            store = await self._stores.require(store_id, path)
            if not actor.acts_for(store.id, store.channel):
                raise StoreNotAllowed(path=path)
        elif actor.is_limited:
            raise StoreNotAllowed(path=path)
        return Scanner(f"partner:{actor.partner_id}", store_id, None)

    async def _verify(self, scanner: Scanner, code: str, session: Session) -> Document:
        member, verification_id = await self._use(scanner, code, session)
        return {
            "verification_id": verification_id,
            "member_number": member.number,
            "nickname": member.profile.nickname,
            "rank": self._ranks.standing(member).rank.value,
            "points": await self._points.balance(member.id, session),
            "verified_at": self._clock.now(),
        }

    async def verified_member(
        self, verification_id: str, verified_by: str, store_id: str | None, session: Session
    ) -> str | None:
        """The member whose card was verified so, by the same partner or at the same store."""
        return await self._cards.member_of(verification_id, verified_by, store_id, session)

    async def _use(self, scanner: Scanner, code: str, session: Session) -> tuple[Member, str]:
        """The member who shows the code, which is used up, and the id of this verification."""
        now = self._clock.now()
        member, session_id, step = await self._owner_of(code, now, session)
        verification_id = await self._cards.use(scanner, member.id, session_id, step, now, session)
        await self._events.append(Event("CardVerified", f"member:{member.id}", now, asdict(scanner)), session)
        return member, verification_id

    async def _owner_of(self, code: str, now: datetime, session: Session) -> tuple[Member, str, int]:
        """The member, the device and the period that the code comes from. Raises CardCodeInvalid."""
        parts = parts_of(code)
        member = await self._members.by_number(parts[0], session) if parts else None
        if parts is None or member is None:
            raise CardCodeInvalid(path=["input", "code"])
        for device in await self._sessions.of_member(member.id, session):
            step = matching_step(device.card_secret, parts[1], now)
            if step is not None:
                return member, device.id, step
        raise CardCodeInvalid(path=["input", "code"])


def _scanner_of(staff: StaffActor) -> Scanner:
    return Scanner(f"staff:{staff.staff_id}", staff.store_id, staff.device_id)


def _verified_card(found: dict[str, Any]) -> VerifiedCard:
    return VerifiedCard(
        verification_id=found["verification_id"],
        member_number=found["member_number"],
        nickname=found["nickname"],
        rank=Rank(found["rank"]),
        points=found["points"],
        verified_at=found["verified_at"],
    )
