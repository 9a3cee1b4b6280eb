"""Pure decisions about interests: what an event is worth, and how the sums decay.

A sum is kept as it is worth at one moment. Each half-life halves it, so at any other moment it is one
multiplication away: nothing has to sweep over members, and late events find their place.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.interests.model import InterestAspect, InterestEvent, InterestEventKind, Interests

HALF_LIVES: Mapping[InterestAspect, timedelta] = {
    InterestAspect.CATEGORY: timedelta(days=60),
    InterestAspect.BRAND: timedelta(days=60),
    InterestAspect.SKU: timedelta(days=21),
    InterestAspect.STORE: timedelta(days=90),
}

# How many things of each aspect are kept for a member: those with the largest sums.
MAXIMUM_KEPT: Mapping[InterestAspect, int] = {
    InterestAspect.CATEGORY: 40,
    InterestAspect.BRAND: 40,
    InterestAspect.SKU: 100,
    InterestAspect.STORE: 20,
}

WEIGHTS: Mapping[InterestEventKind, float] = {
    InterestEventKind.VIEWED: 1.0,
    InterestEventKind.SEARCHED: 2.0,
    InterestEventKind.CHECKED_IN: 3.0,
    InterestEventKind.FAVOURITED: 4.0,
    InterestEventKind.UNFAVOURITED: -4.0,
    InterestEventKind.BOUGHT: 8.0,
    InterestEventKind.RETURNED: -8.0,
}

NO_INTERESTS = Interests(datetime(1970, 1, 1, tzinfo=UTC), {})


def with_events(interests: Interests, events: Iterable[InterestEvent]) -> Interests:
    """The sums with these events, which may be older or newer than what they hold already."""
    events = list(events)
    moments = [event.happened_at for event in events]
    as_of = max([interests.as_of, *moments])
    sums = _mutable(interests, as_of)
    for event in events:
        for aspect, key in event.aspects.items():
            weight = _worth(WEIGHTS[event.kind], aspect, event.happened_at, as_of)
            sums[aspect][key] = sums[aspect].get(key, 0.0) + weight
    return _bounded(as_of, sums)


def returned(bought: InterestEvent) -> InterestEvent:
    """What takes a purchase of goods back as if it had not been. That she was in the store stays true."""
    return replace(bought, id=f"{bought.id}:returned", kind=InterestEventKind.RETURNED, store_id=None)


def merged(one: Interests, other: Interests) -> Interests:
    """The sums of two members who turn out to be one."""
    as_of = max(one.as_of, other.as_of)
    sums = _mutable(one, as_of)
    for aspect, added in _mutable(other, as_of).items():
        for key, weight in added.items():
            sums[aspect][key] = sums[aspect].get(key, 0.0) + weight
    return _bounded(as_of, sums)


def liked(interests: Interests, aspect: InterestAspect, now: datetime) -> dict[str, float]:
    """What she likes and how much by now, the most first. 1 is worth a view at this moment."""
    sums = interests.sums.get(aspect, {})
    by_now = {key: _worth(weight, aspect, interests.as_of, now) for key, weight in sums.items()}
    return {
        key: by_now[key] for key in sorted(by_now, key=lambda key: (-by_now[key], key)) if by_now[key] > 0
    }


def _worth(weight: float, aspect: InterestAspect, at: datetime, moment: datetime) -> float:
    """What a weight of one moment is worth at another one; at an earlier one, it is worth more."""
    half_lives: float = (moment - at) / HALF_LIVES[aspect]
    return weight * math.pow(2.0, min(-half_lives, 64.0))


def _mutable(interests: Interests, as_of: datetime) -> dict[InterestAspect, dict[str, float]]:
    return {
        aspect: {
            key: _worth(weight, aspect, interests.as_of, as_of)
            for key, weight in interests.sums.get(aspect, {}).items()
        }
        for aspect in InterestAspect
    }


def _bounded(as_of: datetime, sums: Mapping[InterestAspect, Mapping[str, float]]) -> Interests:
    """The largest sums of each aspect. Dislikes count as well: what takes a mark away may come first."""
    return Interests(
        as_of,
        {
            aspect: {
                key: of_aspect[key]
                for key in sorted(of_aspect, key=lambda key: (-abs(of_aspect[key]), key))[
                    : MAXIMUM_KEPT[aspect]
                ]
            }
            for aspect, of_aspect in sums.items()
        },
    )
