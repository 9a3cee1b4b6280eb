"""What each change does to the lots, and the audit of a ledger."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.points import rules
from app.points.errors import (
    InsufficientPoints,
    PointAmountInvalid,
    PointBalanceLimit,
    PointLotLimit,
)
from app.points.model import PointAccount, PointChange, PointEntry, PointEntryKind, PointLot, PointLotUse
from tests.conftest import NOON_IN_TOKYO as NOW
from tests.examples import a_source

SOON, LATER = NOW + timedelta(days=10), NOW + timedelta(days=40)
TOKYO = ZoneInfo("Asia/Tokyo")


def account_with(*lots: tuple[datetime, int]) -> PointAccount:
    return PointAccount("member", 7, sum(amount for _, amount in lots), tuple(PointLot(*lot) for lot in lots))


def entry_of(account: PointAccount, change: PointChange) -> PointEntry:
    return rules.entry_for(account, change, f"entry-{account.seq + 1}", NOW)


@pytest.mark.parametrize(
    ("earned_at", "expires_at"),
    [
        ("2026-11-21T03:00:00", "2027-11-30T15:00:00"),
        ("2026-11-30T14:59:59", "2027-11-30T15:00:00"),  # the last second of November in Tokyo
        ("2026-11-30T15:00:00", "2027-12-31T15:00:00"),  # the first of December there
        ("2024-02-29T03:00:00", "2025-02-28T15:00:00"),
        ("2027-02-28T15:00:00", "2028-03-31T15:00:00"),  # the first of March there
    ],
)
def test_points_expire_as_the_month_ends_a_year_on(earned_at: str, expires_at: str) -> None:
    moment = datetime.fromisoformat(earned_at).replace(tzinfo=UTC)
    assert rules.expiry(moment, 12, TOKYO) == datetime.fromisoformat(expires_at).replace(tzinfo=UTC)


def test_a_month_ends_by_the_retailers_clock_in_summer_and_in_winter() -> None:
    new_york = ZoneInfo("America/New_York")
    november = datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert rules.expiry(november - timedelta(seconds=1), 12, new_york) == datetime(2027, 11, 1, 4, tzinfo=UTC)
    assert rules.expiry(november, 12, new_york) == datetime(2027, 12, 1, 5, tzinfo=UTC)


def test_earning_joins_the_lot_of_the_same_expiry() -> None:
    account = account_with((SOON, 10))
    entry = entry_of(account, rules.earn(account, 5, SOON, a_source(NOW)))
    assert entry.lots_after == (PointLot(SOON, 15),)
    assert entry.balance_after == 15
    assert entry.seq == 8


def test_lots_stand_in_the_order_of_their_expiry() -> None:
    account = account_with((LATER, 10))
    entry = entry_of(account, rules.earn(account, 5, SOON, a_source(NOW)))
    assert entry.lots_after == (PointLot(SOON, 5), PointLot(LATER, 10))


def test_spending_takes_what_expires_soonest_and_names_the_lots() -> None:
    account = account_with((SOON, 10), (LATER, 10))
    entry = entry_of(account, rules.spend(account, 13, a_source(NOW)))
    assert entry.amount == -13
    assert entry.lot_uses == (PointLotUse(SOON, -10), PointLotUse(LATER, -3))
    assert entry.lots_after == (PointLot(LATER, 7),)


def test_reversing_returns_the_points_to_their_lots() -> None:
    account = account_with((SOON, 10), (LATER, 10))
    spent = entry_of(account, rules.spend(account, 13, a_source(NOW)))
    returned = entry_of(spent.account, rules.reverse(spent.account, spent, a_source(NOW)))
    assert returned.lots_after == account.lots
    assert returned.balance_after == account.balance


def test_a_correction_may_take_or_give() -> None:
    account = account_with((SOON, 10))
    taken = entry_of(account, rules.adjust(account, -4, LATER, a_source(NOW)))
    given = entry_of(account, rules.adjust(account, 4, LATER, a_source(NOW)))
    assert taken.lots_after == (PointLot(SOON, 6),)
    assert given.lots_after == (PointLot(SOON, 10), PointLot(LATER, 4))


def test_a_lot_expires_at_its_moment_and_not_before() -> None:
    account = account_with((SOON, 10), (LATER, 10))
    assert rules.expire(account, SOON - timedelta(milliseconds=1)) == []
    (change,) = rules.expire(account, SOON)
    assert change.lot_uses == (PointLotUse(SOON, -10),)
    assert change.source.occurred_at == SOON
    assert len(rules.expire(account, LATER)) == 2


def test_more_than_the_balance_cannot_be_spent() -> None:
    with pytest.raises(InsufficientPoints) as refused:
        rules.spend(account_with((SOON, 10)), 11, a_source(NOW))
    assert refused.value.numbers == {"requested": 11, "balance": 10}


@pytest.mark.parametrize("amount", [0, -1, 1_000_001])
def test_amounts_have_bounds(amount: int) -> None:
    account = account_with((SOON, 10))
    with pytest.raises(PointAmountInvalid):
        rules.earn(account, amount, SOON, a_source(NOW))
    with pytest.raises(PointAmountInvalid):
        rules.spend(account, amount, a_source(NOW))


def test_a_correction_of_nothing_is_refused() -> None:
    with pytest.raises(PointAmountInvalid):
        rules.adjust(account_with((SOON, 10)), 0, SOON, a_source(NOW))


def test_the_balance_has_a_limit() -> None:
    account = account_with((SOON, rules.MAXIMUM_BALANCE))
    with pytest.raises(PointBalanceLimit):
        rules.earn(account, 1, SOON, a_source(NOW))


def test_the_number_of_lots_has_a_limit() -> None:
    lots = [(NOW + timedelta(days=day), 1) for day in range(rules.MAXIMUM_LOTS)]
    account = account_with(*lots)
    rules.earn(account, 1, lots[0][0], a_source(NOW))
    with pytest.raises(PointLotLimit):
        rules.earn(account, 1, NOW + timedelta(days=9999), a_source(NOW))


def sound_ledger() -> list[PointEntry]:
    account = PointAccount("member")
    first = entry_of(account, rules.earn(account, 10, SOON, a_source(NOW, "a")))
    second = entry_of(first.account, rules.earn(first.account, 5, LATER, a_source(NOW, "b")))
    third = entry_of(second.account, rules.spend(second.account, 12, a_source(NOW, "c")))
    return [first, second, third]


def test_a_sound_ledger_has_no_faults() -> None:
    assert rules.faults(sound_ledger()) == []


def test_the_audit_finds_a_missing_entry() -> None:
    first, _, third = sound_ledger()
    assert any("its number is 3" in fault for fault in rules.faults([first, third]))


def test_the_audit_finds_a_changed_amount() -> None:
    first, second, third = sound_ledger()
    found = rules.faults([first, replace(second, amount=6), third])
    assert any("do not add up to its amount" in fault for fault in found)
    assert any("the entries add up to" in fault for fault in found)


def test_the_audit_finds_changed_lots() -> None:
    first, second, third = sound_ledger()
    changed = replace(second, lots_after=(PointLot(SOON, 9), PointLot(LATER, 6)))
    assert any("do not follow" in fault for fault in rules.faults([first, changed, third]))


def test_the_audit_finds_a_negative_lot() -> None:
    first, second, third = sound_ledger()
    changed = replace(second, lots_after=(PointLot(SOON, 20), PointLot(LATER, -5)))
    assert any("empty or negative" in fault for fault in rules.faults([first, changed, third]))


def test_the_audit_finds_an_entry_of_the_wrong_sign_and_an_early_expiry() -> None:
    first, second, third = sound_ledger()
    taken = replace(third, kind=PointEntryKind.EARN)
    assert any("EARN of -12 points" in fault for fault in rules.faults([first, second, taken]))
    early = replace(third, kind=PointEntryKind.EXPIRE)
    assert any("before its time" in fault for fault in rules.faults([first, second, early]))


def test_the_audit_finds_a_reference_used_twice() -> None:
    first, second, third = sound_ledger()
    twice = replace(second, source=first.source)
    assert any("stands 2 times" in fault for fault in rules.faults([first, twice, third]))
