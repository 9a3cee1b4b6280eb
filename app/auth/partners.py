"""Partners: the systems that call us, such as tills, each with just the scopes it needs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pymongo import ASCENDING

from app.shared.database import CollectionDefinition, Database, Document
from app.shared.documents import MOMENT, STRING, document, list_of, one_of


class Scope(StrEnum):
    """What a partner may do."""

    CARDS_VERIFY = "cards:verify"
    SCHEMA_READ = "schema:read"


PARTNERS = CollectionDefinition(
    "partners",
    validator=document(
        _id=STRING,
        name=STRING,
        scopes=list_of(one_of(Scope)),
        secret_hashes=list_of(STRING),
        created_at=MOMENT,
    ),
)


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner; its id is the OAuth client id."""

    id: str
    name: str
    scopes: frozenset[Scope]
    secret_hashes: tuple[str, ...]
    created_at: datetime


class PartnerRepository:
    """Reads and writes partners."""

    def __init__(self, database: Database) -> None:
        self._partners = database.collection(PARTNERS)

    async def get(self, partner_id: str) -> Partner | None:
        found = await self._partners.find_one({"_id": partner_id})
        return _partner_from(found) if found else None

    async def lives(self, partner_id: str, now: datetime) -> bool:
        return await self.get(partner_id) is not None

    async def all(self) -> list[Partner]:
        """All partners by name; a retailer has dozens."""
        return [_partner_from(each) for each in await self._partners.find({}, sort=[("name", ASCENDING)])]

    async def add(self, partner: Partner) -> None:
        await self._partners.insert_one(_document_of(partner))

    async def add_secret(self, partner_id: str, secret_hash: str, live_secrets: int) -> bool:
        """Adds a secret and keeps the newest few; false when there is no such partner."""
        update = {"$push": {"secret_hashes": {"$each": [secret_hash], "$slice": -live_secrets}}}
        return await self._partners.find_one_and_update({"_id": partner_id}, update) is not None

    async def remove(self, partner_id: str) -> bool:
        """False when there is no such partner."""
        return await self._partners.delete_many({"_id": partner_id}) > 0


def _document_of(partner: Partner) -> Document:
    return {
        "_id": partner.id,
        "name": partner.name,
        "scopes": sorted(scope.value for scope in partner.scopes),
        "secret_hashes": list(partner.secret_hashes),
        "created_at": partner.created_at,
    }


def _partner_from(found: Document) -> Partner:
    return Partner(
        id=found["_id"],
        name=found["name"],
        scopes=frozenset(Scope(scope) for scope in found["scopes"]),
        secret_hashes=tuple(found["secret_hashes"]),
        created_at=found["created_at"],
    )
