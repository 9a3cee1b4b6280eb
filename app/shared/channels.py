"""The channels: the kinds of places through which a retailer meets its customers."""

from enum import StrEnum


class Channel(StrEnum):
    """Through which kind of place a customer meets the retailer."""

    STORE = "STORE"
    POPUP = "POPUP"
    ONLINE = "ONLINE"
    MARKETPLACE = "MARKETPLACE"
    SOCIAL = "SOCIAL"
