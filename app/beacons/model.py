"""Beacons: small senders in a store that tell a phone what it stands beside."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class BeaconKey:
    """What a beacon sends (iBeacon): the retailer's UUID, and two numbers from 0 to 65,535."""

    uuid: str
    major: int
    minor: int

    @property
    def text(self) -> str:
        return f"{self.uuid.lower()}/{self.major}/{self.minor}"


@dataclass(frozen=True, slots=True)
class Beacon:
    """A beacon at a store, and the categories and SKUs that stand near it."""

    key: BeaconKey
    store_id: str
    category_ids: tuple[str, ...] = ()
    sku_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BeaconSighting:
    """That a phone received a beacon, how strongly in dBm (nearer to 0 is nearer), and when."""

    key: BeaconKey
    rssi: int
    at: datetime


class BeaconMoment(StrEnum):
    """What a sighting means: she came near, she stays near, or nothing new."""

    ENTERED = "ENTERED"
    DWELT = "DWELT"
    NOTHING = "NOTHING"


@dataclass(frozen=True, slots=True)
class BeaconSight:
    """What a sighting means, for which beacon, and the event that tells of it."""

    moment: BeaconMoment
    beacon: Beacon | None = None
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class BeaconVisit:
    """A member's stay near a beacon."""

    beacon: str
    entered_at: datetime
    last_seen_at: datetime
    has_dwelt: bool = False
