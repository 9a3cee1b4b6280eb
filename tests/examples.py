"""Plain examples that many tests start from."""

from datetime import datetime, timedelta
from typing import Any

from app.check_ins.model import CheckInRequest, GeoPosition
from app.inventory.model import ReportedMovement, StockKey, StockMovementKind
from app.members.rules import check_digit
from app.payments.model import PaymentMethod, PaymentRequest
from app.points.model import PointReason, PointSource
from app.shared.channels import Channel
from app.shared.geo import GeoPoint
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.shared.money import Currency, Money
from app.stores.model import Address, OpeningHours, Store, StoreServiceKind

UMEDA = GeoPoint(34.7025, 135.4959)
DEVICE_ID = "5f0c1c8a-7d0e-4b7e-9b1e-0d8f6f0f2a11"


def always_open() -> tuple[OpeningHours, ...]:
    return daily(0, 24 * 60)


def daily(opens: int, closes: int) -> tuple[OpeningHours, ...]:
    return tuple(OpeningHours(weekday, opens, closes) for weekday in range(7))


def is_member_number(text: str) -> bool:
    """Whether these are 16 digits whose last one checks the others."""
    return len(text) == 16 and text.isdigit() and text.isascii() and check_digit(text[:-1]) == text[-1]


def a_store(**changes: Any) -> Store:
    """A store at Umeda that is always open."""
    fields: dict[str, Any] = {
        "id": new_id(),
        "code": f"store-{new_id()}",
        "channel": Channel.STORE,
        "names": {Language.JA: "こはる 梅田店", Language.EN: "Koharu Umeda"},
        "kana": "こはる うめだてん",
        "address": Address(
            "530-0001", "JP", {Language.JA: "大阪府大阪市北区梅田", Language.EN: "Umeda, Kita-ku, Osaka"}
        ),
        "location": UMEDA,
        "radius_meters": 150,
        "time_zone": "Asia/Tokyo",
        "hours": always_open(),
        "services": frozenset({StoreServiceKind.PICKUP, StoreServiceKind.TRANSFER}),
    }
    return Store(**{**fields, **changes})


def a_position(measured_at: datetime, **changes: Any) -> GeoPosition:
    """A position right at Umeda."""
    fields: dict[str, Any] = {"point": UMEDA, "accuracy_meters": 10.0, "measured_at": measured_at}
    return GeoPosition(**{**fields, **changes})


def a_request(store: Store, now: datetime, key: str | None = None, **position: Any) -> CheckInRequest:
    """A wish to check in from within the store."""
    return CheckInRequest(
        store.id, a_position(now, **{"point": store.location, **position}), key or f"key-{new_id()}"
    )


def a_source(occurred_at: datetime, reference: str | None = None, **changes: Any) -> PointSource:
    return PointSource(reference or new_id(), PointReason.CHECK_IN, occurred_at, **changes)


def a_payment_wish(amount: int = 1000, **changes: Any) -> PaymentRequest:
    """A wish to pay yen by a card that is good."""
    fields: dict[str, Any] = {
        "reference": f"order:{new_id()}",
        "payer_id": "member",
        "method": PaymentMethod.CARD,
        "amount": Money(amount, Currency.JPY),
        "key": f"key-{new_id()}",
        "description": "Order 1",
        "card_token": "tok_ok",
    }
    return PaymentRequest(**{**fields, **changes})


def north_of(point: GeoPoint, meters: float) -> GeoPoint:
    """The place this far north: a degree of latitude is 111,319 m on MongoDB's sphere."""
    return GeoPoint(point.latitude + meters / 111_318.845, point.longitude)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def a_report(
    key: StockKey, kind: str, quantity: int, occurred_at: datetime, **changes: Any
) -> ReportedMovement:
    """A stock movement as a till or a stockroom reports it."""
    fields: dict[str, Any] = {"reference": new_id(), **changes}
    return ReportedMovement(key, StockMovementKind(kind), quantity, occurred_at=occurred_at, **fields)
