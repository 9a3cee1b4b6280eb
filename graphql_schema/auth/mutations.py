"""Going on with a session, and ending it."""

import strawberry

from app.auth.actor import MemberActor, StaffActor
from graphql_schema.auth.types import (
    RefreshSessionInput,
    RefreshSessionResult,
    RevokeSessionInput,
    SessionRefreshed,
    SignedOut,
    SignOutResult,
    session_node,
)
from graphql_schema.context import Info
from graphql_schema.node import key_of


@strawberry.type
class AuthMutations:
    @strawberry.mutation(
        description=(
            "Exchanges a refresh token for new ones. The same token again within 10 s gets the same answer; "
            "later, its session ends. Wants no access token. For everybody."
        )
    )
    async def refresh_session(self, info: Info, input: RefreshSessionInput) -> RefreshSessionResult:
        signed_in = await info.context.services.sessions.refresh(input.refresh_token)
        return SessionRefreshed(
            access_token=signed_in.access_token,
            refresh_token=signed_in.refresh_token,
            expires_at=signed_in.expires_at,
        )

    @strawberry.mutation(description="Ends the session of this request. For members and staff.")
    async def sign_out(self, info: Info) -> SignOutResult:
        actor = info.context.require_session()
        await info.context.services.sessions.sign_out(actor.session_id)
        return await _what_is_left(info, actor)

    @strawberry.mutation(description="Ends all of the caller's sessions, this one too. For members.")
    async def sign_out_everywhere(self, info: Info) -> SignOutResult:
        actor = info.context.require_member()
        await info.context.services.sessions.end_all(actor.member_id)
        return await _what_is_left(info, actor)

    @strawberry.mutation(
        description="Ends one of the caller's sessions; its tokens are dead within 30 s. For members."
    )
    async def revoke_session(self, info: Info, input: RevokeSessionInput) -> SignOutResult:
        actor = info.context.require_member()
        session_id = key_of(input.session_id, "Session", ["input", "sessionId"])
        await info.context.services.sessions.end(actor.member_id, session_id)
        return await _what_is_left(info, actor)


async def _what_is_left(info: Info, actor: MemberActor | StaffActor) -> SignedOut:
    if isinstance(actor, StaffActor):
        return SignedOut(sessions=[])
    devices = await info.context.services.sessions.of_member(actor.member_id)
    return SignedOut(sessions=[session_node(device, actor.session_id) for device in devices])
