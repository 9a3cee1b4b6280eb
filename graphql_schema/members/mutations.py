"""Getting a card and keeping one's profile."""

from collections.abc import Sequence

import strawberry

from app.members.model import ProfileUpdate
from graphql_schema.context import Info
from graphql_schema.members.inputs import RegisterGuestInput, UpdateProfileInput
from graphql_schema.members.results import (
    GuestRegistered,
    ProfileUpdated,
    RegisterGuestResult,
    UpdateProfileResult,
)
from graphql_schema.members.types import member_node
from graphql_schema.node import key_of
from graphql_schema.updates import kept, kept_or_unchanged


@strawberry.type
class MemberMutations:
    @strawberry.mutation(
        description=(
            "Gives a device its card and tokens. Called again, it finds the same guest and gives new tokens. "
            "New guests of one network are limited, to as many an hour as a setting says. For everybody."
        )
    )
    async def register_guest(self, info: Info, input: RegisterGuestInput) -> RegisterGuestResult:
        context = info.context
        registered = await context.services.members.register_guest(
            input.device_id, input.locale, context.language, context.network, input.device_name
        )
        context.let_in_member(registered.member, registered.signed_in)
        return GuestRegistered(
            member=member_node(registered.member),
            access_token=registered.signed_in.access_token,
            refresh_token=registered.signed_in.refresh_token,
            expires_at=registered.signed_in.expires_at,
        )

    @strawberry.mutation(
        description="Changes what the caller's profile says, all of it or nothing. For members."
    )
    async def update_profile(self, info: Info, input: UpdateProfileInput) -> UpdateProfileResult:
        member_id = info.context.require_member().member_id
        update = ProfileUpdate(
            nickname=kept(input.nickname, lambda text: text),
            birthday=kept(input.birthday, lambda day: day),
            postal_code=kept(input.postal_code, lambda text: text),
            favourite_store_ids=kept(input.favourite_store_ids, _store_keys),
            favourite_categories=kept(input.favourite_categories, tuple),
            locale=kept_or_unchanged(input.locale, lambda locale: locale),
        )
        return ProfileUpdated(
            member=member_node(await info.context.services.members.update_profile(member_id, update))
        )


def _store_keys(store_ids: Sequence[strawberry.ID]) -> tuple[str, ...]:
    return tuple(key_of(store_id, "Store", ["input", "favouriteStoreIds"]) for store_id in store_ids)
