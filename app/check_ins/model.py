"""A check-in: a visit to a store registered from the phone."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.shared.geo import GeoPoint


@dataclass(frozen=True, slots=True)
class GeoPosition:
    """Where a phone says it is, how sure it is of it, and when it measured that."""

    point: GeoPoint
    accuracy_meters: float
    measured_at: datetime
    is_mock: bool = False


@dataclass(frozen=True, slots=True)
class CheckInRequest:
    """A member's wish to check in."""

    store_id: str
    position: GeoPosition
    idempotency_key: str

    def fingerprint(self) -> dict[str, Any]:
        """The content that a repetition of the request must equal."""
        position = self.position
        return {
            "store_id": self.store_id,
            "latitude": position.point.latitude,
            "longitude": position.point.longitude,
            "accuracy_meters": position.accuracy_meters,
            "measured_at": position.measured_at.isoformat(),
            "is_mock": position.is_mock,
        }


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What became of a guest's check-ins: those a member took over and those she could not have made."""

    accepted: tuple["CheckIn", ...]
    declined: tuple["CheckIn", ...]

    @property
    def unearned_points(self) -> int:
        """Points that were awarded for what was declined."""
        return sum(check_in.points_awarded for check_in in self.declined)


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A check-in that was accepted: number `seq` of this member, on the store's calendar day."""

    id: str
    member_id: str
    seq: int
    store_id: str
    store_day: date
    checked_in_at: datetime
    position: GeoPosition
    distance_meters: float
    points_awarded: int
    point_balance: int
