"""Pure decisions about pickup slots: made from a store's hours and what it can prepare."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.orders.errors import ClosureInvalid, PickupPolicyInvalid, SlotMinutesInvalid, TooManyClosures
from app.orders.model import SlotWindow
from app.shared.errors import Refusal, SeveralRefusals
from app.shared.texts import normal_line
from app.stores.model import Store, StoreServiceKind
from app.stores.rules import DAYS_BACK, MINUTES_A_DAY, day_begins, open_stretches, store_day

DAYS_AHEAD = 7

# What a policy may say, from and to, in minutes, work units and orders.
SLOT_MINUTES = (5, 240)
CAPACITY = (0, 10_000)
LEAD_MINUTES = (0, 1_440)
GRACE_MINUTES = (0, 10_080)
NO_SHOWS = (0, 100)
MAXIMUM_CLOSURES = 100
CLOSED_DAYS_AHEAD = 400
REASON_MAXIMUM_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Closure:
    """A stretch of time in which a store prepares nothing, and why, for its staff."""

    starts_at: datetime
    ends_at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PickupPolicy:
    """How a store prepares orders. `version` grows with every change, pauses aside; 0 is as all stores begin.

    `capacity` is in work units a slot, `lead_minutes` what an order needs before its slot begins,
    `grace_minutes` how long it waits after the slot's end. A member who left
    `no_shows_until_payment_first` orders uncollected lately pays before; at 0 everybody does, at None
    nobody has to. Until `paused_until`, no orders are taken.
    """

    slot_minutes: int = 15
    capacity: int = 20
    lead_minutes: int = 20
    grace_minutes: int = 120
    no_shows_until_payment_first: int | None = 3
    paused_until: datetime | None = None
    closures: tuple[Closure, ...] = ()
    version: int = 0


@dataclass(frozen=True, slots=True)
class PickupSlot:
    """A slot at this moment, with what is left of its capacity, in work units; `cut_off` ends its orders."""

    window: SlotWindow
    capacity: int
    left: int
    cut_off: datetime
    is_orderable: bool


@dataclass(frozen=True, slots=True)
class WantedPlace:
    """A place of so many work units that somebody wants until a moment; `capacity` is the whole slot's."""

    window: SlotWindow
    owner: str
    weight: int
    until: datetime
    capacity: int


def checked_policy(policy: PickupPolicy, now: datetime) -> PickupPolicy:
    """The policy as it is kept: its closures in their order, those that are over left out.

    Raises SeveralRefusals with all that is outside its bounds.
    """
    problems: list[Refusal] = [
        PickupPolicyInvalid(path=["input", path], minimum=minimum, maximum=maximum)
        for path, value, (minimum, maximum) in (
            ("slotMinutes", policy.slot_minutes, SLOT_MINUTES),
            ("capacity", policy.capacity, CAPACITY),
            ("leadMinutes", policy.lead_minutes, LEAD_MINUTES),
            ("graceMinutes", policy.grace_minutes, GRACE_MINUTES),
            ("noShowsUntilPaymentFirst", policy.no_shows_until_payment_first, NO_SHOWS),
        )
        if value is not None and not minimum <= value <= maximum
    ]
    if not problems and MINUTES_A_DAY % policy.slot_minutes:
        problems.append(SlotMinutesInvalid(path=["input", "slotMinutes"]))
    if len(policy.closures) > MAXIMUM_CLOSURES:
        problems.append(TooManyClosures(path=["input", "closures"], maximum=MAXIMUM_CLOSURES))
        raise SeveralRefusals(problems)
    closures = [_checked_closure(each, now) for each in policy.closures]
    problems += [
        ClosureInvalid(
            path=["input", "closures", str(number)],
            maximum_days=CLOSED_DAYS_AHEAD,
            maximum_length=REASON_MAXIMUM_LENGTH,
        )
        for number, closure in enumerate(closures)
        if closure is None
    ]
    if problems:
        raise SeveralRefusals(problems)
    to_come = (each for each in closures if each is not None and each.ends_at > now)
    return replace(policy, closures=tuple(sorted(to_come, key=lambda each: (each.starts_at, each.ends_at))))


def _checked_closure(closure: Closure, now: datetime) -> Closure | None:
    """The closure with its reason in normal form; None for one that makes no sense."""
    latest = now + timedelta(days=CLOSED_DAYS_AHEAD)
    if not closure.starts_at < closure.ends_at <= latest:
        return None
    if closure.reason is None:
        return closure
    reason = normal_line(closure.reason, REASON_MAXIMUM_LENGTH)
    return replace(closure, reason=reason) if reason else None


def windows_on(store: Store, policy: PickupPolicy, day: date) -> Iterator[tuple[SlotWindow, datetime]]:
    """The slots that begin on this day of the store's calendar, each with its cut-off.

    They stand on the clock's grid, within the opening hours; the first comes when the lead time has
    passed since the store opened, so that every cut-off lies in its hours. Midnight is no break of them.
    A store without pickup has none.
    """
    if StoreServiceKind.PICKUP not in store.services:
        return
    step, lead = timedelta(minutes=policy.slot_minutes), timedelta(minutes=policy.lead_minutes)
    next_day = day + timedelta(days=1)
    begins, ends = day_begins(store, day), day_begins(store, next_day)
    # The first cut-off may lie in an opening that began so long before.
    first_day = store_day(store, begins - lead) - timedelta(days=DAYS_BACK)
    for stretch in open_stretches(store, first_day, next_day):
        starts_at = _on_grid(max(stretch.opens_at + lead, begins), step)
        while starts_at < ends and starts_at + step <= stretch.closes_at:
            if not _is_closed(policy, starts_at, step):
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
