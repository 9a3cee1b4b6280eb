"""Carts in MongoDB: one document for each member who ever put something in."""

from dataclasses import replace

from pymongo.errors import DuplicateKeyError

from app.carts.model import Cart, CartLine
from app.carts.rules import MAXIMUM_QUANTITY
from app.shared.i18n import Language
from app.shared.mongodb.database import CollectionDefinition, ConcurrentChange, Database, Document, Session
from app.shared.mongodb.documents import MOMENT, STRING, at_least, between, document, list_of, nullable

CARTS = CollectionDefinition(
    "carts",
    validator=document(
        _id=STRING,  # the member
        version=at_least(1),
        store_id=nullable(STRING),
        lines=list_of(
            document(
                sku_id=STRING,
                quantity=between(1, MAXIMUM_QUANTITY),
                names={"bsonType": "object", "additionalProperties": STRING},
                put_in_at=MOMENT,
            )
        ),
        changed_at=MOMENT,
    ),
)


class CartRepository:
    """Reads and writes carts."""

    def __init__(self, database: Database) -> None:
        self._carts = database.collection(CARTS)

    async def get(self, member_id: str, session: Session = None) -> Cart:
        found = await self._carts.find_one({"_id": member_id}, session=session)
        return _cart_from(found) if found else Cart(member_id)

    async def replace(self, cart: Cart, session: Session) -> Cart:
        """Writes the next version of a cart; where somebody else was first, the transaction runs again."""
        after = replace(cart, version=cart.version + 1)
        changes = _document_of(after)
        query = {"_id": changes.pop("_id"), "version": cart.version}
        try:
            await self._carts.find_one_and_update(query, {"$set": changes}, upsert=True, session=session)
        except DuplicateKeyError:
            raise ConcurrentChange from None
        return after

    async def remove(self, member_id: str, session: Session) -> None:
        await self._carts.delete_many({"_id": member_id}, session=session)


def _document_of(cart: Cart) -> Document:
    return {
        "_id": cart.member_id,
        "version": cart.version,
        "store_id": cart.store_id,
        "lines": [
            {
                "sku_id": each.sku_id,
                "quantity": each.quantity,
                "names": {language.value: name for language, name in each.names.items()},
                "put_in_at": each.put_in_at,
            }
            for each in cart.lines
        ],
        "changed_at": cart.changed_at,
    }


def _cart_from(found: Document) -> Cart:
    return Cart(
        member_id=found["_id"],
        version=found["version"],
        store_id=found["store_id"],
        lines=tuple(
            CartLine(
                each["sku_id"],
                each["quantity"],
                {Language(language): name for language, name in each["names"].items()},
                each["put_in_at"],
            )
            for each in found["lines"]
        ),
        changed_at=found["changed_at"],
    )
