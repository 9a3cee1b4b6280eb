"""Payments in MongoDB, with every attempt at an act and every notice of a gateway."""

from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from app.payments.model import (
    Act,
    ActKind,
    ActOutcome,
    Attempt,
    DeclineReason,
    Payment,
    PaymentMethod,
    PaymentState,
    Refund,
)
from app.shared.ids import new_id
from app.shared.money import Currency, Money
from app.shared.mongodb.database import CollectionDefinition, Database, Document, Session
from app.shared.mongodb.documents import (
    BOOLEAN,
    MOMENT,
    STRING,
    Schema,
    at_least,
    document,
    list_of,
    nullable,
    one_of,
)

NOTICES_KEPT_FOR = timedelta(days=30)  # gateways send one again for a few days
MOST_PAYMENTS = 50

_ACT: Schema = document(
    kind=one_of(ActKind), id=STRING, amount=at_least(0), started_at=MOMENT, is_lost=BOOLEAN
)

PAYMENTS = CollectionDefinition(
    "payments",
    validator=document(
        _id=STRING,
        reference=STRING,
        payer_id=STRING,
        method=one_of(PaymentMethod),
        gateway=STRING,
        gateway_id=nullable(STRING),
        amount=at_least(1),
        currency=one_of(Currency),
        amount_authorized=at_least(0),
        amount_captured=at_least(0),
        refunds=list_of(document(id=STRING, amount=at_least(1))),
        state=one_of(PaymentState),
        decline_reason=nullable(one_of(DeclineReason)),
        pending=nullable(_ACT),
        is_live=BOOLEAN,
        authorized_until=nullable(MOMENT),
        used_at=nullable(MOMENT),
        created_at=MOMENT,
        updated_at=MOMENT,
        version=at_least(1),
    ),
    indexes=[
        # One thing is not paid for twice: a second payment for it waits until the first is closed.
        IndexModel(
            [("reference", 1)],
            unique=True,
            partialFilterExpression={"is_live": True},
            name="one_live_payment",
        ),
        IndexModel([("reference", 1), ("created_at", -1)]),
        IndexModel([("gateway", 1), ("gateway_id", 1)]),
        IndexModel([("pending.started_at", 1)], sparse=True),
        IndexModel([("used_at", 1), ("state", 1), ("created_at", 1)]),
    ],
)

PAYMENT_ACTS = CollectionDefinition(
    "payment_acts",
    validator=document(
        _id=STRING,
        payment_id=STRING,
        kind=one_of(ActKind),
        act_id=STRING,
        amount=at_least(0),
        outcome=one_of(ActOutcome),
        reason=nullable(STRING),
        request_id=nullable(STRING),
        recorded_at=MOMENT,
    ),
    indexes=[IndexModel([("payment_id", 1), ("_id", 1)])],
)

PAYMENT_NOTICES = CollectionDefinition(
    "payment_notices",
    validator=document(_id=STRING, received_at=MOMENT),
    indexes=[IndexModel([("received_at", 1)], expireAfterSeconds=int(NOTICES_KEPT_FOR.total_seconds()))],
)


class PaymentRepository:
    """Reads and writes payments. A change is made to the version that it was decided for, or not at all."""

    def __init__(self, database: Database) -> None:
        self._payments = database.collection(PAYMENTS)
        self._acts = database.collection(PAYMENT_ACTS)
        self._notices = database.collection(PAYMENT_NOTICES)

    async def get(self, payment_id: str, session: Session = None) -> Payment | None:
        found = await self._payments.find_one({"_id": payment_id}, session=session)
        return payment_from(found) if found else None

    async def live_of(self, reference: str) -> Payment | None:
        found = await self._payments.find_one({"reference": reference, "is_live": True})
        return payment_from(found) if found else None

    async def of_reference(self, reference: str) -> list[Payment]:
        """The newest 50 payments for this, the newest first."""
        found = await self._payments.find(
            {"reference": reference}, sort=[("created_at", DESCENDING)], limit=MOST_PAYMENTS
        )
        return [payment_from(each) for each in found]

    async def by_gateway_id(self, gateway: str, gateway_id: str) -> Payment | None:
        found = await self._payments.find_one({"gateway": gateway, "gateway_id": gateway_id})
        return payment_from(found) if found else None

    async def add(self, payment: Payment) -> bool:
        """Adds the payment, unless it is there already or another lives for the same thing."""
        try:
            await self._payments.insert_one(document_of(payment))
        except DuplicateKeyError:
            return False
        return True

    async def replace(self, payment: Payment, version: int, session: Session = None) -> bool:
        """Writes the payment over this version of it; False if it has another by now."""
        fields = document_of(payment)
        found = await self._payments.find_one_and_update(
            {"_id": fields.pop("_id"), "version": version}, {"$set": fields}, session=session
        )
        return found is not None

    async def use(
        self, payment_id: str, reference: str, since: datetime, now: datetime, session: Session
    ) -> Payment | None:
        """Marks an authorization that nothing was placed with, made after `since`, as used; once."""
        found = await self._payments.find_one_and_update(
            {
                "_id": payment_id,
                "reference": reference,
                "state": PaymentState.AUTHORIZED.value,
                "pending": None,
                "used_at": None,
                "created_at": {"$gt": since},
            },
            {"$set": {"used_at": now, "updated_at": now}, "$inc": {"version": 1}},
            session=session,
        )
        return payment_from(found) if found else None

    async def left_behind(self, before: datetime, limit: int) -> list[Payment]:
        """Payments with an act that was started before this and never settled, the oldest act first."""
        found = await self._payments.find(
            {"pending.started_at": {"$lte": before}}, sort=[("pending.started_at", ASCENDING)], limit=limit
        )
        return [payment_from(each) for each in found]

    async def unused(self, before: datetime, limit: int) -> list[Payment]:
        """Payments made before this that hold money, or may yet, for something that was never placed."""
        states = [PaymentState.REQUIRES_ACTION.value, PaymentState.AUTHORIZED.value]
        found = await self._payments.find(
            {"used_at": None, "state": {"$in": states}, "created_at": {"$lte": before}, "pending": None},
            sort=[("created_at", ASCENDING)],
            limit=limit,
        )
        return [payment_from(each) for each in found]

    async def add_attempt(self, payment_id: str, attempt: Attempt, now: datetime, session: Session) -> None:
        """Puts an attempt on record. None is ever changed."""
        await self._acts.insert_one(
            {
                "_id": new_id(),
                "payment_id": payment_id,
                "kind": attempt.act.kind.value,
                "act_id": attempt.act.id,
                "amount": attempt.act.amount,
                "outcome": attempt.outcome.value,
                "reason": attempt.reason,
                "request_id": attempt.request_id,
                "recorded_at": now,
            },
            session=session,
        )

    async def is_noticed(self, notice_id: str) -> bool:
        return await self._notices.find_one({"_id": notice_id}) is not None

    async def add_notice(self, notice_id: str, now: datetime) -> None:
        await self._notices.find_one_and_update(
            {"_id": notice_id}, {"$setOnInsert": {"received_at": now}}, upsert=True
        )


def document_of(payment: Payment) -> Document:
    return {
        "_id": payment.id,
        "reference": payment.reference,
        "payer_id": payment.payer_id,
        "method": payment.method.value,
        "gateway": payment.gateway,
        "gateway_id": payment.gateway_id,
        "amount": payment.amount.amount,
        "currency": payment.amount.currency.value,
        "amount_authorized": payment.amount_authorized,
        "amount_captured": payment.amount_captured,
        "refunds": [{"id": refund.id, "amount": refund.amount} for refund in payment.refunds],
        "state": payment.state.value,
        "decline_reason": payment.decline_reason.value if payment.decline_reason else None,
        "pending": _document_of_act(payment.pending) if payment.pending else None,
        "is_live": payment.is_live,
        "authorized_until": payment.authorized_until,
        "used_at": payment.used_at,
        "created_at": payment.created_at,
        "updated_at": payment.updated_at,
        "version": payment.version,
    }


def _document_of_act(act: Act) -> Document:
    return {
        "kind": act.kind.value,
        "id": act.id,
        "amount": act.amount,
        "started_at": act.started_at,
        "is_lost": act.is_lost,
    }


def payment_from(found: Document) -> Payment:
    reason: str | None = found["decline_reason"]
    pending: dict[str, Any] | None = found["pending"]
    return Payment(
        id=found["_id"],
        reference=found["reference"],
        payer_id=found["payer_id"],
        method=PaymentMethod(found["method"]),
        gateway=found["gateway"],
        gateway_id=found["gateway_id"],
        amount=Money(found["amount"], Currency(found["currency"])),
        amount_authorized=found["amount_authorized"],
        amount_captured=found["amount_captured"],
        refunds=tuple(Refund(each["id"], each["amount"]) for each in found["refunds"]),
        state=PaymentState(found["state"]),
        decline_reason=DeclineReason(reason) if reason else None,
        pending=Act(**{**pending, "kind": ActKind(pending["kind"])}) if pending else None,
        used_at=found["used_at"],
        created_at=found["created_at"],
        updated_at=found["updated_at"],
        version=found["version"],
        authorized_until=found["authorized_until"],
    )
