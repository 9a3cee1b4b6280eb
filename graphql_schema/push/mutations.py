"""Having a device take pushes, and telling what became of them."""

import strawberry

from graphql_schema.context import Info
from graphql_schema.inbox.mutations import keys_of_messages
from graphql_schema.push.types import (
    ConfirmPushesInput,
    ConfirmPushesResult,
    PushDeviceRegistered,
    PushDeviceRemoved,
    PushesConfirmed,
    RegisterPushDeviceInput,
    RegisterPushDeviceResult,
    RemovePushDeviceResult,
)


@strawberry.type
class PushMutations:
    @strawberry.mutation(
        description=(
            "Has the device that asks take pushes: after each sign-in, and whenever its token has changed. "
            "For members."
        )
    )
    async def register_push_device(
        self, info: Info, input: RegisterPushDeviceInput
    ) -> RegisterPushDeviceResult:
        member = info.context.require_member()
        device = await info.context.services.push.register(
            member, input.platform, input.token, input.time_zone
        )
        return PushDeviceRegistered(registered_at=device.registered_at)

    @strawberry.mutation(description="Has the device that asks take no more pushes. For members.")
    async def remove_push_device(self, info: Info) -> RemovePushDeviceResult:
        await info.context.services.push.remove(info.context.require_member().session_id)
        return PushDeviceRemoved(removed_at=info.context.now)

    @strawberry.mutation(
        description="Tells that pushes were shown, or opened, all of them or none. For members."
    )
    async def confirm_pushes(self, info: Info, input: ConfirmPushesInput) -> ConfirmPushesResult:
        member_id = info.context.require_member().member_id
        unread = await info.context.services.inbox.confirm(
            member_id, keys_of_messages(input.message_ids), input.is_opened
        )
        return PushesConfirmed(unread_messages=unread)
