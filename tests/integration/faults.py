"""A database whose line breaks at one command: a process that dies there, or a connection that is lost."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from pymongo.errors import AutoReconnect

from app.shared.mongodb.collection import Collection, settled
from app.shared.mongodb.database import CollectionDefinition, Database, Session

Result = TypeVar("Result")

COMMANDS = [
    *(
        "find_one",
        "find",
        "aggregate",
        "read",
        "count",
        "insert_one",
        "insert_many",
        "replace_many",
        "write_many",
    ),
    *("upsert_many", "find_one_and_update", "find_one_and_delete", "delete_many"),
]


class Death(BaseException):
    """The process dies here: nothing after this is done, and nobody catches it."""


class Moment(StrEnum):
    """When the line breaks: before MongoDB has heard of the command, or before its answer is back."""

    BEFORE = "before"
    AFTER = "after"


class Accident(StrEnum):
    """What becomes of us."""

    DEATH = "death"
    CONNECTION_LOST = "connection lost"


@dataclass
class Line:
    """Carries commands. It breaks once, after so many; `has_broken` says whether it came to that."""

    has_broken: bool = False
    _left: int | None = None
    _moment: Moment = Moment.BEFORE
    _accident: Accident = Accident.DEATH

    def break_after(self, commands: int, moment: Moment, accident: Accident) -> None:
        self.has_broken, self._left, self._moment, self._accident = False, commands, moment, accident

    def mend(self) -> None:
        self._left = None

    async def carry(self, command: Callable[[], Awaitable[Result]], label: str | None) -> Result:
        if self._left is None or self._left > 0:
            self._left = self._left and self._left - 1
            return await command()
        self.has_broken, self._left = True, None
        if self._moment is Moment.AFTER:
            await command()
        if self._accident is Accident.DEATH:
            raise Death
        lost = AutoReconnect("the test has cut the line")
        if label:
            lost._add_error_label(label)
        raise lost


class FaultyDatabase(Database):
    """The database of a test at the end of such a line."""

    def __init__(self, database: Database, line: Line) -> None:
        self.__dict__.update(database.__dict__)
        self._client = _FaultyClient(database._client, line)
        self._collections = {}  # the others stay as they are
        self._line = line

    def collection(self, definition: CollectionDefinition) -> Collection:
        is_new = definition.name not in self._collections
        collection = super().collection(definition)
        for name in COMMANDS if is_new else ():
            setattr(collection, name, self._carried(getattr(collection, name)))
        return collection

    def _carried(self, command: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def carried(*arguments: Any, session: Session = None, **named: Any) -> Any:
            if session is not None:
                named["session"] = session
            label = "TransientTransactionError" if session is not None else None
            return await self._line.carry(lambda: command(*arguments, **named), label)

        return carried


class _FaultyClient:
    """The client of either driver, whose sessions commit over the line."""

    def __init__(self, client: Any, line: Line) -> None:
        self._client = client
        self._line = line

    async def start_session(self) -> Any:
        session = await settled(self._client.start_session())
        commit = session.commit_transaction
        session.commit_transaction = lambda: self._line.carry(commit, "UnknownTransactionCommitResult")
        return session
