"""Staff. Readable by each of them herself, the manager of her store and headquarters."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from app.auth.roles import Role
from app.staff import model
from graphql_schema.auth.types import Tokens
from graphql_schema.columns import column
from graphql_schema.connections import Connection
from graphql_schema.context import Info
from graphql_schema.node import Node, encode_id
from graphql_schema.results import Rejected
from graphql_schema.stores.types import Store, load_stores

strawberry.enum(
    Role,
    description=(
        "What a staff member does: COUNTER and FLOOR work at one store, a STORE_MANAGER looks after one "
        "store with its counter, floor and devices, and HEADQUARTERS after all of them."
    ),
)


@strawberry.type(
    description=(
        "Somebody who works for the retailer. Readable by herself, her store's manager and headquarters."
    )
)
class StaffMember(Node):
    member: strawberry.Private[model.StaffMember]

    @property
    def staff_id(self) -> str:
        return self.member.id

    @property
    def store_id(self) -> str | None:
        return self.member.store_id

    @strawberry.field(description="What she signs in with: 4 to 12 digits and letters A to Z, hers alone.")
    def code(self) -> str:
        return self.member.code

    @strawberry.field(description="Her name, 1 to 40 characters.")
    def name(self) -> str:
        return self.member.name

    @strawberry.field(description="What she does.")
    def role(self) -> Role:
        return self.member.role

    @column(description="The store she works at; null at headquarters.")
    @staticmethod
    async def store(staff_members: Sequence["StaffMember"], info: Info) -> Sequence[Store | Exception | None]:
        return await load_stores([each.member.store_id for each in staff_members], info)

    @strawberry.field(description="The language we answer her in: `ja` or `en`.")
    def locale(self) -> str:
        return self.member.language.value

    @strawberry.field(description="When she was added.")
    def added_at(self) -> datetime:
        return self.member.added_at

    @strawberry.field(description="When she last signed in with her PIN; null before the first time.")
    def last_signed_in_at(self) -> datetime | None:
        return self.member.last_signed_in_at


StaffMemberConnection = Connection[StaffMember]


@strawberry.input(description="A staff member who wants to work on a device.")
class SignInStaffInput:
    device_token: str = strawberry.field(description="The secret that the device was given by `enrolDevice`.")
    staff_code: str = strawberry.field(description="Her staff code; small letters will do.")
    pin: str = strawberry.field(description="Her PIN, 6 to 12 digits.")


@strawberry.type(description="The shift has begun: for 12 hours at the most, however often it is refreshed.")
class StaffSignedIn(Tokens):
    staff_member: StaffMember = strawberry.field(description="Who signed in.")


@strawberry.input(description="A staff member to be.")
class AddStaffMemberInput:
    code: str = strawberry.field(
        description="What she signs in with: 4 to 12 digits and letters A to Z, nobody else's."
    )
    name: str = strawberry.field(description="1 to 40 characters that can be shown.")
    role: Role = strawberry.field(
        description="What she does. A store manager adds COUNTER and FLOOR, headquarters everybody."
    )
    store_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The store she works at; none for HEADQUARTERS. A manager may leave her own store out.",
    )
    pin: str = strawberry.field(
        description="Her first PIN: 6 to 12 digits, not all the same, not in a row such as 123456."
    )
    locale: str = strawberry.field(default="ja", description="`ja` or `en`.")


@strawberry.type(description="The staff member is added.")
class StaffMemberAdded:
    staff_member: StaffMember = strawberry.field(description="The new staff member.")


@strawberry.input(description="A PIN to be changed by the one whose it is.")
class ChangeStaffPinInput:
    old_pin: str = strawberry.field(description="The caller's PIN as it is.")
    new_pin: str = strawberry.field(
        description="6 to 12 digits, not all the same, not in a row such as 123456."
    )


@strawberry.type(description="The PIN is changed; the caller's sessions on other devices have ended.")
class StaffPinChanged:
    staff_member: StaffMember = strawberry.field(description="The caller.")


@strawberry.input(description="A PIN that was forgotten, or is known to somebody else.")
class ResetStaffPinInput:
    staff_member_id: strawberry.ID = strawberry.field(description="Whose PIN it is.")
    pin: str = strawberry.field(
        description="Her new PIN: 6 to 12 digits, not all the same, not in a row such as 123456."
    )


@strawberry.type(description="The PIN is another one; all sessions of the staff member have ended.")
class StaffPinReset:
    staff_member: StaffMember = strawberry.field(description="Whose PIN it is.")


@strawberry.input(description="A staff member to let go.")
class RemoveStaffMemberInput:
    staff_member_id: strawberry.ID = strawberry.field(description="Whom.")


@strawberry.type(description="The staff member is gone; her sessions are dead everywhere within 30 s.")
class StaffMemberRemoved:
    staff_member: StaffMember = strawberry.field(description="The staff member as she was.")


SignInStaffResult = Annotated[StaffSignedIn | Rejected, strawberry.union("SignInStaffResult")]
AddStaffMemberResult = Annotated[StaffMemberAdded | Rejected, strawberry.union("AddStaffMemberResult")]
ChangeStaffPinResult = Annotated[StaffPinChanged | Rejected, strawberry.union("ChangeStaffPinResult")]
ResetStaffPinResult = Annotated[StaffPinReset | Rejected, strawberry.union("ResetStaffPinResult")]
RemoveStaffMemberResult = Annotated[
    StaffMemberRemoved | Rejected, strawberry.union("RemoveStaffMemberResult")
]


def staff_member_node(member: model.StaffMember) -> StaffMember:
    return StaffMember(id=encode_id("StaffMember", member.id), member=member)
