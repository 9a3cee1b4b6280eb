"""Histories of an account against a plain model: a list of single points, each with its expiry."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.points import rules
from app.points.errors import InsufficientPoints
from app.points.model import PointAccount, PointChange, PointEntry
from tests.conftest import NOON_IN_TOKYO
from tests.examples import a_source

HISTORIES = 1_000
amounts = st.integers(1, 60)
days_of_validity = st.integers(1, 30)
days_pending = st.integers(0, 12)


@dataclass(frozen=True, order=True)
class Point:
    """One point: the soonest to expire comes first, and of those the one that can be spent sooner."""

    expires_at: datetime
    available_at: datetime


class PointHistory(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = NOON_IN_TOKYO
        self.account = PointAccount("member")
        self.entries: list[PointEntry] = []
        self.spendings: list[tuple[PointEntry, list[Point]]] = []
        self.points: list[Point] = []
        self.debt = 0

    def write(self, change: PointChange) -> PointEntry:
        entry = rules.entry_for(self.account, change, f"entry-{len(self.entries)}", self.now)
        self.entries.append(entry)
        self.account = entry.account
        return entry

    def settle(self) -> None:
        self.account = rules.at(self.account, self.now)
        for change in rules.expire(self.account, self.now):
            self.write(change)
        self.points = [point for point in self.points if point.expires_at > self.now]

    def add(self, points: list[Point]) -> None:
        """A debt is filled first, from those that expire soonest."""
        filled = min(self.debt, len(points))
        self.debt -= filled
        self.points = sorted(self.points + sorted(points)[filled:])

    def spendable(self) -> list[Point]:
        return [point for point in self.points if point.available_at <= self.now]

    def take(self, amount: int) -> list[Point]:
        """Takes what can be spent first, then what is pending; what is not there is owed."""
        pending = [point for point in self.points if point.available_at > self.now]
        used = (self.spendable() + pending)[:amount]
        for point in used:
            self.points.remove(point)
        self.debt += amount - len(used)
        return used

    @rule(amount=amounts, days=days_of_validity, pending=days_pending)
    def earn(self, amount: int, days: int, pending: int) -> None:
        self.settle()
        available_at = self.now + timedelta(days=pending)
        expires_at = available_at + timedelta(days=days)
        change = rules.earn(self.account, amount, expires_at, a_source(self.now), available_at)
        self.write(change)
        self.add([Point(expires_at, available_at)] * amount)

    @rule(amount=amounts)
    def spend(self, amount: int) -> None:
        self.settle()
        if amount > len(self.spendable()):
            with pytest.raises(InsufficientPoints):
                rules.spend(self.account, amount, a_source(self.now))
            return
        entry = self.write(rules.spend(self.account, amount, a_source(self.now)))
        self.spendings.append((entry, self.take(amount)))

    @rule(amount=amounts)
    def debit(self, amount: int) -> None:
        self.settle()
        self.write(rules.debit(self.account, amount, a_source(self.now)))
        self.take(amount)

    @precondition(lambda self: self.spendings)
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        self.settle()
        number = data.draw(st.integers(0, len(self.spendings) - 1))
        spent, returned = self.spendings.pop(number)
        self.write(rules.reverse(self.account, spent, a_source(self.now)))
        self.add(returned)
        self.settle()

    @rule(amount=amounts, days=days_of_validity)
    def claw_back(self, amount: int, days: int) -> None:
        self.settle()
        own = self.now + timedelta(days=days)
        mine = [point for point in self.spendable() if point.expires_at == own][:amount]
        self.write(rules.claw_back(self.account, amount, own, None, a_source(self.now)))
        for point in mine:
            self.points.remove(point)
        self.take(amount - len(mine))

    @rule(amount=st.integers(-30, 30).filter(bool), days=days_of_validity)
    def adjust(self, amount: int, days: int) -> None:
        self.settle()
        expires_at = self.now + timedelta(days=days)
        if -amount > len(self.spendable()):
            with pytest.raises(InsufficientPoints):
                rules.adjust(self.account, amount, expires_at, a_source(self.now))
            return
        self.write(rules.adjust(self.account, amount, expires_at, a_source(self.now)))
        if amount < 0:
            self.take(-amount)
        else:
            self.add([Point(expires_at, self.now)] * amount)

    @rule(days=st.integers(1, 12))
    def let_days_pass(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.settle()

    @invariant()
    def entries_add_up_to_the_balance(self) -> None:
        total = sum(entry.amount for entry in self.entries)
        assert total == self.account.balance == len(self.points) - self.debt
        assert self.account.available == len(self.spendable()) - self.debt

    @invariant()
    def lots_are_those_of_the_model(self) -> None:
        known = Counter(
            (point.expires_at, point.available_at if point.available_at > self.now else None)
            for point in self.points
        )
        assert {(lot.expires_at, lot.available_at): lot.amount for lot in self.account.lots} == known

    @invariant()
    def the_audit_finds_nothing(self) -> None:
        assert rules.faults(self.entries) == []


TestPointHistories = PointHistory.TestCase
TestPointHistories.settings = settings(max_examples=HISTORIES, stateful_step_count=15, deadline=None)
