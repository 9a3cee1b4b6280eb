"""The commands of one MongoDB collection, the same whichever driver is in use."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

from pymongo import InsertOne, ReplaceOne, ReturnDocument, UpdateMany, UpdateOne
from pymongo.errors import AutoReconnect, BulkWriteError, DuplicateKeyError

Document = dict[str, Any]
Session = Any  # a session of either driver; only handed on, never used
Sort = Sequence[tuple[str, int]]

DUPLICATE_KEY = 11000
ALL_AT_ONCE = 2**31 - 1  # documents, or as many as fit into an answer: else MongoDB is asked again after 101


class ChangeStream(Protocol):
    """Changes as they happen. After the token, a new stream goes on where this one ended."""

    @property
    def resume_token(self) -> Document | None: ...

    @property
    def alive(self) -> bool: ...

    async def try_next(self) -> Document | None:
        """The next change; None when there is none within a second."""
        ...


class Collection:
    """The commands that repositories use, each waiting in line for one of the connections.

    The line is first come, first served: past its pool's size the driver itself starves waiters.
    """

    def __init__(self, collection: Any, connections: asyncio.Semaphore) -> None:
        self._collection = collection
        self._connections = connections

    async def find_one(
        self,
        query: Document,
        *,
        sort: Sort | None = None,
        session: Session = None,
    ) -> Document | None:
        async with self._connections:
            document: Document | None = await self._collection.find_one(query, sort=sort, session=session)
            return document

    async def find(
        self,
        query: Document,
        *,
        sort: Sort | None = None,
        limit: int = 0,
        only: Sequence[str] = (),
        without: Sequence[str] = (),
        session: Session = None,
    ) -> list[Document]:
        """All that match; `limit` 0 means no limit, for queries whose result is bounded by themselves.

        Where a few fields are wanted, `only` these are read; or those that nobody reads, such as what is
        searched, are left out.
        """
        projection = dict.fromkeys(only, True) or dict.fromkeys(without, False) or None
        async with self._connections:
            cursor = self._collection.find(
                query, projection, sort=sort, limit=limit, batch_size=ALL_AT_ONCE, session=session
            )
            documents: list[Document] = await cursor.to_list(None)
            return documents

    async def stream(
        self, query: Document, *, sort: Sort, session: Session = None
    ) -> AsyncIterator[Document]:
        """All that match, read in batches, for jobs that walk a whole collection."""
        async for document in self._collection.find(query, sort=sort, allow_disk_use=True, session=session):
            yield document

    async def aggregate(self, pipeline: Sequence[Document], *, session: Session = None) -> list[Document]:
        async with self._connections:
            cursor = await settled(
                self._collection.aggregate(pipeline, batchSize=ALL_AT_ONCE, session=session)
            )
            documents: list[Document] = await cursor.to_list(None)
            return documents

    async def read(self, pipeline: Sequence[Document]) -> list[Document]:
        """What `aggregate` gives, in three quarters of the time, for what fits into one answer: 16 MB.

        The driver asks no second time by itself: when the connection breaks, `aggregate` does.
        """
        command = {
            "aggregate": self._collection.name,
            "pipeline": pipeline,
            "cursor": {"batchSize": ALL_AT_ONCE},
            "readConcern": self._collection.read_concern.document,
        }
        try:
            async with self._connections:
                reply = await self._collection.database.command(
                    command, codec_options=self._collection.codec_options
                )
        except AutoReconnect as error:
            if error.timeout:
                raise
            return await self.aggregate(pipeline)
        found: list[Document] = reply["cursor"]["firstBatch"]
        return await self.aggregate(pipeline) if reply["cursor"]["id"] else found

    async def count(self, query: Document) -> int:
        async with self._connections:
            number: int = await self._collection.count_documents(query)
            return number

    async def insert_one(self, document: Document, *, session: Session = None) -> None:
        async with self._connections:
            await self._collection.insert_one(document, session=session)

    async def insert_many(self, documents: Sequence[Document], *, session: Session = None) -> None:
        """Inserts in order and stops at the first that is refused."""
        async with self._connections:
            await self._collection.insert_many(documents, session=session)

    async def replace_many(self, documents: Sequence[Document], *, session: Session = None) -> None:
        """Writes each document in the place of the one with its `_id`, or as a new one.

        Raises DuplicateKeyError when a unique index forbids one of them.
        """
        replacements = [ReplaceOne({"_id": each["_id"]}, each, upsert=True) for each in documents]
        async with self._connections:
            try:
                await self._collection.bulk_write(replacements, session=session)
            except BulkWriteError as error:
                if are_duplicates(error):
                    raise DuplicateKeyError("a unique index forbids it", DUPLICATE_KEY) from None
                raise

    async def write_many(
        self, writes: Sequence[InsertOne[Document] | UpdateOne | UpdateMany], *, session: Session = None
    ) -> int:
        """Makes these writes in order, up to one that is refused; says how many found their document."""
        if not writes:
            return 0
        async with self._connections:
            result = await self._collection.bulk_write(writes, session=session)
            written: int = result.inserted_count + result.matched_count
            return written

    async def upsert_many(self, changes: Sequence[UpdateOne], *, session: Session = None) -> int:
        """Makes these changes in order; says how many have changed a document or made one."""
        async with self._connections:
            result = await self._collection.bulk_write(changes, session=session)
            done: int = result.modified_count + result.upserted_count
            return done

    async def find_one_and_update(
        self,
        query: Document,
        update: Document | Sequence[Document],
        *,
        sort: Sort | None = None,
        upsert: bool = False,
        session: Session = None,
    ) -> Document | None:
        """Changes the first document that matches, or makes it if told so; returns it as it is afterwards."""
        async with self._connections:
            document: Document | None = await self._collection.find_one_and_update(
                query, update, sort=sort, upsert=upsert, return_document=ReturnDocument.AFTER, session=session
            )
            return document

    async def find_one_and_delete(self, query: Document, *, session: Session = None) -> Document | None:
        """Deletes one document if it matches, and returns it: of many callers, one is given it."""
        async with self._connections:
            document: Document | None = await self._collection.find_one_and_delete(query, session=session)
            return document

    async def delete_many(self, query: Document, *, session: Session = None) -> int:
        """Deletes all that match and says how many those were."""
        async with self._connections:
            deleted: int = (await self._collection.delete_many(query, session=session)).deleted_count
            return deleted

    @asynccontextmanager
    async def watch(
        self, pipeline: Sequence[Document] = (), *, resume_after: Document | None = None
    ) -> AsyncIterator["ChangeStream"]:
        """The collection's changes from now on, or after a token, each with its document as it is by then."""
        stream = await settled(
            self._collection.watch(list(pipeline), full_document="updateLookup", resume_after=resume_after)
        )
        async with stream as changes:
            yield changes


def are_duplicates(error: BulkWriteError) -> bool:
    """Whether nothing but unique keys that were taken already made these writes fail."""
    failures: list[Document] = (error.details or {}).get("writeErrors", [])
    return all(failure.get("code") == DUPLICATE_KEY for failure in failures)


async def settled(value: Any) -> Any:
    """The value, awaited where this driver makes it awaitable: all that the two drivers differ in."""
    return await value if inspect.isawaitable(value) else value
