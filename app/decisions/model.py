"""Decisions: which of the offers a member gets at a moment, and why not the others."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.offers.model import OfferMoment
from app.shared.geo import GeoPoint


@dataclass(frozen=True, slots=True)
class Moment:
    """That a member is where, or has done what, she may be given coupons for.

    `source` names it once and for all: whatever is tried again, it gives once. `category_ids` are what she
    stands beside.
    """

    kind: OfferMoment
    source: str
    member_id: str
    store_id: str | None = None
    place: GeoPoint | None = None
    category_ids: frozenset[str] = frozenset()


class Outcome(StrEnum):
    """What became of an offer at a moment."""

    GIVEN = "GIVEN"
    HELD_OUT = "HELD_OUT"
    OUTSCORED = "OUTSCORED"
    NOT_WORTH_IT = "NOT_WORTH_IT"
    CAPPED = "CAPPED"
    LIMIT_REACHED = "LIMIT_REACHED"
    NOT_HERE = "NOT_HERE"
    NO_CONSENT = "NO_CONSENT"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"


# What takes one of the places that a member has for coupons: who is held out would have got it.
CHOSEN = frozenset({Outcome.GIVEN, Outcome.HELD_OUT})


@dataclass(frozen=True, slots=True)
class Score:
    """Why an offer goes before others: `fit` from 0 to 1, `value` in yen, and `total`, fatigue included."""

    fit: float
    value: float
    total: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer that might be given. `refusal` is why it cannot be."""

    offer_id: str
    variant: str | None = None
    score: Score | None = None
    refusal: Outcome | None = None
    is_held_out: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a candidate."""

    offer_id: str
    outcome: Outcome
    variant: str | None = None
    score: Score | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided at a moment; its id is the moment's source.

    It names the member for as long as she allows personalization, and nobody otherwise. `fatigue` is how many
    coupons she had lately and has not used.
    """

    id: str
    moment: OfferMoment
    member_id: str | None
    store_id: str | None
    decided_at: datetime
    fatigue: int
    verdicts: tuple[Verdict, ...]

    def offers_with(self, outcome: Outcome) -> frozenset[str]:
        """The offers of which this became."""
        return frozenset(each.offer_id for each in self.verdicts if each.outcome is outcome)


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a member was given a coupon of an offer, or would have been but for being held out."""

    offer_id: str
    at: datetime
    is_held_out: bool


@dataclass(frozen=True, slots=True)
class GivenLately:
    """What a member was given lately, by which she is spared more. Version 0 is that of nothing yet."""

    member_id: str
    version: int
    receipts: tuple[Receipt, ...]


@dataclass(frozen=True, slots=True)
class Caps:
    """How many coupons a member is given without asking, on a day of the retailer and in seven days."""

    a_day: int
    a_week: int


def nearing_of(
    member_id: str, event_id: str, store_id: str, place: GeoPoint | None, category_ids: Iterable[str]
) -> Moment:
    """The moment of coming near a beacon, of which this event tells."""
    near = frozenset(category_ids)
    return Moment(OfferMoment.BEACON, f"beacon:{event_id}", member_id, store_id, place, near)
