"""Each official operation, in interleaved rounds: by plain routes, by us, and by Strawberry as documented."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

import orjson
from pymongo import MongoClient

from bench.load import Round, Span, UnexpectedAnswer, post, run_round
from bench.official.calls import Call, body_of
from bench.official_operations import kind_of
from bench.preparing import Calls
from bench.servers import BARE, BY_HAND, STOCK, Server, processor_seconds
from graphql_schema.documents import TEXTS

GOOD = b'"data":{'
WARM_UP = Span(0.15)
ALL_SENT = Span(5.0)  # for what can be sent once only; what is not sent by then is left out
LEAST_ANSWERS = 5  # to a query in a round, though it takes longer then
MOST_SECONDS = 10.0
BARE_OPERATION = "place_order"
DEAR = {"preview_offer"}  # weighs up to 10,000 members: more callers would only wait for each other
CALLS_OF_A_CALLER = 3  # at the least, of what can be sent once only

# The commands of MongoDB that a request can cause; the rest is the driver's and the server's housekeeping,
# and `getMore`, by which change streams wait.
COUNTED_COMMANDS = (
    *("find", "aggregate", "count", "distinct", "insert", "update", "delete", "findAndModify"),
    *("commitTransaction", "abortTransaction"),
)


@dataclass(frozen=True, slots=True)
class Spent:
    """A round, the seconds of processor time that the server's process took, and MongoDB's commands."""

    round: Round
    processor_seconds: float
    commands: int


@dataclass(slots=True)
class Row:
    """What one server did with one operation; `failure` is why there is nothing more."""

    operation: str
    server: str
    spent: list[Spent] = field(default_factory=list)
    failure: str | None = None


class OfficialRounds:
    """The servers, and the calls that each is sent."""

    def __init__(
        self, servers: Sequence[Server], calls: Calls, mongodb: MongoClient[dict[str, Any]], callers: int
    ) -> None:
        self._servers = servers
        self._calls = calls
        self._mongodb = mongodb
        self._callers = callers
        self._rows: dict[tuple[str, str], Row] = {}

    async def measure(self, rounds: int, seconds: float, say: Callable[[str], None]) -> list[Row]:
        """All rows: first what changes nothing, then the rest. Says which operation it is at."""
        for kind in ("query", "mutation"):
            names = [name for name in self._calls if kind_of(name) == kind]
            for number in range(rounds):
                for place, name in enumerate(names, start=1):
                    say(f"round {number + 1} of {rounds}, {kind} {place} of {len(names)}: {name}")
                    # Every other round backwards: what drifts, such as a clock speed, favours nobody.
                    for server in self._servers if number % 2 == 0 else self._servers[::-1]:
                        if server.name == BARE and name != BARE_OPERATION:
                            continue
                        await self._measure(name, server, number, rounds, seconds)
        return list(self._rows.values())

    async def _measure(self, name: str, server: Server, number: int, rounds: int, seconds: float) -> None:
        row = self._rows.setdefault((name, server.name), Row(name, server.name))
        if row.failure is not None:
            return
        is_query = kind_of(name) == "query"
        calls = list(enumerate(self._calls[name]))
        chosen = calls if is_query else calls[number::rounds]
        callers = self._callers if is_query else min(self._callers, -(-len(chosen) // CALLS_OF_A_CALLER))
        callers = 1 if name in DEAR else callers
        try:
            if is_query and number == 0:
                warm_up = self._requests(name, server, cycle(chosen))
                await run_round(server.port, warm_up, GOOD, callers, WARM_UP)
            requests = self._requests(name, server, cycle(chosen) if is_query else iter(chosen))
            span = Span(seconds, LEAST_ANSWERS, MOST_SECONDS) if is_query else ALL_SENT
            commands, processor = _commands_so_far(self._mongodb), processor_seconds(server)
            done = await run_round(server.port, requests, GOOD, callers, span)
            processor = processor_seconds(server) - processor
            row.spent.append(Spent(done, processor, _commands_so_far(self._mongodb) - commands))
        except UnexpectedAnswer as error:
            row.failure = str(error)

    def _requests(self, name: str, server: Server, calls: Iterator[tuple[int, Call]]) -> Iterator[bytes]:
        for number, call in calls:
            now = datetime.now(UTC)
            if server.name == STOCK:
                query = {"query": TEXTS[name], "variables": call.variables_at(now)}
                yield post("/graphql", call.token, orjson.dumps(query))
            else:
                paths = {BY_HAND: f"/{name}/{number}", BARE: "/place-order"}
                yield post(paths.get(server.name, "/graphql"), call.token, body_of(name, call, now))


def _commands_so_far(client: MongoClient[dict[str, Any]]) -> int:
    counts: Mapping[str, Mapping[str, int]] = client.admin.command("serverStatus")["metrics"]["commands"]
    return sum(counts[name]["total"] for name in COUNTED_COMMANDS if name in counts)
