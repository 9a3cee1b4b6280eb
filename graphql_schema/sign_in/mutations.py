"""Signing in by a code."""

import strawberry

from app.auth.actor import MemberActor
from app.sign_in.model import CodeGiven
from graphql_schema.context import Info
from graphql_schema.members.types import member_node
from graphql_schema.sign_in.types import (
    MemberSignedIn,
    RequestSignInCodeInput,
    RequestSignInCodeResult,
    SignInCodeSent,
    SignInInput,
    SignInResult,
    merge_node,
)


@strawberry.type
class SignInMutations:
    @strawberry.mutation(
        description=(
            "Sends a one-time code: to one address 5 an hour for one network and 15 in all; for one network "
            "as many as a setting says. For everybody."
        )
    )
    async def request_sign_in_code(
        self, info: Info, input: RequestSignInCodeInput
    ) -> RequestSignInCodeResult:
        context = info.context
        sent = await context.services.sign_in.send_code(
            input.channel, input.destination, context.network, context.language, input.idempotency_key
        )
        return SignInCodeSent(challenge_id=strawberry.ID(sent.challenge_id), expires_at=sent.expires_at)

    @strawberry.mutation(
        description=(
            "Signs in whoever gives the code that was sent, and makes her a member if she is none. For one "
            "address, 15 codes an hour may be tried from one network and 40 in all. With a "
            "guest's token the guest is signed up with her card and history, or merged into the member whose "
            "address it is; the guest's tokens are dead then. For everybody."
        )
    )
    async def sign_in(self, info: Info, input: SignInInput) -> SignInResult:
        context = info.context
        given = CodeGiven(input.challenge_id, input.code, context.network, input.idempotency_key)
        caller = context.actor if isinstance(context.actor, MemberActor) else None
        signed_in = await context.services.sign_in.sign_in(given, input.device_name, context.language, caller)
        context.let_in_member(signed_in.member, signed_in.tokens)
        return MemberSignedIn(
            member=member_node(signed_in.member),
            is_new=signed_in.is_new,
            merge=merge_node(signed_in.merge) if signed_in.merge else None,
            access_token=signed_in.tokens.access_token,
            refresh_token=signed_in.tokens.refresh_token,
            expires_at=signed_in.tokens.expires_at,
        )
