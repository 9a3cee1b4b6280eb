"""The stores' devices. Readable by the manager of their store and headquarters."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from app.staff import model
from graphql_schema.columns import column
from graphql_schema.connections import Connection
from graphql_schema.context import Info
from graphql_schema.node import Node, encode_id
from graphql_schema.repetition import KEY_OF_SECRET
from graphql_schema.results import Rejected
from graphql_schema.stores.types import Store, load_stores


@strawberry.type(
    description=(
        "A device that staff sign in on. Readable by its store's manager and headquarters, and once by the "
        "device itself."
    )
)
class StoreDevice(Node):
    device: strawberry.Private[model.StoreDevice]

    @property
    def device_id(self) -> str:
        return self.device.id

    @property
    def store_id(self) -> str | None:
        return self.device.store_id

    @strawberry.field(description="What it is called, 1 to 40 characters.")
    def name(self) -> str:
        return self.device.name

    @column(description="The store where it stands; null for headquarters' own.")
    @staticmethod
    async def store(devices: Sequence["StoreDevice"], info: Info) -> Sequence[Store | Exception | None]:
        return await load_stores([each.device.store_id for each in devices], info)

    @strawberry.field(description="When it was enrolled.")
    def enrolled_at(self) -> datetime:
        return self.device.enrolled_at

    @strawberry.field(description="When somebody last signed in on it; null before the first time.")
    def last_used_at(self) -> datetime | None:
        return self.device.last_used_at


StoreDeviceConnection = Connection[StoreDevice]


@strawberry.input(description="A device to be.")
class CreateEnrolmentCodeInput:
    device_name: str = strawberry.field(description="What it shall be called, 1 to 40 characters.")
    store_id: strawberry.ID | None = strawberry.field(
        default=None,
        description=(
            "Where it will stand. A manager may leave her own store out; for headquarters, none means a "
            "device of its own."
        ),
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_OF_SECRET)


@strawberry.type(description="The code to type into the device.")
class EnrolmentCodeCreated:
    code: str = strawberry.field(
        description=(
            "12 letters and digits in groups of four; good once. Shown this once: only its hash is kept."
        )
    )
    expires_at: datetime = strawberry.field(description="When the code expires: after 15 minutes.")


@strawberry.input(description="A device that has been given an enrolment code.")
class EnrolDeviceInput:
    code: str = strawberry.field(
        description="The enrolment code; small letters will do, hyphens and spaces do not matter."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_OF_SECRET)


@strawberry.type(description="The device is enrolled, and staff can sign in on it.")
class DeviceEnrolled:
    device_token: str = strawberry.field(
        description="For `signInStaff`. Given this once; keep it where the device keeps its keys."
    )
    device: StoreDevice = strawberry.field(description="The device.")


@strawberry.input(description="A device that nobody shall sign in on any more.")
class RevokeDeviceInput:
    device_id: strawberry.ID = strawberry.field(description="The device.")


@strawberry.type(
    description="The device and all sessions on it have ended; its tokens are dead everywhere within 30 s."
)
class DeviceRevoked:
    device: StoreDevice = strawberry.field(description="The device as it was.")


CreateEnrolmentCodeResult = Annotated[
    EnrolmentCodeCreated | Rejected, strawberry.union("CreateEnrolmentCodeResult")
]
EnrolDeviceResult = Annotated[DeviceEnrolled | Rejected, strawberry.union("EnrolDeviceResult")]
RevokeDeviceResult = Annotated[DeviceRevoked | Rejected, strawberry.union("RevokeDeviceResult")]


def store_device_node(device: model.StoreDevice) -> StoreDevice:
    return StoreDevice(id=encode_id("StoreDevice", device.id), device=device)
