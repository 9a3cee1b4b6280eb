"""The one place that knows which MongoDB driver is in use.

Repositories are written once against `Database` and `Collection`. PyMongo's asynchronous client is the
default; Motor, which reached the end of its life, is the alternative. They differ in four calls:
`aggregate`, `start_session`, `watch` and `close`.
"""

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar

import pymongo
from bson.codec_options import CodecOptions
from pymongo import IndexModel, InsertOne, ReadPreference, ReplaceOne, ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError, ConnectionFailure, DuplicateKeyError, NetworkTimeout, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

Driver = Literal["pymongo", "motor"]
Document = dict[str, Any]
Session = Any  # a session of either driver; only handed on, never used
Sort = Sequence[tuple[str, int]]
Result = TypeVar("Result")

# An acknowledged write is on the disk of a majority: it survives a killed mongod.
DURABLE = WriteConcern(w="majority", j=True)
NAMESPACE_EXISTS = 48
DUPLICATE_KEY = 11000
PASSING_LABELS = ("TransientTransactionError", "UnknownTransactionCommitResult", "RetryableWriteError")
MINIMUM_MONGODB = 6
SHOWN_CHARACTERS = 200
TRANSACTION_SECONDS = 10.0
COMMAND_SECONDS = 20  # a MongoDB that hangs is given up after this time


@dataclass(frozen=True)
class CollectionDefinition:
    """A collection's name, its indexes and the JSON schema that MongoDB holds its documents to."""

    name: str
    validator: Mapping[str, Any]
    indexes: Sequence[IndexModel] = field(default=())


class UnsuitableMongo(Exception):
    """The MongoDB that is named cannot be used; the text says why in one line."""


class ConcurrentChange(PyMongoError):
    """Somebody else changed the same thing first: the transaction is run again from its start."""

    def __init__(self) -> None:
        super().__init__("changed concurrently", error_labels=["TransientTransactionError"])


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
        session: Session = None,
    ) -> list[Document]:
        """All that match; `limit` 0 means no limit, for queries whose result is bounded by themselves."""
        async with self._connections:
            cursor = self._collection.find(query, sort=sort, limit=limit, session=session)
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
            cursor = await _settled(self._collection.aggregate(pipeline, session=session))
            documents: list[Document] = await cursor.to_list(None)
            return documents

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
        self, writes: Sequence[InsertOne[Document] | UpdateOne], *, session: Session = None
    ) -> int:
        """Makes these writes in order, up to one that is refused; says how many found their document."""
        if not writes:
            return 0
        async with self._connections:
            result = await self._collection.bulk_write(writes, session=session)
            written: int = result.inserted_count + result.matched_count
            return written

    async def find_one_and_update(
        self,
        query: Document,
        update: Document | Sequence[Document],
        *,
        upsert: bool = False,
        session: Session = None,
    ) -> Document | None:
        """Changes one document if it matches, or makes it if told so; returns it as it is afterwards."""
        async with self._connections:
            document: Document | None = await self._collection.find_one_and_update(
                query, update, upsert=upsert, return_document=ReturnDocument.AFTER, session=session
            )
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
        stream = await _settled(
            self._collection.watch(list(pipeline), full_document="updateLookup", resume_after=resume_after)
        )
        async with stream as changes:
            yield changes


class Database:
    """An open connection to one database of a MongoDB replica set."""

    def __init__(self, client: Any, name: str, connections: int, transaction_seconds: float) -> None:
        self._client = client
        self._transaction_seconds = transaction_seconds
        self._database = client.get_database(
            name,
            codec_options=CodecOptions(tz_aware=True),
            read_preference=ReadPreference.PRIMARY,
            read_concern=ReadConcern("majority"),
            write_concern=DURABLE,
        )
        self._connections = asyncio.Semaphore(connections)
        self._transactions = asyncio.Semaphore(connections)

    @classmethod
    def connect(
        cls,
        uri: str,
        name: str,
        driver: Driver = "pymongo",
        connections: int = 32,
        transaction_seconds: float = TRANSACTION_SECONDS,
    ) -> "Database":
        """Opens the database; the driver connects at the first command.

        A transaction's commit does not wait in the line for commands, so the pool is twice as large.
        """
        client = _client_class(driver)(
            uri,
            maxPoolSize=2 * connections,
            serverSelectionTimeoutMS=3000,
            connectTimeoutMS=2000,
            socketTimeoutMS=COMMAND_SECONDS * 1000,
            appname="tsunagu",
        )
        return cls(client, name, connections, transaction_seconds)

    def collection(self, definition: CollectionDefinition) -> Collection:
        return Collection(self._database[definition.name], self._connections)

    async def transaction(
        self, work: Callable[[Session], Awaitable[Result]], seconds: float | None = None
    ) -> Result:
        """Runs the work in one transaction and commits it; any exception undoes all of it.

        The work may run several times, when others change the same documents: it acts on nothing
        but MongoDB, and opens no second transaction, for each waits in line for its turn. After
        `seconds`, 10 unless told, without success, MongoDB's error of the last try is raised.
        """
        seconds = seconds or self._transaction_seconds
        started_at = time.monotonic()
        try:
            await asyncio.wait_for(self._transactions.acquire(), seconds)
        except TimeoutError:
            raise NetworkTimeout(f"no turn for a transaction in {seconds} s") from None
        try:
            async with await _settled(self._client.start_session()) as session:
                with pymongo.timeout(max(0.1, seconds - (time.monotonic() - started_at))):
                    result: Result = await session.with_transaction(
                        work, read_concern=ReadConcern("snapshot"), write_concern=DURABLE
                    )
                return result
        finally:
            self._transactions.release()

    async def require_suitable(self) -> None:
        """Raises UnsuitableMongo unless a replica set of MongoDB 6.0 or newer answers."""
        try:
            hello = await self._database.command("hello")
            version = (await self._database.command("buildInfo"))["version"]
        except PyMongoError as error:
            raise UnsuitableMongo(
                f"MONGODB_URI: MongoDB does not answer: {str(error)[:SHOWN_CHARACTERS]}"
            ) from None
        if "setName" not in hello and hello.get("msg") != "isdbgrid":
            raise UnsuitableMongo(
                "MONGODB_URI: MongoDB must run as a replica set: without one it has no transactions"
            )
        if int(version.split(".")[0]) < MINIMUM_MONGODB:
            raise UnsuitableMongo(
                f"MONGODB_URI: MongoDB {version} is too old: {MINIMUM_MONGODB}.0 or newer is needed"
            )

    async def prepare(self, definitions: Sequence[CollectionDefinition]) -> None:
        """Makes collections, validators and indexes as they are declared. May run any number of times."""
        cursor = await _settled(self._database.list_collections())
        existing = {found["name"]: found.get("options", {}) async for found in cursor}
        for definition in definitions:
            validator = {"$jsonSchema": definition.validator}
            if definition.name not in existing:
                await self._create_collection(definition.name, validator)
            elif existing[definition.name].get("validator") != validator:
                await self._database.command("collMod", definition.name, validator=validator)
            if definition.indexes:
                await self._database[definition.name].create_indexes(list(definition.indexes))

    async def _create_collection(self, name: str, validator: Document) -> None:
        try:
            await self._database.command("create", name, validator=validator)
        except PyMongoError as error:
            if getattr(error, "code", None) != NAMESPACE_EXISTS:
                raise
            await self._database.command("collMod", name, validator=validator)

    async def is_writable(self) -> bool:
        """Whether a primary answers now."""
        try:
            answer = await self._database.command("hello")
        except PyMongoError:
            return False
        return bool(answer.get("isWritablePrimary"))

    async def close(self) -> None:
        await _settled(self._client.close())


def are_duplicates(error: BulkWriteError) -> bool:
    """Whether nothing but unique keys that were taken already made these writes fail."""
    failures: list[Document] = (error.details or {}).get("writeErrors", [])
    return all(failure.get("code") == DUPLICATE_KEY for failure in failures)


def is_passing(error: Exception) -> bool:
    """Whether the same may work in a moment: nobody answered, or too many wanted the same thing."""
    return isinstance(error, PyMongoError) and (
        isinstance(error, ConnectionFailure)
        or error.timeout
        or any(error.has_error_label(label) for label in PASSING_LABELS)
    )


async def _settled(value: Any) -> Any:
    """The value, awaited where this driver makes it awaitable: all that the two drivers differ in."""
    return await value if inspect.isawaitable(value) else value


def _client_class(driver: Driver) -> Any:
    if driver == "motor":
        from motor.motor_asyncio import AsyncIOMotorClient

        return AsyncIOMotorClient
    from pymongo import AsyncMongoClient

    return AsyncMongoClient
