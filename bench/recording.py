"""What a request does to MongoDB, in order and with what was sent at the same time, and what it answers.

A plain route that sends the same commands by hand is what GraphQL is measured against. See `bench.replaying`.
"""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bson
import httpx
import orjson
from bson.codec_options import CodecOptions
from pymongo import monitoring

from bench.official.calls import Call, body_of

Document = dict[str, Any]

RECORDED = "recorded"  # the folder, in the servers' own

HOUSEKEEPING = {"hello", "endSessions", "killCursors", "ping", "buildInfo"}
# What the driver puts into a command by itself.
OF_THE_DRIVER = {"lsid", "txnNumber", "startTransaction", "autocommit", "$clusterTime", "$db", "maxTimeMS"}
DECODED: CodecOptions[Document] = CodecOptions(tz_aware=True)


class CommandRecorder(monitoring.CommandListener):
    """Keeps the commands that are sent while it records.

    Commands that were under way together stand in one layer; the next layer began when all had ended.
    """

    def __init__(self) -> None:
        self._layers: list[list[Document]] | None = None
        self._open: dict[int, Document] = {}
        self._cursors: set[int] = set()  # those that were opened while it records

    def begin(self) -> None:
        self._layers = []
        self._cursors.clear()

    async def end(self) -> list[list[Document]]:
        """The layers, when whatever goes on after the answer has ended too."""
        while self._open:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        layers, self._layers = self._layers or [], None
        return layers

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if self._layers is None or event.command_name in HOUSEKEEPING or _watches(event):
            return
        if event.command_name == "getMore" and event.command["getMore"] not in self._cursors:
            return  # it goes on with what was begun before, for no request
        if not self._open:
            self._layers.append([])
        step = _step_of(event)
        self._layers[-1].append(step)
        self._open[event.request_id] = step

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        step = self._open.pop(event.request_id, None)
        if step is not None and "cursor" in event.reply:
            step["cursor"] = event.reply["cursor"]["id"]
            self._cursors.add(step["cursor"])

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        self._open.pop(event.request_id, None)


def _watches(event: monitoring.CommandStartedEvent) -> bool:
    """Whether the command is a change stream's, which belongs to no request."""
    command = event.command
    if event.command_name == "getMore":
        return bool(command["collection"] == "$cmd.aggregate")
    return event.command_name == "aggregate" and "$changeStream" in next(iter(command["pipeline"]), {})


def _step_of(event: monitoring.CommandStartedEvent) -> Document:
    """The command without what the driver adds, and the transaction that it is of.

    What it writes is copied: the program may go on with its own.
    """
    command = event.command
    body = {name: value for name, value in command.items() if name not in OF_THE_DRIVER}
    is_in_transaction = "autocommit" in command
    if is_in_transaction:
        body.pop("readConcern", None)
    elif "readConcern" in body:
        body["readConcern"] = {"level": body["readConcern"]["level"]}
    transaction = f"{command['lsid']['id'].hex()}/{command['txnNumber']}" if is_in_transaction else None
    return {
        "database": event.database_name,
        "name": event.command_name,
        "body": bson.decode(bson.encode(body), DECODED),
        "transaction": transaction,
    }


class Recorded:
    """Requests of an operation as they were answered, each with its layers of commands."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)

    async def record(
        self, name: str, calls: Sequence[Call], client: httpx.AsyncClient, recorder: CommandRecorder
    ) -> None:
        """Sends each call once, one after the other, and writes what came of them. Raises CallFailed."""
        with (self._folder / name).open("wb") as file:
            for call in calls:
                recorder.begin()
                answer = await sent(name, call, client)
                layers = await recorder.end()
                file.write(bson.encode({"layers": layers, "answer": answer}))

    def of(self, name: str) -> Iterator[Document]:
        """What was recorded of an operation, request by request."""
        with (self._folder / name).open("rb") as file:
            yield from bson.decode_file_iter(file, DECODED)

    def names(self) -> list[str]:
        return sorted(path.name for path in self._folder.iterdir())


class CallFailed(Exception):
    """An official operation did not do what it was called for; the text is its answer."""


async def sent(name: str, call: Call, client: httpx.AsyncClient) -> bytes:
    """The answer to a call, as JSON. Raises CallFailed."""
    headers = {"Content-Type": "application/json"}
    if call.token is not None:
        headers["Authorization"] = f"Bearer {call.token}"
    answer = await client.post("/graphql", content=body_of(name, call, datetime.now(UTC)), headers=headers)
    if answer.status_code != 200 or b'"errors":[{' in answer.content:
        raise CallFailed(f"{name}: {answer.text[:500]}")
    return orjson.dumps(answer.json())
