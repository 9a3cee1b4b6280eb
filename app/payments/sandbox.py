"""The gateway of development: cards that say what they will do, and no money anywhere.

Its charges are in MongoDB, so that all processes agree on what it has.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from pymongo import IndexModel

from app.payments.gateway import CardRefused, GatewayUnavailable
from app.payments.model import Act, Charge, ChargeStatus, DeclineReason, Payment, Refund
from app.shared.clock import Clock
from app.shared.mongodb.database import CollectionDefinition, Database, Document
from app.shared.mongodb.documents import MOMENT, STRING, at_least, document, list_of, nullable, one_of

LATE_SECONDS = 3.0
HELD_FOR = timedelta(days=7)  # as most cards hold money

SANDBOX_CHARGES = CollectionDefinition(
    "sandbox_charges",
    validator=document(
        _id=STRING,
        card=STRING,
        status=one_of(ChargeStatus),
        decline_reason=nullable(one_of(DeclineReason)),
        requests_to_lose=at_least(0),
        amount=at_least(1),
        captured=at_least(0),
        refunded=at_least(0),
        refunds=list_of(document(id=STRING, amount=at_least(1))),
        effects=list_of(STRING),
        opened_at=MOMENT,
        authorized_until=MOMENT,
    ),
    indexes=[IndexModel([("opened_at", 1)])],
)


@dataclass(frozen=True, slots=True)
class SandboxCard:
    """What a card does when it is authorized."""

    becomes: ChargeStatus = ChargeStatus.AUTHORIZED
    decline_reason: DeclineReason | None = None
    requests_to_lose: int = 0  # so many requests get lost on their way
    loses_answer: bool = False  # it is done, but the answer gets lost
    is_late: bool = False
    waits_for_customer: bool = False  # until she confirms or declines; else she has by the time of asking
    holds_for: timedelta = HELD_FOR


CARDS = {
    "tok_ok": SandboxCard(),
    "tok_declined": SandboxCard(ChargeStatus.DECLINED, DeclineReason.CARD_DECLINED),
    "tok_insufficient_funds": SandboxCard(ChargeStatus.DECLINED, DeclineReason.INSUFFICIENT_FUNDS),
    "tok_timeout": SandboxCard(loses_answer=True),
    "tok_timeout_undone": SandboxCard(requests_to_lose=1),
    "tok_late": SandboxCard(is_late=True),
    "tok_short_hold": SandboxCard(holds_for=timedelta(days=1)),
    "tok_requires_action": SandboxCard(ChargeStatus.REQUIRES_ACTION),
    "tok_confirm": SandboxCard(ChargeStatus.REQUIRES_ACTION, waits_for_customer=True),
}
QUICK_CARDS = [token for token, card in CARDS.items() if not card.waits_for_customer]
SECRET_SUFFIX = "_secret"  # noqa: S105  what follows the charge's id in its client secret


class Sandbox:
    """Does with a charge what its card says; no act has an effect twice."""

    name = "sandbox"

    def __init__(self, database: Database, clock: Clock, late_seconds: float = LATE_SECONDS) -> None:
        self._charges = database.collection(SANDBOX_CHARGES)
        self._clock = clock
        self._late_seconds = late_seconds

    async def open(self, payment: Payment, card_token: str, description: str) -> str:
        card = CARDS.get(card_token)
        if card is None:
            raise CardRefused(DeclineReason.CARD_INVALID)
        charge: Document = {
            "card": card_token,
            "status": ChargeStatus.OPEN.value,
            "decline_reason": None,
            "requests_to_lose": card.requests_to_lose,
            "amount": payment.amount.amount,
            "captured": 0,
            "refunded": 0,
            "refunds": [],
            "effects": [],
            "opened_at": self._clock.now(),
            "authorized_until": self._clock.now() + card.holds_for,
        }
        await self._charges.find_one_and_update({"_id": payment.id}, {"$setOnInsert": charge}, upsert=True)
        return payment.id

    async def authorize(self, payment: Payment, act: Act) -> Charge:
        card = CARDS[(await self._get(payment))["card"]]
        if await self._changed(payment, {"requests_to_lose": {"$gt": 0}}, {"$inc": {"requests_to_lose": -1}}):
            raise GatewayUnavailable("the sandbox lost the request")
        if card.is_late:
            await asyncio.sleep(self._late_seconds)
        reason = card.decline_reason.value if card.decline_reason else None
        is_done_now = await self._changed(
            payment,
            {"status": ChargeStatus.OPEN.value},
            {"$set": {"status": card.becomes.value, "decline_reason": reason}, "$push": {"effects": act.id}},
        )
        if is_done_now and card.loses_answer:
            raise GatewayUnavailable("the sandbox lost the answer")
        return _charge_from(await self._get(payment))

    async def capture(self, payment: Payment, act: Act) -> Charge:
        await self._let_go_in_time(payment)
        await self._changed(
            payment,
            {"status": ChargeStatus.AUTHORIZED.value, "amount": {"$gte": act.amount}},
            {
                "$set": {"status": ChargeStatus.CAPTURED.value, "captured": act.amount},
                "$push": {"effects": act.id},
            },
        )
        return _charge_from(await self._get(payment))

    async def void(self, payment: Payment, act: Act) -> Charge:
        await self._changed(
            payment,
            {
                "status": {
                    "$in": [
                        ChargeStatus.OPEN.value,
                        ChargeStatus.REQUIRES_ACTION.value,
                        ChargeStatus.AUTHORIZED.value,
                    ]
                }
            },
            {"$set": {"status": ChargeStatus.VOIDED.value}, "$push": {"effects": act.id}},
        )
        return _charge_from(await self._get(payment))

    async def refund(self, payment: Payment, act: Act) -> Charge:
        await self._changed(
            payment,
            {
                "status": ChargeStatus.CAPTURED.value,
                "refunds.id": {"$ne": act.id},
                "$expr": {"$gte": ["$captured", {"$add": ["$refunded", act.amount]}]},
            },
            {
                "$inc": {"refunded": act.amount},
                "$push": {"refunds": {"id": act.id, "amount": act.amount}, "effects": act.id},
            },
        )
        return _charge_from(await self._get(payment))

    async def find(self, payment: Payment) -> Charge:
        """What the sandbox has. A customer who had to confirm has done so by now, unless her card waits."""
        await self._let_go_in_time(payment)
        await self._changed(
            payment,
            {"status": ChargeStatus.REQUIRES_ACTION.value, "card": {"$in": QUICK_CARDS}},
            {"$set": {"status": ChargeStatus.AUTHORIZED.value}},
        )
        return _charge_from(await self._get(payment))

    async def to_confirm(self, client_secret: str) -> int | None:
        """The yen that a customer is asked to confirm; None where nothing waits for her."""
        found = await self._charges.find_one(_waiting(client_secret))
        return found["amount"] if found else None

    async def confirm(self, client_secret: str, *, is_she: bool) -> None:
        """What the customer says to her bank, once: a second answer changes nothing."""
        change: Document = {"status": ChargeStatus.AUTHORIZED.value}
        if not is_she:
            reason = DeclineReason.NOT_AUTHENTICATED.value
            change = {"status": ChargeStatus.DECLINED.value, "decline_reason": reason}
        await self._charges.find_one_and_update(_waiting(client_secret), {"$set": change})

    async def close(self) -> None:
        """Has no connections of its own."""

    async def _let_go_in_time(self, payment: Payment) -> None:
        """Money is set aside for so long, and then it is the customer's again."""
        await self._changed(
            payment,
            {"status": ChargeStatus.AUTHORIZED.value, "authorized_until": {"$lte": self._clock.now()}},
            {"$set": {"status": ChargeStatus.VOIDED.value}},
        )

    async def _get(self, payment: Payment) -> Document:
        found = await self._charges.find_one({"_id": payment.id})
        if found is None:
            raise GatewayUnavailable("the sandbox has no such charge")
        return found

    async def _changed(self, payment: Payment, condition: Document, update: Document) -> bool:
        found = await self._charges.find_one_and_update({"_id": payment.id, **condition}, update)
        return found is not None


def _waiting(client_secret: str) -> Document:
    charge_id = client_secret.removesuffix(SECRET_SUFFIX)
    return {"_id": charge_id, "status": ChargeStatus.REQUIRES_ACTION.value}


def _charge_from(found: Document) -> Charge:
    status, reason = ChargeStatus(found["status"]), found["decline_reason"]
    is_held = status in {ChargeStatus.AUTHORIZED, ChargeStatus.CAPTURED}
    return Charge(
        status=status,
        authorized=found["amount"] if is_held else 0,
        captured=found["captured"],
        refunds=tuple(Refund(each["id"], each["amount"]) for each in found["refunds"]),
        decline_reason=DeclineReason(reason) if reason else None,
        authorized_until=found["authorized_until"] if status is ChargeStatus.AUTHORIZED else None,
        client_secret=f"{found['_id']}{SECRET_SUFFIX}" if status is ChargeStatus.REQUIRES_ACTION else None,
    )
