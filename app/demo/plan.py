"""How large the demo retailer is. The same plan loads the same data, whoever loads it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.shared.clock import midnight

MEMBERS_OF_A_PART = 300

Progress = Callable[[int, str], None]  # is told how many of what there are by now


def unseen(number: int, what: str) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """What is loaded. Members are loaded part by part, and each part is loaded whole or not at all."""

    now: datetime
    time_zone: ZoneInfo
    members: int
    stores: int
    skus: int
    seed: int

    @property
    def today(self) -> datetime:
        """The midnight at which the retailer's day began."""
        return midnight(self.now.astimezone(self.time_zone))

    @property
    def parts(self) -> int:
        return -(-self.members // MEMBERS_OF_A_PART)

    def members_of(self, part: int) -> int:
        """How many members the part has; the first is number 0, and the last may be smaller."""
        return min(MEMBERS_OF_A_PART, self.members - part * MEMBERS_OF_A_PART)

    def members_until(self, part: int) -> int:
        """How many members there are up to this part, and with it."""
        return min(self.members, (part + 1) * MEMBERS_OF_A_PART)
