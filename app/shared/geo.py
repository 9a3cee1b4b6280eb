"""Places on the earth."""

import math
from dataclasses import dataclass

# The radius that MongoDB's $geoNear uses, so that both give the same distance.
EARTH_RADIUS_METERS = 6_378_100.0


@dataclass(frozen=True, slots=True)
class GeoPoint:
    """A place by its coordinates in degrees (WGS 84)."""

    latitude: float
    longitude: float

    @property
    def is_valid(self) -> bool:
        """Whether there is such a place: finite, latitude within ±90°, longitude within ±180°."""
        return -90.0 <= self.latitude <= 90.0 and -180.0 <= self.longitude <= 180.0


@dataclass(frozen=True, slots=True)
class Circle:
    """All that is so near to a place."""

    center: GeoPoint
    radius_meters: int


def distance_meters(one: GeoPoint, other: GeoPoint) -> float:
    """The distance over the ground in metres, by the haversine formula."""
    latitude_1, latitude_2 = math.radians(one.latitude), math.radians(other.latitude)
    half_latitude = (latitude_2 - latitude_1) / 2
    half_longitude = math.radians(other.longitude - one.longitude) / 2
    chord = (
        math.sin(half_latitude) ** 2
        + math.cos(latitude_1) * math.cos(latitude_2) * math.sin(half_longitude) ** 2
    )
    return 2 * EARTH_RADIUS_METERS * math.asin(min(1.0, math.sqrt(chord)))
