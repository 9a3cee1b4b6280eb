"""Events, as partners see them. Readable by partners with the scope events:read."""

from datetime import datetime
from enum import Enum
from typing import Any, cast

import strawberry
from strawberry.scalars import JSON

from app.events import model
from app.events.publications import PUBLICATIONS

# One value for each type of event in the table, by the name that it has in webhooks too.
EventType: Any = strawberry.enum(
    cast(Any, Enum)(
        "EventType",
        {
            name: strawberry.enum_value(
                name, description=f"{publication.description} Wants the scope {publication.scope.value}."
            )
            for name, publication in sorted(PUBLICATIONS.items())
        },
    ),
    description="What happened, in the past tense, as it is called in webhooks too.",
)


@strawberry.type(
    description=(
        "A fact that is told to partners. Readable by partners with the scope events:read and that of its "
        "type; one that is limited to stores reads what happened at those."
    )
)
class Event:
    id: strawberry.ID = strawberry.field(
        description="Stable, and the `webhook-id` it is posted with: what comes twice can be told by it."
    )
    type: EventType = strawberry.field(description="What happened.")
    version: int = strawberry.field(
        description="The version of what `data` looks like for this type, from 1 on."
    )
    subject: strawberry.ID = strawberry.field(
        description="The id of what it happened to. The events of one subject are told in their order."
    )
    occurred_at: datetime = strawberry.field(description="When it happened.")
    data: JSON = strawberry.field(
        description="What there is to know, as the type says it. Never names, addresses or card numbers."
    )


def event_node(event: model.PublishedEvent) -> Event:
    return Event(
        id=strawberry.ID(event.id),
        type=EventType[event.type],
        version=event.version,
        subject=strawberry.ID(event.subject),
        occurred_at=event.occurred_at,
        data=cast(JSON, event.data),
    )
