"""The living card: a code that rotates, works offline and dies on first use."""

from dataclasses import dataclass
from datetime import datetime

from app.members.model import Rank


@dataclass(frozen=True, slots=True)
class CardCode:
    """What a device draws its card from. `secret` (base32) is given to it once, and is None afterwards."""

    secret: str | None
    current_code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Scanner:
    """Who scans a card and where: a partner, at a store if it named one, or a staff member's device.

    `verified_by` is as in `partner:…` or `staff:…`.
    """

    verified_by: str
    store_id: str | None
    device_id: str | None


@dataclass(frozen=True, slots=True)
class VerifiedCard:
    """What a till needs to know of the member in front of it, and no more. `nickname` may be missing.

    `verification_id` names this scan: a receipt may name its member by it.
    """

    verification_id: str
    member_number: str
    nickname: str | None
    rank: Rank
    points: int
    verified_at: datetime
