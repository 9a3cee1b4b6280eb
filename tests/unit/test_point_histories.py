"""Histories of an account against a plain model: a list of single points, each with its expiry."""

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


class PointHistory(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = NOON_IN_TOKYO
        self.account = PointAccount("member")
        self.entries: list[PointEntry] = []
        self.spendings: list[tuple[PointEntry, list[datetime]]] = []
        self.points: list[datetime] = []

    def write(self, change: PointChange) -> PointEntry:
        entry = rules.entry_for(self.account, change, f"entry-{len(self.entries)}", self.now)
        self.entries.append(entry)
        self.account = entry.account
        return entry

    def settle(self) -> None:
        for change in rules.expire(self.account, self.now):
            self.write(change)
        self.points = [expires_at for expires_at in self.points if expires_at > self.now]

    @rule(amount=amounts, days=days_of_validity)
    def earn(self, amount: int, days: int) -> None:
        self.settle()
        expires_at = self.now + timedelta(days=days)
        self.write(rules.earn(self.account, amount, expires_at, a_source(self.now)))
        self.points = sorted(self.points + [expires_at] * amount)

    @rule(amount=amounts)
    def spend(self, amount: int) -> None:
        self.settle()
        if amount > len(self.points):
            with pytest.raises(InsufficientPoints):
                rules.spend(self.account, amount, a_source(self.now))
            return
        entry = self.write(rules.spend(self.account, amount, a_source(self.now)))
        self.spendings.append((entry, self.points[:amount]))
        self.points = self.points[amount:]

    @precondition(lambda self: self.spendings)
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        self.settle()
        number = data.draw(st.integers(0, len(self.spendings) - 1))
        spent, returned = self.spendings.pop(number)
        self.write(rules.reverse(spent, a_source(self.now)))
        self.points = sorted(self.points + returned)
        self.settle()

    @rule(amount=st.integers(-30, 30).filter(bool), days=days_of_validity)
    def adjust(self, amount: int, days: int) -> None:
        self.settle()
        expires_at = self.now + timedelta(days=days)
        if -amount > len(self.points):
            with pytest.raises(InsufficientPoints):
                rules.adjust(self.account, amount, expires_at, a_source(self.now))
            return
        self.write(rules.adjust(self.account, amount, expires_at, a_source(self.now)))
        self.points = self.points[-amount:] if amount < 0 else sorted(self.points + [expires_at] * amount)

    @rule(days=st.integers(1, 12))
    def let_days_pass(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.settle()

    @invariant()
    def entries_add_up_to_the_balance(self) -> None:
        assert sum(entry.amount for entry in self.entries) == self.account.balance == len(self.points)

    @invariant()
    def lots_are_those_of_the_model(self) -> None:
        expected = [(expires_at, self.points.count(expires_at)) for expires_at in sorted(set(self.points))]
        assert [(lot.expires_at, lot.amount) for lot in self.account.lots] == expected

    @invariant()
    def the_audit_finds_nothing(self) -> None:
        assert rules.faults(self.entries) == []


TestPointHistories = PointHistory.TestCase
TestPointHistories.settings = settings(max_examples=HISTORIES, stateful_step_count=15, deadline=None)
