"""Search histories in MongoDB: a document for each member, kept short by the write that adds a search.

It is there for as long as the member allows personalization: what is searched without it finds no document.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from app.search_history.model import Search
from app.search_history.rules import MAXIMUM_SEARCHES
from app.shared.mongodb.database import CollectionDefinition, ConcurrentChange, Database, Document, Session
from app.shared.mongodb.documents import MOMENT, STRING, document, list_of, nullable
from app.shared.mongodb.reading import Reading

SEARCH_HISTORIES = CollectionDefinition(
    "search_histories",
    validator=document(
        _id=STRING,  # the member
        searches=list_of(
            document(
                key=STRING,
                words=STRING,
                category_id=nullable(STRING),
                brands=list_of(STRING),
                searched_at=MOMENT,
            )
        ),
    ),
    indexes=[IndexModel([("searches.searched_at", 1)])],
)


class SearchHistoryRepository:
    """Reads and writes search histories."""

    def __init__(self, database: Database) -> None:
        self._histories = database.collection(SEARCH_HISTORIES)

    async def get(self, member_id: str, session: Session = None) -> list[Search] | None:
        """Her searches, the newest first; None without a history."""
        found = await self._histories.find_one({"_id": member_id}, session=session)
        return [_search_from(each) for each in found["searches"]] if found else None

    def reading(self, member_ids: Sequence[str]) -> Reading[dict[str, list[Search]]]:
        """The searches of those of these members who have a history, the newest first."""
        return Reading(
            SEARCH_HISTORIES,
            [{"$match": {"_id": {"$in": list(member_ids)}}}],
            lambda found: {each["_id"]: [_search_from(one) for one in each["searches"]] for each in found},
        )

    async def between(self, begins: datetime, ends: datetime) -> dict[str, list[Search]]:
        """The searches from then until just before, by member."""
        span = {"$gte": begins, "$lt": ends}
        found = await self._histories.find({"searches": {"$elemMatch": {"searched_at": span}}})
        return {
            each["_id"]: [
                search
                for search in map(_search_from, each["searches"])
                if begins <= search.searched_at < ends
            ]
            for each in found
        }

    async def make(self, member_id: str, session: Session) -> None:
        """Makes an empty history, unless there is one."""
        change: Document = {"$setOnInsert": {"searches": []}}
        try:
            await self._histories.find_one_and_update(
                {"_id": member_id}, change, upsert=True, session=session
            )
        except DuplicateKeyError:
            raise ConcurrentChange from None

    async def add(self, member_id: str, search: Search) -> None:
        """Puts the search first, if there is a history; the same one from before, and the oldest of too
        many, are forgotten.
        """
        others = {
            "$filter": {
                "input": {"$ifNull": ["$searches", []]},
                "cond": {"$ne": ["$$this.key", {"$literal": search.key}]},
            }
        }
        all_of_them = {"$concatArrays": [[{"$literal": _document_of(search)}], others]}
        update = [{"$set": {"searches": {"$slice": [all_of_them, MAXIMUM_SEARCHES]}}}]
        await self._histories.find_one_and_update({"_id": member_id}, update)

    async def replace(self, member_id: str, searches: Iterable[Search], session: Session = None) -> None:
        """Writes her searches, if there is a history. Where she searches at the same moment, a transaction
        runs again.
        """
        change = {"$set": {"searches": [_document_of(each) for each in searches]}}
        await self._histories.find_one_and_update({"_id": member_id}, change, session=session)

    async def remove(self, member_id: str, session: Session) -> None:
        await self._histories.delete_many({"_id": member_id}, session=session)


def _document_of(search: Search) -> Document:
    return {
        "key": search.key,
        "words": search.words,
        "category_id": search.category_id,
        "brands": list(search.brands),
        "searched_at": search.searched_at,
    }


def _search_from(found: Document) -> Search:
    return Search(found["words"], found["category_id"], tuple(found["brands"]), found["searched_at"])
