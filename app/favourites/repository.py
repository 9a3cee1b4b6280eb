"""Favourites in MongoDB: a document for each member who marked anything."""

from collections.abc import Iterable, Mapping

from pymongo.errors import DuplicateKeyError

from app.favourites.model import FavouriteMark
from app.shared.mongodb.database import CollectionDefinition, ConcurrentChange, Database, Document, Session
from app.shared.mongodb.documents import BOOLEAN, MOMENT, STRING, at_least, document, list_of

FAVOURITES = CollectionDefinition(
    "favourites",
    validator=document(
        _id=STRING,  # the member
        version=at_least(1),
        marks=list_of(document(sku_id=STRING, is_favourite=BOOLEAN, marked_at=MOMENT)),
    ),
)


class FavouriteRepository:
    """Reads and writes favourites."""

    def __init__(self, database: Database) -> None:
        self._favourites = database.collection(FAVOURITES)

    async def get(self, member_id: str, session: Session = None) -> tuple[tuple[FavouriteMark, ...], int]:
        """Her marks, the newest first, and their version; 0 before there are any."""
        found = await self._favourites.find_one({"_id": member_id}, session=session)
        return (tuple(map(_mark_from, found["marks"])), found["version"]) if found else ((), 0)

    async def replace(
        self, member_id: str, version: int, marks: Iterable[FavouriteMark], session: Session
    ) -> None:
        """Writes the marks after this version; where others came first, the transaction runs again."""
        written: Document = {"version": version + 1, "marks": [_document_of(each) for each in marks]}
        if version == 0:
            try:
                await self._favourites.insert_one({"_id": member_id, **written}, session=session)
            except DuplicateKeyError:
                raise ConcurrentChange from None
            return
        query = {"_id": member_id, "version": version}
        if await self._favourites.find_one_and_update(query, {"$set": written}, session=session) is None:
            raise ConcurrentChange

    async def add_many(self, members: Mapping[str, Iterable[FavouriteMark]], session: Session) -> None:
        """Adds the marks of members who had none."""
        await self._favourites.insert_many(
            [
                {"_id": member_id, "version": 1, "marks": [_document_of(each) for each in marks]}
                for member_id, marks in members.items()
            ],
            session=session,
        )

    async def remove(self, member_id: str, session: Session) -> None:
        await self._favourites.delete_many({"_id": member_id}, session=session)


def _document_of(mark: FavouriteMark) -> Document:
    return {"sku_id": mark.sku_id, "is_favourite": mark.is_favourite, "marked_at": mark.marked_at}


def _mark_from(found: Document) -> FavouriteMark:
    return FavouriteMark(found["sku_id"], found["is_favourite"], found["marked_at"])
