"""A call of an official operation: who sends it, and what it is given."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

from bench.house import House
from bench.regulars import Customer
from graphql_schema.documents import HASHES

Variables = dict[str, Any]
VariablesAt = Callable[[datetime], Variables]  # those that tell the moment at which they are sent


class Sender(StrEnum):
    """Whose token an operation is sent with."""

    CUSTOMER = "member"
    CLERK = "clerk"
    HEADQUARTERS = "headquarters"
    PARTNER = "partner"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Call:
    """A request of an official operation. `token` is None when nobody in particular sends it."""

    token: str | None
    variables: Variables | VariablesAt

    def variables_at(self, now: datetime) -> Variables:
        return self.variables(now) if callable(self.variables) else self.variables


Made = Variables | VariablesAt | Call
Make = Callable[[House, Customer], Awaitable[Made]]


@dataclass(frozen=True, slots=True)
class OfficialOperation:
    """How to call an operation: who does, and what makes its variables and all that they speak of."""

    sender: Sender
    make: Make

    async def call(self, house: House, customer: Customer) -> Call:
        """A call by or about this customer, who may be used for nothing else where it changes anything."""
        made = await self.make(house, customer)
        if isinstance(made, Call):
            return made
        match self.sender:
            case Sender.CUSTOMER:
                return Call(customer.access_token, made)
            case Sender.HEADQUARTERS:
                return Call((await house.headquarters()).access_token, made)
            case Sender.PARTNER:
                return Call((await house.partner()).access_token, made)
            case Sender.NOBODY:
                return Call(None, made)
            case Sender.CLERK:
                return Call((await house.clerk(house.store.id)).access_token, made)


def body_of(name: str, call: Call, now: datetime) -> bytes:
    """The body of a POST: the operation is named by its hash alone."""
    return orjson.dumps({"documentId": HASHES[name], "variables": call.variables_at(now)})


async def nothing(house: House, customer: Customer) -> Made:
    return {}


def given(**variables: Any) -> Make:
    """Always these variables."""

    async def make(house: House, customer: Customer) -> Made:
        return variables

    return make


def by_customer(make: Make) -> OfficialOperation:
    return OfficialOperation(Sender.CUSTOMER, make)


def by_clerk(make: Make) -> OfficialOperation:
    return OfficialOperation(Sender.CLERK, make)


def by_headquarters(make: Make) -> OfficialOperation:
    return OfficialOperation(Sender.HEADQUARTERS, make)


def by_partner(make: Make) -> OfficialOperation:
    return OfficialOperation(Sender.PARTNER, make)


def by_nobody(make: Make) -> OfficialOperation:
    return OfficialOperation(Sender.NOBODY, make)
