"""Segments: named sets of members, by rule."""

from dataclasses import dataclass
from datetime import datetime

from app.catalog.model import Texts
from app.offers.conditions import Condition


@dataclass(frozen=True, slots=True)
class Segment:
    """The members for whom a condition holds, at the moment when they are looked at."""

    code: str
    names: Texts
    condition: Condition
    changed_at: datetime
