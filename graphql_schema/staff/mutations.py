"""Signing in on a store's device, and looking after staff."""

import strawberry

from app.staff.model import NewStaffMember
from graphql_schema.context import Info
from graphql_schema.node import key_of, optional_key_of
from graphql_schema.staff.types import (
    AddStaffMemberInput,
    AddStaffMemberResult,
    ChangeStaffPinInput,
    ChangeStaffPinResult,
    RemoveStaffMemberInput,
    RemoveStaffMemberResult,
    ResetStaffPinInput,
    ResetStaffPinResult,
    SignInStaffInput,
    SignInStaffResult,
    StaffMemberAdded,
    StaffMemberRemoved,
    StaffPinChanged,
    StaffPinReset,
    StaffSignedIn,
    staff_member_node,
)

WHOM = ["input", "staffMemberId"]


@strawberry.type
class StaffMutations:
    @strawberry.mutation(
        description=(
            "Begins a shift on an enrolled device. After 5 wrong PINs with one code on one device, 20 with "
            "one code anywhere, or 20 on one device, one has to wait: 30 s, then twice as long each time, up "
            "to an hour. For everybody."
        )
    )
    async def sign_in_staff(self, info: Info, input: SignInStaffInput) -> SignInStaffResult:
        signed_in = await info.context.services.staff_sign_in.sign_in(
            input.device_token, input.staff_code, input.pin
        )
        info.context.let_in_ids.add(signed_in.member.id)
        return StaffSignedIn(
            staff_member=staff_member_node(signed_in.member),
            access_token=signed_in.signed_in.access_token,
            refresh_token=signed_in.signed_in.refresh_token,
            expires_at=signed_in.signed_in.expires_at,
        )

    @strawberry.mutation(
        description=(
            "Adds a staff member. For store managers, who add COUNTER and FLOOR at their own store, and "
            "headquarters."
        )
    )
    async def add_staff_member(self, info: Info, input: AddStaffMemberInput) -> AddStaffMemberResult:
        new = NewStaffMember(
            code=input.code,
            name=input.name,
            role=input.role,
            store_id=optional_key_of(input.store_id, "Store", ["input", "storeId"]),
            pin=input.pin,
            locale=input.locale,
        )
        member = await info.context.services.staff.add(info.context.require_staff(), new)
        return StaffMemberAdded(staff_member=staff_member_node(member))

    @strawberry.mutation(
        description="Changes the caller's PIN and ends her sessions on other devices. For staff."
    )
    async def change_staff_pin(self, info: Info, input: ChangeStaffPinInput) -> ChangeStaffPinResult:
        member = await info.context.services.staff_sign_in.change_pin(
            info.context.require_staff(), input.old_pin, input.new_pin
        )
        return StaffPinChanged(staff_member=staff_member_node(member))

    @strawberry.mutation(
        description=(
            "Gives a staff member another PIN, ends her sessions, and lets her try again at once. For store "
            "managers, for their own COUNTER and FLOOR, and headquarters."
        )
    )
    async def reset_staff_pin(self, info: Info, input: ResetStaffPinInput) -> ResetStaffPinResult:
        staff_id = key_of(input.staff_member_id, "StaffMember", WHOM)
        member = await info.context.services.staff.reset_pin(
            info.context.require_staff(), staff_id, input.pin
        )
        return StaffPinReset(staff_member=staff_member_node(member))

    @strawberry.mutation(
        description=(
            "Lets a staff member go; her tokens are dead within 30 s. For store managers, for their own "
            "COUNTER and FLOOR, and headquarters."
        )
    )
    async def remove_staff_member(self, info: Info, input: RemoveStaffMemberInput) -> RemoveStaffMemberResult:
        staff_id = key_of(input.staff_member_id, "StaffMember", WHOM)
        member = await info.context.services.staff.remove(info.context.require_staff(), staff_id)
        return StaffMemberRemoved(staff_member=staff_member_node(member))
