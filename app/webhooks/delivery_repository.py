"""Webhook deliveries in MongoDB: claimed, tried, and listed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import DESCENDING, IndexModel

from app.shared.mongodb.database import CollectionDefinition, Database, Document, Session
from app.shared.mongodb.documents import MOMENT, STRING, Schema, at_least, document, list_of, nullable, one_of
from app.shared.paging import Page, PageRequest, page_of
from app.shared.processes.claims import ClaimQueue
from app.webhooks.model import (
    WebhookAnswer,
    WebhookAttempt,
    WebhookDelivery,
    WebhookDeliveryState,
    WebhookFailure,
)

KEPT_FOR = timedelta(days=30)
ATTEMPTS_KEPT = 20

PENDING = WebhookDeliveryState.PENDING.value

_ATTEMPT: Schema = document(
    attempted_at=MOMENT,
    milliseconds=at_least(0),
    status=nullable(at_least(0)),
    failure=nullable(one_of(WebhookFailure)),
    text=STRING,
)

WEBHOOK_DELIVERIES = CollectionDefinition(
    "webhook_deliveries",
    validator=document(
        _id=STRING,
        endpoint_id=STRING,
        partner_id=STRING,
        event_id=STRING,
        event_type=STRING,
        state=one_of(WebhookDeliveryState),
        due_at=nullable(MOMENT),
        claim=nullable(STRING),
        tries=at_least(0),
        attempts=list_of(_ATTEMPT),
        created_at=MOMENT,
    ),
    indexes=[
        # An event is delivered to an endpoint by one delivery, whoever adds it.
        IndexModel([("endpoint_id", 1), ("event_id", 1)], unique=True),
        IndexModel([("endpoint_id", 1), ("_id", 1)]),
        IndexModel([("state", 1), ("endpoint_id", 1), ("due_at", 1)]),
        IndexModel([("created_at", 1)], expireAfterSeconds=int(KEPT_FOR.total_seconds())),
    ],
)


class WebhookDeliveryRepository:
    """Reads and writes deliveries."""

    def __init__(self, database: Database) -> None:
        self._deliveries = database.collection(WEBHOOK_DELIVERIES)
        self._queue = ClaimQueue(self._deliveries, "endpoint_id")

    async def add_many(self, deliveries: Sequence[WebhookDelivery], session: Session = None) -> None:
        await self._deliveries.insert_many([_document_of(each) for each in deliveries], session=session)

    async def get(self, delivery_id: str, owner: str | None) -> WebhookDelivery | None:
        """The delivery; None when it is not this owner's, if one is named."""
        named = {"_id": delivery_id} if owner is None else {"_id": delivery_id, "partner_id": owner}
        found = await self._deliveries.find_one(named)
        return _delivery_from(found) if found else None

    async def page(self, endpoint_id: str, request: PageRequest) -> Page[WebhookDelivery]:
        """The endpoint's deliveries, the newest first."""
        query: Document = {"endpoint_id": endpoint_id}
        position = request.position(str)
        if position is not None:
            query["_id"] = {"$lt": position[0]}
        found = await self._deliveries.find(query, sort=[("_id", DESCENDING)], limit=request.first + 1)
        return page_of([(_delivery_from(each), (each["_id"],)) for each in found], request)

    async def due_endpoints(self, now: datetime) -> list[str]:
        """The endpoints that have something due."""
        return await self._queue.due_receivers(now)

    async def claim(self, endpoint_id: str, now: datetime, until: datetime) -> WebhookDelivery | None:
        """The delivery that has been due for the longest time: nobody else gets it before `until`."""
        found = await self._queue.claim(endpoint_id, now, until)
        return _delivery_from(found) if found else None

    async def finish(
        self,
        delivery: WebhookDelivery,
        state: WebhookDeliveryState,
        due_at: datetime | None,
        attempt: WebhookAttempt | None,
    ) -> None:
        """Ends the claim, with what came of it. Nothing is changed if somebody else has claimed it since."""
        changes: Document = {"$set": {"state": state.value, "due_at": due_at}}
        if attempt is not None:
            changes["$push"] = {"attempts": {"$each": [_attempt_document(attempt)], "$slice": -ATTEMPTS_KEPT}}
        await self._queue.finish(delivery.id, delivery.claim, changes)

    async def start_again(self, delivery_id: str, now: datetime, session: Session) -> bool:
        """Makes it due now; false when it is pending already, or gone."""
        found = await self._deliveries.find_one_and_update(
            {"_id": delivery_id, "state": {"$ne": PENDING}},
            {"$set": {"state": PENDING, "due_at": now, "tries": 0, "claim": None}},
            session=session,
        )
        return found is not None


def _attempt_document(attempt: WebhookAttempt) -> Document:
    answer = attempt.answer
    return {
        "attempted_at": attempt.attempted_at,
        "milliseconds": attempt.milliseconds,
        "status": answer.status,
        "failure": answer.failure.value if answer.failure else None,
        "text": answer.text,
    }


def _attempt_from(found: dict[str, Any]) -> WebhookAttempt:
    failure = WebhookFailure(found["failure"]) if found["failure"] else None
    answer = WebhookAnswer(found["status"], failure, found["text"])
    return WebhookAttempt(found["attempted_at"], found["milliseconds"], answer)


def _document_of(delivery: WebhookDelivery) -> Document:
    return {
        "_id": delivery.id,
        "endpoint_id": delivery.endpoint_id,
        "partner_id": delivery.partner_id,
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "state": delivery.state.value,
        "due_at": delivery.due_at,
        "claim": delivery.claim,
        "tries": delivery.tries,
        "attempts": [_attempt_document(each) for each in delivery.attempts],
        "created_at": delivery.created_at,
    }


def _delivery_from(found: dict[str, Any]) -> WebhookDelivery:
    return WebhookDelivery(
        id=found["_id"],
        endpoint_id=found["endpoint_id"],
        partner_id=found["partner_id"],
        event_id=found["event_id"],
        event_type=found["event_type"],
        state=WebhookDeliveryState(found["state"]),
        due_at=found["due_at"],
        tries=found["tries"],
        attempts=tuple(_attempt_from(each) for each in found["attempts"]),
        created_at=found["created_at"],
        claim=found["claim"],
    )
