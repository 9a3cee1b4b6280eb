"""Recording receipts: each in a transaction of its own, once and for all by its name."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.cards.service import CardService
from app.members.model import Member
from app.members.rank_service import RankService
from app.members.service import MemberService
from app.purchases.errors import PurchaseNotFound, ReceiptConflicting, ReceiptMemberNotFound, ReturnOfOrder
from app.purchases.model import (
    GivenBack,
    Purchase,
    PurchaseLine,
    PurchaseReturn,
    Receipt,
    ReturnReceipt,
)
from app.purchases.reporting import Surroundings
from app.purchases.repository import PurchaseRepository
from app.purchases.return_repository import ReturnRepository
from app.purchases.returning import returned
from app.purchases.rewarding import PurchaseRewards
from app.purchases.rules import content_hash, day_of
from app.shared.clock import Clock
from app.shared.events import Event, EventLog
from app.shared.ids import new_id
from app.shared.mongodb.database import Database, Document, Session


@dataclass(frozen=True, slots=True)
class Recorded:
    """A receipt's purchase, and whether it was recorded only now."""

    purchase: Purchase
    is_new: bool


@dataclass(frozen=True, slots=True)
class RecordedReturn:
    """A return, and whether it was recorded only now."""

    recorded: PurchaseReturn
    is_new: bool


class PurchaseRecording:
    """Writes purchases and returns with all that hangs on them."""

    def __init__(
        self,
        database: Database,
        members: MemberService,
        ranks: RankService,
        cards: CardService,
        rewards: PurchaseRewards,
        events: EventLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._purchases = PurchaseRepository(database)
        self._returns = ReturnRepository(database)
        self._members = members
        self._ranks = ranks
        self._cards = cards
        self._rewards = rewards
        self._events = events
        self._clock = clock

    async def record(
        self, receipt: Receipt, reported_by: str, zone: ZoneInfo, surroundings: Surroundings
    ) -> Recorded:
        """Records the receipt with its points and miles. Raises ReceiptConflicting, ReceiptMemberNotFound."""

        async def act(session: Session) -> Recorded:
            existing = await self._purchases.by_name(receipt.name, session)
            if existing is not None:
                return Recorded(require_same(existing, receipt), is_new=False)
            member = await self._member_of(receipt, reported_by, session)
            purchase = self._new_purchase(receipt, reported_by, zone, surroundings)
            if member is not None:
                purchase = await self._rewards.grant(
                    purchase, member, surroundings.rules, surroundings.paths, session
                )
            await self._events.append(await self.add(purchase, session), session)
            return Recorded(purchase, is_new=True)

        return await self._database.transaction(act)

    async def record_return(self, receipt: ReturnReceipt, reported_by: str) -> RecordedReturn:
        """Records the return, and takes back exactly what its pieces had earned.

        Raises ReceiptConflicting, PurchaseNotFound, ReturnInvalid and ReturnOfOrder.
        """

        async def act(session: Session) -> RecordedReturn:
            existing = await self._returns.by_name(receipt.name, session)
            if existing is not None:
                return RecordedReturn(require_same_return(existing, receipt), is_new=False)
            purchase = await self._purchases.by_name(receipt.purchase, session)
            if purchase is None:
                raise PurchaseNotFound(path=["purchase"])
            if purchase.order_id is not None:
                raise ReturnOfOrder(path=["purchase"])
            after, given_back = returned(purchase, receipt.pieces)
            recorded = self._new_return(receipt, purchase, given_back, reported_by)
            await self._rewards.take_back(
                purchase, given_back, purchase.points_returned, recorded.id, receipt.occurred_at, session
            )
            told = await self.change(after, given_back, recorded.id, receipt.name.store_id, session)
            await self._events.append(told, session)
            await self._returns.add(recorded, session)
            return RecordedReturn(recorded, is_new=True)

        return await self._database.transaction(act)

    async def add(self, purchase: Purchase, session: Session) -> Event:
        """Adds a purchase; returns what is to be told of it with all else that the transaction tells."""
        await self._purchases.add(purchase, session)
        data = {
            "purchase_id": purchase.id,
            "member_id": purchase.member_id,
            "channel": purchase.name.channel.value,
            "store_id": purchase.name.store_id,
            "total": purchase.total,
            "points_earned": purchase.points_earned,
            "points_used": purchase.points_used,
        }
        return self._event("PurchaseRecorded", purchase.id, data)

    async def change(
        self, after: Purchase, given_back: GivenBack, return_id: str, store_id: str | None, session: Session
    ) -> Event:
        """Writes a purchase of which something was returned; returns what is to be told of it."""
        await self._purchases.replace(after, session)
        data = {
            "purchase_id": after.id,
            "return_id": return_id,
            "member_id": after.member_id,
            "store_id": store_id,
            "amount": given_back.amount,
            "points_returned": given_back.points_returned,
            "points_taken": given_back.points_taken,
        }
        return self._event("PurchaseReturned", after.id, data)

    async def _member_of(self, receipt: Receipt, reported_by: str, session: Session) -> Member | None:
        """The member whom the receipt names, if it does. Raises ReceiptMemberNotFound."""
        if receipt.member_number is None and receipt.verification_id is None:
            return None
        member: Member | None = None
        if receipt.member_number is not None:
            member = await self._members.living_by_number(receipt.member_number, session)
        if receipt.verification_id is not None:
            member_id = await self._cards.verified_member(
                receipt.verification_id, reported_by, receipt.name.store_id, session
            )
            verified = await self._members.living(member_id, session) if member_id else None
            if member is not None and member != verified:
                raise ReceiptMemberNotFound(path=["memberNumber"])
            member = verified
        if member is None:
            field = "memberNumber" if receipt.verification_id is None else "verificationId"
            raise ReceiptMemberNotFound(path=[field])
        return member

    def _new_purchase(
        self, receipt: Receipt, reported_by: str, zone: ZoneInfo, surroundings: Surroundings
    ) -> Purchase:
        return Purchase(
            id=new_id(),
            version=1,
            name=receipt.name,
            member_id=None,
            occurred_at=receipt.occurred_at,
            received_at=self._clock.now(),
            store_day=day_of(receipt.occurred_at, zone),
            rank_year=self._ranks.year_of(receipt.occurred_at),
            lines=tuple(PurchaseLine(surroundings.goods.described(line)) for line in receipt.lines),
            total=receipt.total,
            reported_by=reported_by,
            content_hash=content_hash(receipt.content()),
            points_used=receipt.points_used,
        )

    def _new_return(
        self, receipt: ReturnReceipt, purchase: Purchase, given_back: GivenBack, reported_by: str
    ) -> PurchaseReturn:
        return PurchaseReturn(
            id=new_id(),
            name=receipt.name,
            purchase_id=purchase.id,
            pieces=receipt.pieces,
            given_back=given_back,
            occurred_at=receipt.occurred_at,
            received_at=self._clock.now(),
            reported_by=reported_by,
            content_hash=content_hash(receipt.content()),
        )

    def _event(self, what: str, purchase_id: str, data: Document) -> Event:
        return Event(what, f"purchase:{purchase_id}", self._clock.now(), data)


def require_same(existing: Purchase, receipt: Receipt) -> Purchase:
    """The purchase, if the receipt is the same again. Raises ReceiptConflicting."""
    if existing.content_hash != content_hash(receipt.content()):
        raise ReceiptConflicting(path=["receiptNumber"])
    return existing


def require_same_return(existing: PurchaseReturn, receipt: ReturnReceipt) -> PurchaseReturn:
    """The return, if the receipt is the same again. Raises ReceiptConflicting."""
    if existing.content_hash != content_hash(receipt.content()):
        raise ReceiptConflicting(path=["receiptNumber"])
    return existing
