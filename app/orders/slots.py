"""Pure decisions about pickup slots: made from a store's hours and what it can prepare."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.orders.model import SlotWindow
from app.stores.model import Store, StoreServiceKind
from app.stores.rules import openings_on

DAYS_AHEAD = 7


@dataclass(frozen=True, slots=True)
class Closure:
    """A stretch of time in which a store prepares nothing."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class PickupPolicy:
    """How a store prepares orders.

    `capacity` is in work units a slot, `lead_minutes` what an order needs before its slot begins,
    `grace_minutes` how long it waits after the slot's end. Until `paused_until`, no orders are taken.
    """

    slot_minutes: int = 15
    capacity: int = 20
    lead_minutes: int = 20
    grace_minutes: int = 120
    paused_until: datetime | None = None
    closures: tuple[Closure, ...] = ()


@dataclass(frozen=True, slots=True)
class PickupSlot:
    """A slot at this moment, with what is left of its capacity, in work units; `cut_off` ends its orders."""

    window: SlotWindow
    capacity: int
    left: int
    cut_off: datetime
    is_orderable: bool


def windows_on(store: Store, policy: PickupPolicy, day: date) -> Iterator[tuple[SlotWindow, datetime]]:
    """The slots that begin on this day of the store's calendar, each with its cut-off.

    They stand on the clock's grid, within the opening hours; the first comes when the lead time has
    passed since the store opened, so that every cut-off lies in its hours. A store without pickup has none.
    """
    if StoreServiceKind.PICKUP not in store.services:
        return
    step, lead = timedelta(minutes=policy.slot_minutes), timedelta(minutes=policy.lead_minutes)
    zone = ZoneInfo(store.time_zone)
    for opening in openings_on(store, day - timedelta(days=1), day):
        starts_at = _on_grid(opening.opens_at + lead, step)
        while starts_at + step <= opening.closes_at:
            if starts_at.astimezone(zone).date() == day and not _is_closed(policy, starts_at, step):
                yield SlotWindow(store.id, starts_at, starts_at + step), starts_at - lead
            starts_at += step


def find_window(
    store: Store, policy: PickupPolicy, starts_at: datetime
) -> tuple[SlotWindow, datetime] | None:
    """The slot that begins at this moment, with its cut-off; None when there is none."""
    day = starts_at.astimezone(ZoneInfo(store.time_zone)).date()
    return next((each for each in windows_on(store, policy, day) if each[0].starts_at == starts_at), None)


def is_orderable(policy: PickupPolicy, window: SlotWindow, cut_off: datetime, now: datetime) -> bool:
    """Whether orders for the slot are taken at this moment, if there is room in it."""
    is_paused = policy.paused_until is not None and now < policy.paused_until
    return not is_paused and now < cut_off and window.starts_at <= now + timedelta(days=DAYS_AHEAD)


def _on_grid(moment: datetime, step: timedelta) -> datetime:
    """The first moment from this one on that is a whole number of steps."""
    seconds = int(step.total_seconds())
    over = int(moment.timestamp()) % seconds
    return moment if over == 0 else moment + timedelta(seconds=seconds - over)


def _is_closed(policy: PickupPolicy, starts_at: datetime, step: timedelta) -> bool:
    return any(each.starts_at < starts_at + step and starts_at < each.ends_at for each in policy.closures)
