"""Check-ins as MongoDB keeps them, the accepted and the refused ones."""

from datetime import date
from typing import Any

from app.check_ins.model import CheckIn, GeoPosition
from app.coupons.facts import Visit
from app.shared.events import CARRIED
from app.shared.geo import GeoPoint
from app.shared.mongodb.collection import Document
from app.shared.mongodb.documents import (
    BOOLEAN,
    MOMENT,
    NUMBER,
    OBJECT,
    STRING,
    WHOLE_NUMBER,
    Schema,
    at_least,
    document,
    list_of,
    one_of,
    with_optional,
)

_POSITION: Schema = document(
    location=document(type=one_of(["Point"]), coordinates=list_of(NUMBER)),
    accuracy_meters=NUMBER,
    measured_at=MOMENT,
    is_mock=BOOLEAN,
)

ACCEPTED = with_optional(
    document(
        _id=STRING,
        member_id=STRING,
        seq=at_least(1),
        store_id=STRING,
        store_day=STRING,
        checked_in_at=MOMENT,
        position=_POSITION,
        distance_meters=NUMBER,
        points_awarded=at_least(0),
        point_balance=WHOLE_NUMBER,
    ),
    input_hash=STRING,
    **CARRIED,
)
REFUSED = document(
    _id=STRING,
    member_id=STRING,
    seq=STRING,
    store_id=STRING,
    store_day=STRING,
    refused_at=MOMENT,
    refusal=OBJECT,
    position=OBJECT,
    input_hash=STRING,
)


def document_of(check_in: CheckIn) -> Document:
    position = check_in.position
    return {
        "_id": check_in.id,
        "member_id": check_in.member_id,
        "seq": check_in.seq,
        "store_id": check_in.store_id,
        "store_day": check_in.store_day.isoformat(),
        "checked_in_at": check_in.checked_in_at,
        "position": {
            "location": {"type": "Point", "coordinates": [position.point.longitude, position.point.latitude]},
            "accuracy_meters": position.accuracy_meters,
            "measured_at": position.measured_at,
            "is_mock": position.is_mock,
        },
        "distance_meters": check_in.distance_meters,
        "points_awarded": check_in.points_awarded,
        "point_balance": check_in.point_balance,
    }


def visit_from(found: Document) -> Visit:
    longitude, latitude = found["coordinates"]
    return Visit(found["at"], GeoPoint(latitude, longitude))


def evidence_of(position: GeoPosition) -> Document:
    """The position as the phone gave it, though it may be no place at all."""
    return {
        "latitude": position.point.latitude,
        "longitude": position.point.longitude,
        "accuracy_meters": position.accuracy_meters,
        "measured_at": position.measured_at,
        "is_mock": position.is_mock,
    }


def check_in_from(found: Document) -> CheckIn:
    position: dict[str, Any] = found["position"]
    longitude, latitude = position["location"]["coordinates"]
    return CheckIn(
        id=found["_id"],
        member_id=found["member_id"],
        seq=found["seq"],
        store_id=found["store_id"],
        store_day=date.fromisoformat(found["store_day"]),
        checked_in_at=found["checked_in_at"],
        position=GeoPosition(
            GeoPoint(latitude, longitude),
            position["accuracy_meters"],
            position["measured_at"],
            position["is_mock"],
        ),
        distance_meters=found["distance_meters"],
        points_awarded=found["points_awarded"],
        point_balance=found["point_balance"],
    )
