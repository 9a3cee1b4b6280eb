"""Pure decisions about pushes: when to try again, when marketing keeps still, what a token may be."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from app.push.model import PushPlatform
from app.shared.settings.push import QuietHours

RETRY_PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
)
JITTER = 0.1
MAXIMUM_TRIES = 1 + len(RETRY_PAUSES)
LONGEST_RETRY_AFTER = timedelta(hours=1)
SERVICE_IS_NEWS_FOR = timedelta(hours=12)
MARKETING_IS_NEWS_FOR = timedelta(hours=24)

# A token of FCM is opaque; one of APNs is some bytes in hexadecimal, which become part of a path.
_TOKENS = {
    PushPlatform.FCM: re.compile(r"[A-Za-z0-9:_.-]{20,1000}", re.ASCII),
    PushPlatform.APNS: re.compile(r"[0-9a-fA-F]{64,200}", re.ASCII),
}


def is_token(platform: PushPlatform, text: str) -> bool:
    return _TOKENS[platform].fullmatch(text) is not None


def is_time_zone(name: str) -> bool:
    """Whether this names a time zone, as in `Asia/Tokyo`."""
    try:
        return len(name) <= 64 and bool(ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        return False


def next_try(tries: int, now: datetime, retry_after: timedelta | None, jitter: float) -> datetime | None:
    """When to try again after so many tries; None when it was the last one.

    The service's own wish counts, up to an hour. `jitter`, from 0 to 1, lengthens the pause by up to a tenth.
    """
    if tries >= MAXIMUM_TRIES:
        return None
    wanted = min(retry_after or timedelta(0), LONGEST_RETRY_AFTER)
    return now + max(RETRY_PAUSES[tries - 1], wanted) * (1 + JITTER * jitter)


def end_of_quiet(moment: datetime, zone: ZoneInfo, quiet: QuietHours) -> datetime:
    """The moment, or when the quiet hours are over that it falls into, in UTC by that zone's clock.

    A day on which the clock is put forward or back has its quiet hours by the clock too.
    """
    local = moment.astimezone(zone)
    over_midnight = quiet.begins > quiet.ends
    after_begin, before_end = local.time() >= quiet.begins, local.time() < quiet.ends
    is_quiet = (after_begin or before_end) if over_midnight else (after_begin and before_end)
    if not is_quiet:
        return moment
    day = local.date() + timedelta(days=1 if over_midnight and after_begin else 0)
    ends = datetime.combine(day, quiet.ends, zone)
    if ends.astimezone(UTC) <= moment.astimezone(UTC):
        ends = ends.replace(fold=1)  # it was over, but the clock went back and shows the same hours again
    return ends.astimezone(moment.tzinfo)
