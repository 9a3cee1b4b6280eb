"""Payments for tests: a gateway that loses what it is told to, and wishes to pay."""

import asyncio
from collections import deque
from collections.abc import Awaitable
from typing import Any

from app.payments.at_store import AtStore
from app.payments.errors import PaymentPending
from app.payments.gateway import GatewayUnavailable
from app.payments.gateways import Gateways
from app.payments.model import Act, Charge, Payment, PaymentRequest
from app.payments.sandbox import SANDBOX_CHARGES, Sandbox
from app.payments.service import PaymentService
from app.shared.errors import Refusal
from app.shared.events import EventLog
from app.shared.mongodb.database import Database, Document
from tests.conftest import MovableClock
from tests.examples import a_payment_wish

FINE, REQUEST_LOST, ANSWER_LOST, HELD_UP = "fine", "request lost", "answer lost", "held up on its way"
PATIENCE = 200  # tries of somebody who is told to come back


class ForgetfulGateway:
    """The sandbox behind a line that loses requests or answers, in the order that a test says."""

    name = "sandbox"

    def __init__(self, database: Database, clock: MovableClock) -> None:
        self._sandbox = Sandbox(database, clock, late_seconds=0)
        self.faults: deque[str] = deque()
        self.hung_up = asyncio.Event()
        self.comes_through = asyncio.Event()
        self.calls: list[str] = []

    async def open(self, payment: Payment, card_token: str, description: str) -> str:
        return await self._over_the_line("open", self._sandbox.open(payment, card_token, description))

    async def authorize(self, payment: Payment, act: Act) -> Charge:
        return await self._over_the_line("authorize", self._sandbox.authorize(payment, act))

    async def capture(self, payment: Payment, act: Act) -> Charge:
        return await self._over_the_line("capture", self._sandbox.capture(payment, act))

    async def void(self, payment: Payment, act: Act) -> Charge:
        return await self._over_the_line("void", self._sandbox.void(payment, act))

    async def refund(self, payment: Payment, act: Act) -> Charge:
        return await self._over_the_line("refund", self._sandbox.refund(payment, act))

    async def find(self, payment: Payment) -> Charge:
        return await self._over_the_line("find", self._sandbox.find(payment))

    async def close(self) -> None:
        await self._sandbox.close()

    async def _over_the_line(self, name: str, work: Any) -> Any:
        self.calls.append(name)
        fault = self.faults.popleft() if self.faults else FINE
        if fault == HELD_UP:
            self.hung_up.set()
            await self.comes_through.wait()
        if fault == REQUEST_LOST:
            work.close()
            raise GatewayUnavailable("the test lost the request")
        answer = await work
        if fault == ANSWER_LOST:
            raise GatewayUnavailable("the test lost the answer")
        return answer


class PaymentDesk:
    """The service on a forgetful gateway, and somebody who asks again as long as she is told to."""

    def __init__(self, database: Database, clock: MovableClock) -> None:
        self.database = database
        self.gateway = ForgetfulGateway(database, clock)
        gateways = Gateways(AtStore(), self.gateway)
        self.service = PaymentService(database, gateways, EventLog(database), clock)

    async def authorized(self, amount: int = 1000, **changes: Any) -> Payment:
        return (await self.service.authorize(a_payment_wish(amount, **changes))).payment

    async def captured(self, amount: int = 1000) -> Payment:
        payment = await self.authorized(amount)
        return await self.service.capture(payment.id, amount)

    async def charge(self, payment: Payment) -> Document:
        """What the sandbox has."""
        found = await self.found_charge(payment)
        assert found is not None
        return found

    async def found_charge(self, payment: Payment) -> Document | None:
        """What the sandbox has, if the payment ever reached it."""
        return await self.database.collection(SANDBOX_CHARGES).find_one({"_id": payment.id})

    async def get(self, payment: Payment) -> Payment:
        found = await self.service.get(payment.id)
        assert found is not None
        return found


def a_card_wish(card: str = "pm_card_visa", **changes: Any) -> PaymentRequest:
    """A wish to pay by a card of Stripe's."""
    return a_payment_wish(card_token=card, **changes)


async def authorized(payments: PaymentService, card: str = "pm_card_visa") -> Payment:
    return (await payments.authorize(a_card_wish(card))).payment


async def outcome(work: Awaitable[object]) -> str:
    """`done`, or the code of the refusal."""
    try:
        await work
    except Refusal as refusal:
        return refusal.code
    return "done"


async def until_known(act: Any) -> str:
    """The outcome of the act for somebody who repeats it as long as nobody knows."""
    for _ in range(PATIENCE):
        told = await outcome(act())
        if told != PaymentPending.code:
            return told
    raise AssertionError("nobody ever knew")
