"""The plain side of an official operation: the recorded commands, sent by hand to a database of its own.

The database is what the recorded one was before, so the same commands find and write the same. A route
verifies the token, reads the body, sends the commands straight by the driver and writes the recorded answer.
It makes no decision and no document, so the comparison leans to its side.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import bson
import orjson
from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app.auth.tokens import AccessTokens
from app.shared.mongodb.database import DURABLE
from bench.recording import DECODED, Document

TRIES = 100
FIRST_WAIT, LONGEST_WAIT = 0.005, 0.5  # seconds between the tries of a transaction, as drivers wait
OF_A_TRANSACTION = "TransientTransactionError"


class Replay:
    """One request's commands, with the sessions and cursors of this time."""

    def __init__(self, client: AsyncMongoClient[Document], database: str) -> None:
        self._client = client
        self._database = client.get_database(database)
        self._sessions: dict[str, AsyncClientSession] = {}
        self._cursors: dict[int, int] = {}

    async def send(self, layers: Sequence[Sequence[Document]]) -> None:
        """Sends layer by layer; a transaction that others were quicker than begins anew."""
        place, tries = 0, 0
        try:
            while place < len(layers):
                try:
                    await self._send_layer(layers[place])
                    place += 1
                except PyMongoError as error:
                    tries += 1
                    if not error.has_error_label(OF_A_TRANSACTION) or tries > TRIES:
                        raise
                    place = min(_beginnings(layers, self._sessions), default=place)
                    await self._end_sessions()
                    await asyncio.sleep(random.random() * min(LONGEST_WAIT, FIRST_WAIT * 1.5**tries))
        finally:
            await self._end_sessions()

    async def _send_layer(self, layer: Sequence[Document]) -> None:
        if len(layer) == 1:
            await self._send(layer[0])
            return
        lanes: dict[object, list[Document]] = {}
        for number, step in enumerate(layer):
            lanes.setdefault(_lane(step) or number, []).append(step)
        done = await asyncio.gather(*map(self._send_in_turn, lanes.values()), return_exceptions=True)
        for each in done:
            if isinstance(each, BaseException):
                raise each

    async def _send_in_turn(self, steps: Sequence[Document]) -> None:
        for step in steps:
            await self._send(step)

    async def _send(self, step: Document) -> None:
        name, transaction = step["name"], step["transaction"]
        session = await self._session(transaction) if transaction else None
        if session is not None and name == "commitTransaction":
            await session.commit_transaction()
        elif session is not None and name == "abortTransaction":
            await session.abort_transaction()
        else:
            await self._command(step, session)

    async def _command(self, step: Document, session: AsyncClientSession | None) -> None:
        body = step["body"]
        if step["name"] == "getMore":
            body = {**body, "getMore": bson.Int64(self._cursors[body["getMore"]])}
        try:
            reply = await self._database.command(body, session=session, codec_options=DECODED)
        except OperationFailure as error:
            if session is not None or error.has_error_label(OF_A_TRANSACTION):
                raise
            return  # as when it was recorded, or another request was first: a route would go by the answer
        if step.get("cursor"):
            self._cursors[step["cursor"]] = reply["cursor"]["id"]

    async def _session(self, transaction: str) -> AsyncClientSession:
        if transaction not in self._sessions:
            session = self._client.start_session()
            await session.start_transaction(read_concern=ReadConcern("snapshot"), write_concern=DURABLE)
            self._sessions[transaction] = session
        return self._sessions[transaction]

    async def _end_sessions(self) -> None:
        for session in self._sessions.values():
            await session.end_session()
        self._sessions.clear()


def _lane(step: Document) -> str | None:
    """What is sent in turn: a transaction, or a cursor and what is fetched by it."""
    cursor = step["body"].get("getMore") or step.get("cursor")
    return step["transaction"] or (f"cursor {cursor}" if cursor else None)


def _beginnings(layers: Sequence[Sequence[Document]], transactions: Mapping[str, object]) -> list[int]:
    """The layers in which these transactions begin."""
    return [
        next(
            number
            for number, layer in enumerate(layers)
            if any(step["transaction"] == transaction for step in layer)
        )
        for transaction in transactions
    ]


class PlainOperations:
    """`/{operation}/{number}`: a recorded request of an official operation."""

    def __init__(
        self,
        client: AsyncMongoClient[Document],
        database: str,
        tokens: AccessTokens,
        recorded: Mapping[str, Sequence[Document]],
    ) -> None:
        self._client = client
        self._database = database
        self._tokens = tokens
        self._layers = {name: [each["layers"] for each in requests] for name, requests in recorded.items()}
        self._answers: Mapping[str, list[Any]] = {
            name: [orjson.loads(each["answer"]) for each in requests] for name, requests in recorded.items()
        }

    async def answer(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token:
            self._tokens.verify(token, datetime.now(UTC))
        orjson.loads(await request.body())
        name, number = request.path_params["operation"], request.path_params["number"]
        try:
            await Replay(self._client, self._database).send(self._layers[name][number])
        except PyMongoError as error:
            return PlainTextResponse(str(error), status_code=500)  # so that the bench says why
        return Response(orjson.dumps(self._answers[name][number]), media_type="application/json")
