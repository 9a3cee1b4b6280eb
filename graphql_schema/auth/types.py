"""The devices that a member is signed in on. Readable by the member herself."""

from datetime import datetime
from typing import Annotated

import strawberry

from app.auth.sessions import MemberSession
from app.messages.model import MessageChannel
from app.sign_in.model import ProvenAddress
from graphql_schema.node import encode_id
from graphql_schema.results import Rejected


@strawberry.type(description="A device that is signed in. Readable by the member herself.")
class Session:
    owner_id: strawberry.Private[str]
    id: strawberry.ID = strawberry.field(description="Opaque and stable.")
    device_name: str | None = strawberry.field(description="What the device called itself.")
    created_at: datetime = strawberry.field(description="When it signed in.")
    last_used_at: datetime = strawberry.field(description="When it last got new tokens.")
    current: bool = strawberry.field(description="Whether this request came from it, or opened it.")


strawberry.enum(MessageChannel, description="A way by which messages reach people.")


@strawberry.type(description="An address by which the member signs in. Readable by the member herself.")
class SignInAddress:
    owner_id: strawberry.Private[str]
    channel: MessageChannel = strawberry.field(description="Email or SMS.")
    destination: str = strawberry.field(description="The email address, or the telephone number as E.164.")
    proven_at: datetime = strawberry.field(description="When she proved that it is hers.")


@strawberry.input(description="A session that wants new tokens.")
class RefreshSessionInput:
    refresh_token: str = strawberry.field(description="The session's newest refresh token.")


@strawberry.type
class Tokens:
    """The fields of every result that signs a device in."""

    access_token: str = strawberry.field(
        description="To be sent as `Authorization: Bearer …` until it expires. Readable once, by the caller."
    )
    refresh_token: str = strawberry.field(
        description="For `refreshSession`; takes the place of any before it. Readable once, by the caller."
    )
    expires_at: datetime = strawberry.field(description="When the access token expires.")


@strawberry.type(description="The session goes on.")
class SessionRefreshed(Tokens):
    pass


@strawberry.input(description="A session to end.")
class RevokeSessionInput:
    session_id: strawberry.ID = strawberry.field(description="One of the caller's own sessions.")


@strawberry.type(description="The session, or all of them, ended.")
class SignedOut:
    sessions: list[Session] = strawberry.field(
        description="The member's sessions that are left; none for staff."
    )


RefreshSessionResult = Annotated[SessionRefreshed | Rejected, strawberry.union("RefreshSessionResult")]
SignOutResult = Annotated[SignedOut | Rejected, strawberry.union("SignOutResult")]


def sign_in_address_node(proven: ProvenAddress, owner_id: str) -> SignInAddress:
    return SignInAddress(
        owner_id=owner_id,
        channel=proven.address.channel,
        destination=proven.address.destination,
        proven_at=proven.proven_at,
    )


def session_node(device: MemberSession, current_id: str) -> Session:
    return Session(
        owner_id=device.member_id,
        id=encode_id("Session", device.id),
        device_name=device.device_name,
        created_at=device.created_at,
        last_used_at=device.last_used_at,
        current=device.id == current_id,
    )
