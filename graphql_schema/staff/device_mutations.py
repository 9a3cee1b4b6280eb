"""Enrolling the stores' devices and revoking them."""

import strawberry

from graphql_schema.context import Info
from graphql_schema.node import key_of, optional_key_of
from graphql_schema.repetition import request_of
from graphql_schema.staff.device_types import (
    CreateEnrolmentCodeInput,
    CreateEnrolmentCodeResult,
    DeviceEnrolled,
    DeviceRevoked,
    EnrolDeviceInput,
    EnrolDeviceResult,
    EnrolmentCodeCreated,
    RevokeDeviceInput,
    RevokeDeviceResult,
    store_device_node,
)


@strawberry.type
class StoreDeviceMutations:
    @strawberry.mutation(
        description=(
            "Makes a code that enrols one device within 15 minutes. For store managers, at their own store, "
            "and headquarters."
        )
    )
    async def create_enrolment_code(
        self, info: Info, input: CreateEnrolmentCodeInput
    ) -> CreateEnrolmentCodeResult:
        made = await info.context.services.store_devices.create_enrolment_code(
            info.context.require_staff(),
            optional_key_of(input.store_id, "Store", ["input", "storeId"]),
            input.device_name,
            request_of(info, "createEnrolmentCode", input),
        )
        return EnrolmentCodeCreated(code=made.code, expires_at=made.expires_at)

    @strawberry.mutation(
        description=(
            "Enrols a device by its code, which is used up. A network has 100 tries an hour. For everybody."
        )
    )
    async def enrol_device(self, info: Info, input: EnrolDeviceInput) -> EnrolDeviceResult:
        device, token = await info.context.services.store_devices.enrol(
            input.code, info.context.network, input.idempotency_key
        )
        info.context.let_in_ids.add(device.id)
        return DeviceEnrolled(device_token=token, device=store_device_node(device))

    @strawberry.mutation(
        description=(
            "Ends a device with all sessions on it; its tokens are dead within 30 s. For store managers, at "
            "their own store, and headquarters."
        )
    )
    async def revoke_device(self, info: Info, input: RevokeDeviceInput) -> RevokeDeviceResult:
        device_id = key_of(input.device_id, "StoreDevice", ["input", "deviceId"])
        device = await info.context.services.store_devices.revoke(info.context.require_staff(), device_id)
        return DeviceRevoked(device=store_device_node(device))
