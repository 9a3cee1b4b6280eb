"""A member: a customer with a card."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from app.shared.i18n import Language
from app.shared.updates import UNCHANGED, Unchanged


class Rank(StrEnum):
    """The membership tier, from the lowest to the highest."""

    MEMBER = "MEMBER"
    SILVER = "SILVER"
    GOLD = "GOLD"
    PLATINUM = "PLATINUM"


@dataclass(frozen=True, slots=True)
class Profile:
    """What a member told us of herself; all of it is optional."""

    nickname: str | None = None
    birthday: date | None = None
    postal_code: str | None = None
    favourite_store_ids: tuple[str, ...] = ()
    favourite_categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProfileUpdate:
    """What a member wants her profile to say, as she wrote it."""

    nickname: str | Unchanged | None = UNCHANGED
    birthday: date | Unchanged | None = UNCHANGED
    postal_code: str | Unchanged | None = UNCHANGED
    favourite_store_ids: tuple[str, ...] | Unchanged | None = UNCHANGED
    favourite_categories: tuple[str, ...] | Unchanged | None = UNCHANGED
    locale: str | Unchanged = UNCHANGED


@dataclass(frozen=True, slots=True)
class RevokedCard:
    """The card of a guest who became one with a member."""

    number: str
    revoked_at: datetime


@dataclass(frozen=True, slots=True)
class YearMiles:
    """Miles that were earned in one calendar year of the retailer's time zone."""

    year: int
    miles: int


@dataclass(frozen=True, slots=True)
class Member:
    """A member as she is now, with the miles of the last years, the oldest first."""

    id: str
    number: str
    language: Language
    is_guest: bool
    registered_at: datetime
    profile: Profile = field(default_factory=Profile)
    mile_years: tuple[YearMiles, ...] = ()

    def miles_in(self, year: int) -> int:
        """The miles earned in a calendar year of the retailer's time zone."""
        for each in self.mile_years:
            if each.year == year:
                return each.miles
        return 0
