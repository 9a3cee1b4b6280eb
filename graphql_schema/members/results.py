"""What registering and changing a profile answer."""

from typing import Annotated

import strawberry

from graphql_schema.auth.types import Tokens
from graphql_schema.members.types import Member
from graphql_schema.results import Rejected


@strawberry.type(description="The device has its card and is signed in.")
class GuestRegistered(Tokens):
    member: Member = strawberry.field(description="The guest.")


@strawberry.type(description="The profile is changed.")
class ProfileUpdated:
    member: Member = strawberry.field(description="The member as she is now.")


RegisterGuestResult = Annotated[GuestRegistered | Rejected, strawberry.union("RegisterGuestResult")]
UpdateProfileResult = Annotated[ProfileUpdated | Rejected, strawberry.union("UpdateProfileResult")]
