"""Webhook endpoints in MongoDB."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bson import Binary
from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from app.shared.mongodb.database import CollectionDefinition, ConcurrentChange, Database, Document, Session
from app.shared.mongodb.documents import MOMENT, STRING, Schema, between, document, list_of, nullable, one_of
from app.shared.paging import Page, PageRequest, page_of
from app.webhooks.model import WebhookEndpoint, WebhookOffReason, WebhookSecret

MAXIMUM_ENDPOINTS = 10  # of one partner

_SECRET: Schema = document(key={"bsonType": "binData"}, signs_until=nullable(MOMENT))

WEBHOOK_ENDPOINTS = CollectionDefinition(
    "webhook_endpoints",
    validator=document(
        _id=STRING,
        partner_id=STRING,
        slot=between(1, MAXIMUM_ENDPOINTS),
        url=STRING,
        event_types=list_of(STRING),
        secrets=list_of(_SECRET),
        off_reason=nullable(one_of(WebhookOffReason)),
        failing_since=nullable(MOMENT),
        created_at=MOMENT,
    ),
    # However many are made at once, there is one for each of the partner's slots.
    indexes=[
        IndexModel([("partner_id", 1), ("slot", 1)], unique=True),
        IndexModel([("off_reason", 1)]),
    ],
)


class WebhookEndpointRepository:
    """Reads and writes endpoints."""

    def __init__(self, database: Database) -> None:
        self._endpoints = database.collection(WEBHOOK_ENDPOINTS)

    async def get(
        self, endpoint_id: str, owner: str | None = None, session: Session = None
    ) -> WebhookEndpoint | None:
        """The endpoint; None when it is not this owner's, if one is named."""
        named = {"_id": endpoint_id} if owner is None else {"_id": endpoint_id, "partner_id": owner}
        found = await self._endpoints.find_one(named, session=session)
        return _endpoint_from(found) if found else None

    async def page(self, partner_id: str, request: PageRequest) -> Page[WebhookEndpoint]:
        """The partner's endpoints, by their slots."""
        query: Document = {"partner_id": partner_id}
        position = request.position(int)
        if position is not None:
            query["slot"] = {"$gt": position[0]}
        found = await self._endpoints.find(query, sort=[("slot", ASCENDING)], limit=request.first + 1)
        return page_of([(_endpoint_from(each), (each["slot"],)) for each in found], request)

    async def slots(self, partner_id: str, session: Session) -> set[int]:
        """The slots that are taken."""
        found = await self._endpoints.find({"partner_id": partner_id}, session=session)
        return {each["slot"] for each in found}

    async def all_on(self, session: Session) -> list[WebhookEndpoint]:
        """All endpoints that are on: a retailer has dozens of partners, each with a few."""
        found = await self._endpoints.find({"off_reason": None}, session=session)
        return [_endpoint_from(each) for each in found]

    async def add(self, endpoint: WebhookEndpoint, session: Session) -> None:
        """Adds it; where another one took its slot first, the transaction runs again."""
        try:
            await self._endpoints.insert_one(_document_of(endpoint), session=session)
        except DuplicateKeyError:
            raise ConcurrentChange from None

    async def change(self, endpoint_id: str, changes: Document, session: Session) -> WebhookEndpoint | None:
        """Sets these fields; None when there is no such endpoint."""
        found = await self._endpoints.find_one_and_update(
            {"_id": endpoint_id}, {"$set": changes}, session=session
        )
        return _endpoint_from(found) if found else None

    async def set_secrets(
        self, endpoint_id: str, secrets: Sequence[WebhookSecret], session: Session
    ) -> WebhookEndpoint | None:
        changes = {"secrets": [_secret_document(each) for each in secrets]}
        return await self.change(endpoint_id, changes, session)

    async def note_failure(self, endpoint_id: str, now: datetime) -> WebhookEndpoint | None:
        """The endpoint, failing from now on if it did not before; None when it is gone."""
        found = await self._endpoints.find_one_and_update(
            {"_id": endpoint_id}, [{"$set": {"failing_since": {"$ifNull": ["$failing_since", now]}}}]
        )
        return _endpoint_from(found) if found else None

    async def note_success(self, endpoint_id: str) -> None:
        await self._endpoints.find_one_and_update({"_id": endpoint_id}, {"$set": {"failing_since": None}})

    async def switch_off(self, endpoint: WebhookEndpoint, reason: WebhookOffReason, session: Session) -> bool:
        """False when it is off or gone, or by now leads elsewhere or has answered."""
        unchanged = {"url": endpoint.url, "failing_since": endpoint.failing_since, "off_reason": None}
        found = await self._endpoints.find_one_and_update(
            {"_id": endpoint.id, **unchanged}, {"$set": {"off_reason": reason.value}}, session=session
        )
        return found is not None

    async def remove(self, endpoint_id: str, session: Session) -> bool:
        """False when there is no such endpoint."""
        return await self._endpoints.delete_many({"_id": endpoint_id}, session=session) > 0


def _secret_document(secret: WebhookSecret) -> Document:
    return {"key": Binary(secret.key), "signs_until": secret.signs_until}


def _document_of(endpoint: WebhookEndpoint) -> Document:
    return {
        "_id": endpoint.id,
        "partner_id": endpoint.partner_id,
        "slot": endpoint.slot,
        "url": endpoint.url,
        "event_types": list(endpoint.event_types),
        "secrets": [_secret_document(each) for each in endpoint.secrets],
        "off_reason": endpoint.off_reason.value if endpoint.off_reason else None,
        "failing_since": endpoint.failing_since,
        "created_at": endpoint.created_at,
    }


def _endpoint_from(found: dict[str, Any]) -> WebhookEndpoint:
    return WebhookEndpoint(
        id=found["_id"],
        partner_id=found["partner_id"],
        slot=found["slot"],
        url=found["url"],
        event_types=tuple(found["event_types"]),
        secrets=tuple(WebhookSecret(bytes(each["key"]), each["signs_until"]) for each in found["secrets"]),
        off_reason=WebhookOffReason(found["off_reason"]) if found["off_reason"] else None,
        failing_since=found["failing_since"],
        created_at=found["created_at"],
    )
