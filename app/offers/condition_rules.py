"""What a condition may say when it is saved; each refusal's path leads to the bad node."""

from collections.abc import Iterator, Mapping

from app.offers.conditions import (
    LONGEST_LOOK_BACK_DAYS,
    AbsentFor,
    AllOf,
    AnyOf,
    BetweenHours,
    BoughtAtLeast,
    Condition,
    InSegment,
    InterestedInBrand,
    InterestedInCategory,
    Leaf,
    MilesAtLeast,
    NearStore,
    NewWithin,
    Not,
    OnWeekdays,
    SeenWithin,
    SpentAtLeast,
    VisitsAtLeast,
)
from app.offers.errors import ConditionInvalid
from app.shared.errors import SeveralRefusals

MAXIMUM_DEPTH = 6
MAXIMUM_NODES = 60
MAXIMUM_AMOUNT = 1_000_000_000
MAXIMUM_TIMES = 400  # visits and purchases of a year that are among the facts
MAXIMUM_RADIUS_METERS = 100_000
MAXIMUM_NAME_LENGTH = 100

Path = tuple[str, ...]


def require_sound(condition: Condition | None, path: Path) -> None:
    """Raises SeveralRefusals with a ConditionInvalid for each bad node."""
    problems = list(_problems(condition, path, 1)) if condition is not None else []
    if condition is not None and _size(condition) > MAXIMUM_NODES:
        problems.append(_invalid(path, "条件は60個までです", "at most 60 nodes"))
    if problems:
        raise SeveralRefusals(problems)


def with_segments(condition: Condition, segments: Mapping[str, Condition]) -> Condition:
    """The condition with that of each segment in the place of its name."""
    match condition:
        case AllOf(conditions=conditions):
            return AllOf(tuple(with_segments(each, segments) for each in conditions))
        case AnyOf(conditions=conditions):
            return AnyOf(tuple(with_segments(each, segments) for each in conditions))
        case Not(condition=inner):
            return Not(with_segments(inner, segments))
        case InSegment(segment=segment):
            return segments.get(segment, condition)
        case _:
            return condition


def _size(condition: Condition) -> int:
    match condition:
        case AllOf(conditions=conditions) | AnyOf(conditions=conditions):
            return 1 + sum(map(_size, conditions))
        case Not(condition=inner):
            return 1 + _size(inner)
        case _:
            return 1


def _problems(condition: Condition, path: Path, depth: int) -> Iterator[ConditionInvalid]:
    if depth > MAXIMUM_DEPTH:
        yield _invalid(path, "条件の入れ子は6段までです", "at most 6 levels")
        return
    match condition:
        case AllOf(conditions=conditions) | AnyOf(conditions=conditions):
            name = "all" if isinstance(condition, AllOf) else "any"
            if not conditions:
                yield _invalid((*path, name), "条件が1つ以上必要です", "at least one condition")
            for number, each in enumerate(conditions):
                yield from _problems(each, (*path, name, str(number)), depth + 1)
        case Not(condition=inner):
            yield from _problems(inner, (*path, "not"), depth + 1)
        case _:
            problem = _leaf_problem(condition)
            if problem is not None:
                yield _invalid(path, *problem)


def _leaf_problem(leaf: Leaf) -> tuple[str, str] | None:
    """What is wrong with it, in Japanese and English."""
    match leaf:
        case SeenWithin(days=days) | AbsentFor(days=days) | NewWithin(days=days):
            return _outside(days, 1, LONGEST_LOOK_BACK_DAYS)
        case VisitsAtLeast(times=times, days=days) | BoughtAtLeast(times=times, days=days):
            return _outside(times, 1, MAXIMUM_TIMES) or _outside(days, 1, LONGEST_LOOK_BACK_DAYS)
        case SpentAtLeast(yen=yen, days=days):
            return _outside(yen, 1, MAXIMUM_AMOUNT) or _outside(days, 1, LONGEST_LOOK_BACK_DAYS)
        case MilesAtLeast(miles=miles):
            return _outside(miles, 1, MAXIMUM_AMOUNT)
        case NearStore(radius_meters=radius):
            return _outside(radius, 1, MAXIMUM_RADIUS_METERS)
        case BetweenHours(from_hour=from_hour, until_hour=until_hour):
            is_same = from_hour == until_hour
            return _outside(from_hour, 0, 23) or _outside(0 if is_same else until_hour, 1, 24)
        case OnWeekdays(weekdays=weekdays):
            return None if weekdays else ("曜日を1つ以上指定します", "at least one day of the week")
        case InterestedInCategory(category_id=name) | InterestedInBrand(brand=name) | InSegment(segment=name):
            return _outside(len(name), 1, MAXIMUM_NAME_LENGTH)
        case _:
            return None


def _outside(value: int, lowest: int, highest: int) -> tuple[str, str] | None:
    if lowest <= value <= highest:
        return None
    return f"{lowest}〜{highest}で指定します", f"{lowest} to {highest}"


def _invalid(path: Path, ja: str, en: str) -> ConditionInvalid:
    return ConditionInvalid(path=path, problem={"ja": ja, "en": en})
