"""What can be done with cards: show a code, verify one."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.auth.actor import MemberActor
from app.auth.session_service import SessionService
from app.cards.errors import CardCodeInvalid, TooManyCardTries
from app.cards.model import CardCode, VerifiedCard
from app.cards.repository import CardRepository
from app.cards.rules import card_code, end_of_step, matching_step, parts_of, step_of
from app.members.model import Member, Rank
from app.members.rules import rank_for
from app.members.service import MemberService
from app.points.service import PointService
from app.shared.clock import Clock
from app.shared.database import Database, Document, Session
from app.shared.errors import Refusal, Unauthenticated
from app.shared.events import Event, EventLog
from app.shared.idempotency import Idempotency, IdempotentRequest

FAILURES_ALLOWED = 30
FAILURES_COUNTED_FOR = timedelta(minutes=1)


class CardService:
    """The use cases of cards."""

    def __init__(
        self,
        database: Database,
        members: MemberService,
        sessions: SessionService,
        points: PointService,
        idempotency: Idempotency,
        events: EventLog,
        clock: Clock,
        time_zone: ZoneInfo,
    ) -> None:
        self._cards = CardRepository(database)
        self._members = members
        self._sessions = sessions
        self._points = points
        self._idempotency = idempotency
        self._events = events
        self._clock = clock
        self._time_zone = time_zone

    async def code(self, actor: MemberActor, give_secret: bool) -> CardCode:
        """The code that the caller's device shows now; once, if it asks, with the secret to draw more.

        Raises Unauthenticated when member or session is gone.
        """
        member = await self._members.get(actor.member_id)
        device = await self._sessions.get(actor.session_id)
        if member is None or device is None:
            raise Unauthenticated
        now = self._clock.now()
        is_given = give_secret and await self._sessions.give_card_secret(device.id)
        return CardCode(
            secret=device.card_secret if is_given else None,
            current_code=card_code(member.number, device.card_secret, now),
            expires_at=end_of_step(step_of(now)),
        )

    async def verify(self, partner_id: str, code: str, idempotency_key: str) -> VerifiedCard:
        """Identifies the member who shows this code, and uses the code up.

        Raises CardCodeInvalid, CardCodeUsed, TooManyCardTries, IdempotencyKeyInvalid or
        IdempotencyKeyReused. Each verification is on record, the refused ones too.
        """
        await self._require_patience(partner_id)

        async def accept(session: Session) -> Document:
            return await self._verify(partner_id, code, session)

        async def store_refusal(session: Session, refusal: Refusal) -> None:
            await self._cards.record(partner_id, None, refusal.code, self._clock.now(), session)

        request = IdempotentRequest(partner_id, "verifyCard", idempotency_key, {"code": code})
        return _verified_card(await self._idempotency.once(request, accept, store_refusal))

    async def _verify(self, partner_id: str, code: str, session: Session) -> Document:
        now = self._clock.now()
        member, session_id, step = await self._owner_of(code, now, session)
        await self._cards.use(session_id, step, partner_id, now, session)
        await self._cards.record(partner_id, member.id, None, now, session)
        await self._events.append(
            Event("CardVerified", f"member:{member.id}", now, {"partner_id": partner_id}), session
        )
        miles = member.miles_in(now.astimezone(self._time_zone).year)
        return {
            "member_number": member.number,
            "nickname": member.profile.nickname,
            "rank": rank_for(miles).value,
            "points": await self._points.balance(member.id, session),
            "verified_at": now,
        }

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

    async def _require_patience(self, partner_id: str) -> None:
        since = self._clock.now() - FAILURES_COUNTED_FOR
        failures = await self._cards.refusals_since(partner_id, CardCodeInvalid.code, since)
        if failures >= FAILURES_ALLOWED:
            raise TooManyCardTries(wait_seconds=int(FAILURES_COUNTED_FOR.total_seconds()))


def _verified_card(found: dict[str, Any]) -> VerifiedCard:
    return VerifiedCard(
        member_number=found["member_number"],
        nickname=found["nickname"],
        rank=Rank(found["rank"]),
        points=found["points"],
        verified_at=found["verified_at"],
    )
