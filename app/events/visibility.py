"""Which events a partner sees, and how it is shown them."""

from dataclasses import dataclass
from typing import Any

from app.auth.partners import Scope
from app.events.model import PublishedEvent, SequencedEvent
from app.events.publications import PARTNER_ID, PUBLICATIONS, STORE_ID, PublishedField
from app.shared.ids import opaque_id


@dataclass(frozen=True, slots=True)
class EventViewer:
    """A partner, as far as it decides on what it sees. `store_ids` of None stand for all stores."""

    partner_id: str
    scopes: frozenset[Scope]
    store_ids: frozenset[str] | None = None


def visible_types(viewer: EventViewer) -> tuple[list[str], list[str]]:
    """The types of events that the partner sees, and those of which it sees its own only."""
    if Scope.EVENTS_READ not in viewer.scopes:
        return [], []
    seen = {name: each for name, each in PUBLICATIONS.items() if each.scope in viewer.scopes}
    shared = [
        name
        for name, each in seen.items()
        if not each.is_own and (viewer.store_ids is None or each.names_a_store)
    ]
    return shared, [name for name, each in seen.items() if each.is_own]


def may_see(viewer: EventViewer, event: SequencedEvent) -> bool:
    """Whether the partner sees this event."""
    shared, own = visible_types(viewer)
    if event.type in own:
        return bool(event.data.get(PARTNER_ID) == viewer.partner_id)
    return event.type in shared and (viewer.store_ids is None or event.data.get(STORE_ID) in viewer.store_ids)


def published(event: SequencedEvent) -> PublishedEvent:
    """What is shown of an event whose type is in the table."""
    publication = PUBLICATIONS[event.type]
    return PublishedEvent(
        seq=event.seq,
        id=event.id,
        type=event.type,
        version=event.version,
        subject=opaque_id(publication.subject_type, _key_of(event.subject)),
        occurred_at=event.occurred_at,
        data={field.name: _shown(field, event.data.get(field.source)) for field in publication.fields},
    )


def _key_of(reference: str) -> str:
    """What follows the kind of object, as in `order:…`."""
    return reference.split(":", 1)[-1]


def _shown(field: PublishedField, value: Any) -> Any:
    if value is None or field.type_name is None:
        return value
    if field.is_reference:
        return opaque_id(field.type_name, _key_of(value))
    if isinstance(value, list):
        return [opaque_id(field.type_name, each) for each in value]
    return opaque_id(field.type_name, value)
