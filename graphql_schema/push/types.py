"""Devices that take pushes, and what they tell of them. For the member herself."""

from datetime import datetime
from typing import Annotated

import strawberry

from app.push.model import PushPlatform
from graphql_schema.results import Rejected

strawberry.enum(
    PushPlatform,
    description="By whose service a device is reached: FCM, Firebase Cloud Messaging; APNS, Apple's.",
)


@strawberry.input(description="The device that asks, as the service of push knows it.")
class RegisterPushDeviceInput:
    platform: PushPlatform = strawberry.field(description="By whose service it is reached.")
    token: str = strawberry.field(
        description=(
            "What that service gave the app: for FCM 20 to 1,000 letters, digits and : _ . - , for APNS 64 "
            "to 200 hexadecimal digits."
        )
    )
    time_zone: str | None = strawberry.field(
        default=None,
        description=(
            "The time zone of the device's clock, as in `Asia/Tokyo`, by which marketing keeps its quiet "
            "hours; without it, the retailer's."
        ),
    )


@strawberry.type(description="The device takes pushes, until its session ends.")
class PushDeviceRegistered:
    registered_at: datetime = strawberry.field(description="From when on.")


@strawberry.type(description="The device takes no pushes.")
class PushDeviceRemoved:
    removed_at: datetime = strawberry.field(description="From when on.")


@strawberry.input(description="Pushes that the device has shown.")
class ConfirmPushesInput:
    message_ids: list[strawberry.ID] = strawberry.field(
        description="The `messageId` of each push: 1 to 100 messages of her inbox."
    )
    is_opened: bool = strawberry.field(
        default=False, description="Whether she has opened them; they are read then."
    )


@strawberry.type(description="The pushes are counted as shown.")
class PushesConfirmed:
    unread_messages: int = strawberry.field(description="How many messages of her inbox are unread now.")


RegisterPushDeviceResult = Annotated[
    PushDeviceRegistered | Rejected, strawberry.union("RegisterPushDeviceResult")
]
RemovePushDeviceResult = Annotated[PushDeviceRemoved | Rejected, strawberry.union("RemovePushDeviceResult")]
ConfirmPushesResult = Annotated[PushesConfirmed | Rejected, strawberry.union("ConfirmPushesResult")]
