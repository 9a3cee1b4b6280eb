"""News in MongoDB."""

from datetime import datetime
from typing import Any

from pymongo import DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from app.members.model import Rank
from app.news.model import News, NewsAudience, NewsPush
from app.shared.i18n import Language
from app.shared.mongodb.database import CollectionDefinition, ConcurrentChange, Database, Document, Session
from app.shared.mongodb.documents import MOMENT, STRING, at_least, document, list_of, nullable, one_of
from app.shared.paging import Page, PageRequest, page_of

_TEXTS = document(ja=STRING, en=STRING)

NEWS = CollectionDefinition(
    "news",
    validator=document(
        _id=STRING,
        titles=_TEXTS,
        texts=_TEXTS,
        picture_url=nullable(STRING),
        ranks=nullable(list_of(one_of(Rank))),
        store_ids=nullable(list_of(STRING)),
        starts_at=MOMENT,
        ends_at=MOMENT,
        push=one_of(NewsPush),
        published_at=MOMENT,
        published_by=STRING,
    ),
    indexes=[IndexModel([("ends_at", 1)])],
)

NEWS_BOARDS = CollectionDefinition("news_boards", validator=document(_id=STRING, changes=at_least(1)))
THE_BOARD = "board"


class NewsRepository:
    """Reads and writes news."""

    def __init__(self, database: Database) -> None:
        self._news = database.collection(NEWS)
        self._boards = database.collection(NEWS_BOARDS)

    async def get(self, news_id: str, session: Session = None) -> News | None:
        found = await self._news.find_one({"_id": news_id}, session=session)
        return _news_from(found) if found else None

    async def not_over(self, now: datetime, session: Session = None) -> list[News]:
        """All news that is on or to come; there is a limit to it."""
        found = await self._news.find({"ends_at": {"$gt": now}}, session=session)
        return [_news_from(each) for each in found]

    async def page(self, request: PageRequest) -> Page[News]:
        """All news there ever was, the newest first."""
        position = request.position(str)
        query: Document = {"_id": {"$lt": position[0]}} if position else {}
        found = await self._news.find(query, sort=[("_id", DESCENDING)], limit=request.first + 1)
        return page_of([(_news_from(each), (each["_id"],)) for each in found], request)

    async def take_turn(self, session: Session) -> None:
        """Has whoever else publishes at this moment run again, and see what we have published."""
        try:
            await self._boards.find_one_and_update(
                {"_id": THE_BOARD}, {"$inc": {"changes": 1}}, upsert=True, session=session
            )
        except DuplicateKeyError:
            raise ConcurrentChange from None

    async def add(self, news: News, session: Session) -> None:
        await self._news.insert_one(_document_of(news), session=session)

    async def end(self, news_id: str, now: datetime, session: Session) -> News | None:
        """Ends news that is not over; None when there is none."""
        found = await self._news.find_one_and_update(
            {"_id": news_id, "ends_at": {"$gt": now}}, {"$set": {"ends_at": now}}, session=session
        )
        return _news_from(found) if found else None


def _document_of(news: News) -> Document:
    audience = news.audience
    return {
        "_id": news.id,
        "titles": {language.value: text for language, text in news.titles.items()},
        "texts": {language.value: text for language, text in news.texts.items()},
        "picture_url": news.picture_url,
        "ranks": None if audience.ranks is None else sorted(audience.ranks),
        "store_ids": None if audience.store_ids is None else sorted(audience.store_ids),
        "starts_at": news.starts_at,
        "ends_at": news.ends_at,
        "push": news.push.value,
        "published_at": news.published_at,
        "published_by": news.published_by,
    }


def _news_from(found: dict[str, Any]) -> News:
    return News(
        id=found["_id"],
        titles={Language(language): text for language, text in found["titles"].items()},
        texts={Language(language): text for language, text in found["texts"].items()},
        picture_url=found["picture_url"],
        audience=NewsAudience(
            ranks=None if found["ranks"] is None else frozenset(map(Rank, found["ranks"])),
            store_ids=None if found["store_ids"] is None else frozenset(found["store_ids"]),
        ),
        starts_at=found["starts_at"],
        ends_at=found["ends_at"],
        push=NewsPush(found["push"]),
        published_at=found["published_at"],
        published_by=found["published_by"],
    )
