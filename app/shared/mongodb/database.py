"""A MongoDB database: its collections, its transactions, and what it must be able to do.

With `collection` beside it the one place that knows which driver is in use. PyMongo's asynchronous client
is the default; Motor, which reached the end of its life, is the alternative. They differ in four calls:
`aggregate`, `start_session`, `watch` and `close`.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import pymongo
from bson.codec_options import CodecOptions
from pymongo import IndexModel, ReadPreference
from pymongo.errors import ConnectionFailure, NetworkTimeout, PyMongoError
from pymongo.monitoring import CommandListener
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from app.shared.mongodb.collection import ChangeStream, Collection, settled
from app.shared.mongodb.collection import Document as Document
from app.shared.mongodb.collection import Session as Session
from app.shared.mongodb.collection import are_duplicates as are_duplicates
from app.shared.mongodb.driver_waits import mend_waits

Driver = Literal["pymongo", "motor"]
Result = TypeVar("Result")

# An acknowledged write is on the disk of a majority: it survives a killed mongod.
DURABLE = WriteConcern(w="majority", j=True)
NAMESPACE_EXISTS = 48
PASSING_LABELS = ("TransientTransactionError", "UnknownTransactionCommitResult", "RetryableWriteError")
MINIMUM_MONGODB = 6
SHOWN_CHARACTERS = 200
TRANSACTION_SECONDS = 10.0
CONNECTING_SECONDS = 5.0  # a server too busy to say hello within 2 s is not gone
ANSWER_SECONDS = 15.0  # so long a start waits: longer than a primary is chosen
ASKED_EVERY_SECONDS = 0.1
COMMAND_SECONDS = 20  # a MongoDB that hangs is given up after this time
INDEX_SECONDS = 3_600  # in which the indexes of a collection are made, whatever it holds


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


class Database:
    """An open connection to one database of a MongoDB replica set."""

    def __init__(self, client: Any, name: str, connections: int, transaction_seconds: float) -> None:
        self._client = client
        self.transaction_seconds = transaction_seconds
        self._database = client.get_database(
            name,
            codec_options=CodecOptions(tz_aware=True),
            read_preference=ReadPreference.PRIMARY,
            read_concern=ReadConcern("majority"),
            write_concern=DURABLE,
        )
        self._collections: dict[str, Collection] = {}
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
        connecting_seconds: float = CONNECTING_SECONDS,
        watches: Sequence[CommandListener] = (),
    ) -> "Database":
        """Opens the database; the driver connects at the first command, and tells the watches of each.

        A transaction's commit does not wait in the line for commands, so the pool is twice as large.
        """
        mend_waits()
        client = _client_class(driver)(
            uri,
            maxPoolSize=2 * connections,
            serverSelectionTimeoutMS=3000,
            connectTimeoutMS=round(connecting_seconds * 1000),
            socketTimeoutMS=COMMAND_SECONDS * 1000,
            appname="tsunagu",
            event_listeners=list(watches),
        )
        return cls(client, name, connections, transaction_seconds)

    def collection(self, definition: CollectionDefinition) -> Collection:
        if definition.name not in self._collections:
            found = Collection(self._database[definition.name], self._connections)
            self._collections[definition.name] = found
        return self._collections[definition.name]

    async def transaction(
        self, work: Callable[[Session], Awaitable[Result]], seconds: float | None = None
    ) -> Result:
        """Runs the work in one transaction and commits it; any exception undoes all of it.

        The work may run several times, when others change the same documents: it acts on nothing
        but MongoDB, and opens no second transaction, for each waits in line for its turn. After
        `seconds`, 10 unless told, without success, MongoDB's error of the last try is raised.
        """
        seconds = seconds or self.transaction_seconds
        started_at = time.monotonic()
        try:
            async with asyncio.timeout(seconds):
                await self._transactions.acquire()
        except TimeoutError:
            raise NetworkTimeout(f"no turn for a transaction in {seconds} s") from None
        try:
            async with await settled(self._client.start_session()) as session:
                with pymongo.timeout(max(0.1, seconds - (time.monotonic() - started_at))):
                    result: Result = await session.with_transaction(
                        work, read_concern=ReadConcern("snapshot"), write_concern=DURABLE
                    )
                return result
        finally:
            self._transactions.release()

    @asynccontextmanager
    async def watch(self, pipeline: Sequence[Document]) -> AsyncIterator[ChangeStream]:
        """The changes of all collections from now on."""
        async with await settled(self._database.watch(list(pipeline))) as changes:
            yield changes

    async def require_suitable(self) -> None:
        """Raises UnsuitableMongo unless a replica set of MongoDB 6.0 or newer answers, within 15 s."""
        try:
            hello, version = await self._kind()
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

    async def _kind(self) -> tuple[Document, str]:
        """What it says of itself, and its version; while it chooses a primary, it is asked again."""
        started_at = time.monotonic()
        while True:
            try:
                hello = await self._database.command("hello")
                return hello, (await self._database.command("buildInfo"))["version"]
            except ConnectionFailure:
                if time.monotonic() - started_at >= ANSWER_SECONDS:
                    raise
                await asyncio.sleep(ASKED_EVERY_SECONDS)

    async def prepare(self, definitions: Sequence[CollectionDefinition]) -> None:
        """Makes collections, validators and indexes as they are declared. May run any number of times."""
        cursor = await settled(self._database.list_collections())
        existing = {found["name"]: found.get("options", {}) async for found in cursor}
        for definition in definitions:
            validator = {"$jsonSchema": definition.validator}
            if definition.name not in existing:
                await self._create_collection(definition.name, validator)
            elif existing[definition.name].get("validator") != validator:
                await self._database.command("collMod", definition.name, validator=validator)
            if definition.indexes:
                with pymongo.timeout(INDEX_SECONDS):
                    await self._database[definition.name].create_indexes(list(definition.indexes))

    async def drop_indexes(self, definitions: Sequence[CollectionDefinition]) -> None:
        """Leaves these collections the index of their ids alone, until they are prepared again."""
        for definition in definitions:
            await self._database[definition.name].drop_indexes()

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

    async def bytes_on_disk(self) -> int:
        """What all collections and their indexes take on MongoDB's disk."""
        return int((await self._database.command("dbStats"))["totalSize"])

    async def close(self) -> None:
        await settled(self._client.close())


def is_passing(error: Exception) -> bool:
    """Whether the same may work in a moment: nobody answered, or too many wanted the same thing."""
    return isinstance(error, PyMongoError) and (
        isinstance(error, ConnectionFailure)
        or error.timeout
        or any(error.has_error_label(label) for label in PASSING_LABELS)
    )


def _client_class(driver: Driver) -> Any:
    if driver == "motor":
        from motor.motor_asyncio import AsyncIOMotorClient

        return AsyncIOMotorClient
    from pymongo import AsyncMongoClient

    return AsyncMongoClient
