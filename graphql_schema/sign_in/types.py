"""Signing in by a code that is sent to an address."""

from datetime import datetime
from typing import Annotated

import strawberry

from app.messages.model import MessageChannel
from app.sign_in import model
from graphql_schema.auth.types import Tokens
from graphql_schema.members.types import Member
from graphql_schema.results import Rejected


@strawberry.input(description="An address to send a code to.")
class RequestSignInCodeInput:
    channel: MessageChannel = strawberry.field(description="How the code is sent.")
    destination: str = strawberry.field(
        description=(
            "An email address of at most 254 characters, or a mobile telephone number with its country "
            "(`+81 90 …`) or as it is dialled at home."
        )
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description=(
            "A secret that the app makes at random for this one wish, 22 to 128 printable ASCII characters: "
            "asked again with it, the same challenge is told and no other code sent, for 10 minutes."
        ),
    )


@strawberry.type(
    description="A code is on its way. The answer is the same whether the address is known or not."
)
class SignInCodeSent:
    challenge_id: strawberry.ID = strawberry.field(
        description="What `signIn` wants beside the code: a secret of the device that asked, told once."
    )
    expires_at: datetime = strawberry.field(description="Until when the code is good: 10 minutes.")


@strawberry.input(description="A code that was sent.")
class SignInInput:
    challenge_id: strawberry.ID = strawberry.field(description="From `requestSignInCode`.")
    code: str = strawberry.field(
        description="The 6 digits, full-width or with blanks if need be; 5 tries, one use."
    )
    device_name: str | None = strawberry.field(
        default=None, description="What the list of her sessions calls this device; 1 to 40 characters."
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description=(
            "Made by the app for this one wish, 8 to 128 printable ASCII characters. The same code given "
            "again with it opens no other session: the tokens of the first one are told again, for 10 "
            "minutes, until they are first renewed. A guest's token, which is dead by then, is left out."
        ),
    )


@strawberry.type(description="A guest became one with the member who signed in.")
class GuestMerge:
    points_moved: int = strawberry.field(
        description="The guest's points that are the member's now; below 0, a debt."
    )
    points_withdrawn: int = strawberry.field(
        description="Points of check-ins that the member could not have made herself, taken back."
    )
    check_ins_moved: int = strawberry.field(description="The guest's check-ins that are the member's now.")
    check_ins_declined: int = strawberry.field(
        description="The guest's check-ins that the member could not have made herself."
    )
    purchases_moved: int = strawberry.field(description="The guest's purchases that are the member's now.")
    orders_moved: int = strawberry.field(description="The guest's orders that are the member's now.")


@strawberry.type(description="The device is signed in.")
class MemberSignedIn(Tokens):
    member: Member = strawberry.field(description="Who signed in.")
    is_new: bool = strawberry.field(description="Whether the address was not known before.")
    merge: GuestMerge | None = strawberry.field(
        description="What of the calling guest went over to the member; null when there was nothing to merge."
    )


RequestSignInCodeResult = Annotated[SignInCodeSent | Rejected, strawberry.union("RequestSignInCodeResult")]
SignInResult = Annotated[MemberSignedIn | Rejected, strawberry.union("SignInResult")]


def merge_node(merge: model.GuestMerge) -> GuestMerge:
    return GuestMerge(
        points_moved=merge.points_moved,
        points_withdrawn=merge.points_withdrawn,
        check_ins_moved=merge.check_ins_moved,
        check_ins_declined=merge.check_ins_declined,
        purchases_moved=merge.purchases_moved,
        orders_moved=merge.orders_moved,
    )
