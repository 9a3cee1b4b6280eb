"""Partners: the systems that call us, such as tills, each with just the scopes it needs."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pymongo import ASCENDING, IndexModel

from app.shared.channels import Channel
from app.shared.mongodb.database import CollectionDefinition, Database, Document, Session
from app.shared.mongodb.documents import MOMENT, STRING, document, list_of, nullable, one_of
from app.shared.paging import Page, PageRequest, page_of
from app.shared.updates import UNCHANGED, Unchanged


class Scope(StrEnum):
    """What a partner may do."""

    CARDS_VERIFY = "cards:verify"
    CATALOG_WRITE = "catalog:write"
    STOCK_WRITE = "stock:write"
    COUPONS_REDEEM = "coupons:redeem"
    PURCHASES_WRITE = "purchases:write"
    CHECK_INS_READ = "check_ins:read"
    COUPONS_READ = "coupons:read"
    EVENTS_READ = "events:read"
    MEMBERS_READ = "members:read"
    ORDERS_READ = "orders:read"
    PAYMENTS_READ = "payments:read"
    PURCHASES_READ = "purchases:read"
    SCHEMA_READ = "schema:read"


PARTNERS = CollectionDefinition(
    "partners",
    validator=document(
        _id=STRING,
        name=STRING,
        scopes=list_of(one_of(Scope)),
        channels=nullable(list_of(one_of(Channel))),
        store_ids=nullable(list_of(STRING)),
        secret_hashes=list_of(STRING),
        created_at=MOMENT,
    ),
    indexes=[IndexModel([("name", 1), ("_id", 1)])],
)


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner; its id is the OAuth client id. None stands for all channels, or all stores."""

    id: str
    name: str
    scopes: frozenset[Scope]
    channels: frozenset[Channel] | None
    store_ids: frozenset[str] | None
    secret_hashes: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PartnerUpdate:
    """What shall become of a partner. For channels and stores, None takes the limit away."""

    name: str | Unchanged = UNCHANGED
    scopes: Set[Scope] | Unchanged = UNCHANGED
    channels: Set[Channel] | Unchanged | None = UNCHANGED
    store_ids: Set[str] | Unchanged | None = UNCHANGED


class PartnerRepository:
    """Reads and writes partners."""

    def __init__(self, database: Database) -> None:
        self._partners = database.collection(PARTNERS)

    async def get(self, partner_id: str, session: Session = None) -> Partner | None:
        found = await self._partners.find_one({"_id": partner_id}, session=session)
        return _partner_from(found) if found else None

    async def all(self) -> list[Partner]:
        """All partners by name; a retailer has dozens."""
        found = await self._partners.find({}, sort=[("name", ASCENDING), ("_id", ASCENDING)])
        return [_partner_from(each) for each in found]

    async def page(self, request: PageRequest) -> Page[Partner]:
        """Partners by name."""
        query: Document = {}
        position = request.position(str, str)
        if position is not None:
            name, partner_id = position
            query = {"$or": [{"name": {"$gt": name}}, {"name": name, "_id": {"$gt": partner_id}}]}
        found = await self._partners.find(query, sort=[("name", 1), ("_id", 1)], limit=request.first + 1)
        return page_of([(_partner_from(each), (each["name"], each["_id"])) for each in found], request)

    async def add(self, partner: Partner, session: Session) -> None:
        await self._partners.insert_one(_document_of(partner), session=session)

    async def change(self, partner_id: str, update: PartnerUpdate, session: Session) -> Partner | None:
        """The partner after the update; None when there is no such partner."""
        changes = _changes_of(update)
        if not changes:
            return await self.get(partner_id, session)
        found = await self._partners.find_one_and_update(
            {"_id": partner_id}, {"$set": changes}, session=session
        )
        return _partner_from(found) if found else None

    async def add_secret(
        self, partner_id: str, secret_hash: str, live_secrets: int, session: Session
    ) -> bool:
        """Adds a secret and keeps the newest few; false when there is no such partner."""
        update = {"$push": {"secret_hashes": {"$each": [secret_hash], "$slice": -live_secrets}}}
        return (
            await self._partners.find_one_and_update({"_id": partner_id}, update, session=session) is not None
        )

    async def remove(self, partner_id: str, session: Session) -> bool:
        """False when there is no such partner."""
        return await self._partners.delete_many({"_id": partner_id}, session=session) > 0


def _document_of(partner: Partner) -> Document:
    terms = PartnerUpdate(partner.name, partner.scopes, partner.channels, partner.store_ids)
    return {
        "_id": partner.id,
        **_changes_of(terms),
        "secret_hashes": list(partner.secret_hashes),
        "created_at": partner.created_at,
    }


def _changes_of(update: PartnerUpdate) -> Document:
    """The fields that the update names, in the form they are kept in."""
    given = {
        "name": update.name,
        "scopes": update.scopes,
        "channels": update.channels,
        "store_ids": update.store_ids,
    }
    return {
        name: sorted(str(each) for each in value) if isinstance(value, Set) else value
        for name, value in given.items()
        if not isinstance(value, Unchanged)
    }


def _partner_from(found: Document) -> Partner:
    channels, store_ids = found["channels"], found["store_ids"]
    return Partner(
        id=found["_id"],
        name=found["name"],
        scopes=frozenset(Scope(scope) for scope in found["scopes"]),
        channels=None if channels is None else frozenset(Channel(channel) for channel in channels),
        store_ids=None if store_ids is None else frozenset(store_ids),
        secret_hashes=tuple(found["secret_hashes"]),
        created_at=found["created_at"],
    )
