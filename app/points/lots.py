"""Pure arithmetic of lots: what points that come and go do to them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from app.points.model import PointLot, PointLotUse

Lots = tuple[PointLot, ...]
LotUses = tuple[PointLotUse, ...]
LotKey = tuple[datetime, datetime | None]


def in_order(lots: Iterable[PointLot]) -> Lots:
    """The lots that expire soonest first; of those that expire together, the one that can be spent first."""
    return tuple(sorted(lots, key=_place))


def matured(lots: Iterable[PointLot], now: datetime) -> Lots:
    """The lots as they are by now: one whose time has come joins the lot that expires with it."""
    lots = tuple(lots)
    if not any(lot.available_at and lot.available_at <= now for lot in lots):
        return lots
    return _added_up(
        (replace(lot, available_at=None) if lot.available_at and lot.available_at <= now else lot)
        for lot in lots
    )


def lots_after(lots: Lots, uses: LotUses) -> Lots:
    """The lots after these uses; what is empty is gone."""
    return _added_up((*lots, *uses))


def taken(lots: Iterable[PointLot], amount: int) -> LotUses:
    """Takes points from these lots, one after the other, as far as they are there."""
    uses: list[PointLotUse] = []
    for lot in lots:
        here = min(lot.amount, amount)
        if here:
            uses.append(PointLotUse(lot.expires_at, -here, lot.available_at))
        amount -= here
    return tuple(uses)


def left_of(uses: LotUses, debt: int) -> LotUses:
    """What is left of added points when a debt was filled from them, by those that expire soonest."""
    left: list[PointLotUse] = []
    for use in uses:
        filling = min(use.amount, debt)
        debt -= filling
        if use.amount > filling:
            left.append(replace(use, amount=use.amount - filling))
    return tuple(left)


def _added_up(parts: Iterable[PointLot | PointLotUse]) -> Lots:
    amounts: Counter[LotKey] = Counter()
    for part in parts:
        amounts[part.expires_at, part.available_at] += part.amount
    return in_order(
        PointLot(expires_at, amount, available_at)
        for (expires_at, available_at), amount in amounts.items()
        if amount
    )


def _place(lot: PointLot) -> tuple[datetime, bool, datetime]:
    return lot.expires_at, lot.available_at is not None, lot.available_at or lot.expires_at
