"""The roles of staff."""

from enum import StrEnum


class Role(StrEnum):
    """What a staff member does, and so what she may do."""

    COUNTER = "COUNTER"
    FLOOR = "FLOOR"
    STORE_MANAGER = "STORE_MANAGER"
    HEADQUARTERS = "HEADQUARTERS"
