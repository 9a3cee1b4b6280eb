"""Reporting what members do in the app."""

import strawberry

from graphql_schema.context import Info
from graphql_schema.interests.types import EventsTracked, TrackEventsInput, TrackEventsResult


@strawberry.type
class InterestMutations:
    @strawberry.mutation(
        description=(
            "Takes what the member did in the app, once however often it is sent. Favourites are marked at "
            "any rate; nothing else is kept unless she allows PERSONALIZATION. For members, guests too."
        )
    )
    async def track_events(self, info: Info, input: TrackEventsInput) -> TrackEventsResult:
        member_id = info.context.require_member().member_id
        counts = await info.context.services.interests.track(member_id, input.to_model())
        return EventsTracked(
            taken=counts.taken,
            repeated=counts.repeated,
            ignored=counts.ignored,
            without_consent=counts.without_consent,
            without_place=counts.without_place,
        )
