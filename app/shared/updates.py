"""Updates that name only what they change."""

from enum import Enum


class Unchanged(Enum):
    """Stands for a field that an update leaves as it is; None clears it."""

    UNCHANGED = "UNCHANGED"


UNCHANGED = Unchanged.UNCHANGED
