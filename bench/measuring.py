"""The measurement: interleaved rounds, so that a noisy machine is noisy to every server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import orjson
from pymongo import MongoClient

from bench.load import Round, ask, run_round
from bench.operations import MARKERS, Operation, Requests
from bench.servers import Server

WARM_UP_SECONDS = 1.0
COUNTED_REQUESTS = 50
COUNTED_SECONDS = 10.0

# More than one server process can do; a round that runs out of visitors ends early, and is as good.
REQUESTS_A_SECOND = {
    **dict.fromkeys(Operation, 20_000),
    Operation.CHECK_IN: 1_500,
    Operation.PLACE_ORDER: 1_000,
}
ORDERS_OF_A_CUSTOMER = 8  # she has 10 points, and uses one for each

# What differs between two visits or two orders, and so between the answers of two servers.
FIELDS_OF_ONE = ("id", "checkedInAt", "placedAt", "pickupNumber", "pickupCode")

# The commands of MongoDB that a request can cause; the rest is the driver's and the server's housekeeping.
COUNTED_COMMANDS = (
    *("find", "getMore", "aggregate", "count", "distinct"),
    *("insert", "update", "delete", "findAndModify"),
    *("commitTransaction", "abortTransaction"),
)


class AnswersDiffer(Exception):
    """The servers do not answer the same, so comparing them says nothing."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one server did with one operation."""

    operation: Operation
    server: str
    rounds: Sequence[Round]
    commands_per_request: float


def visitors_needed(seconds: float, rounds: int) -> int:
    """How many members check in at one server in the whole run, at the most."""
    return _most_requests(Operation.CHECK_IN, seconds, rounds)


def customers_needed(seconds: float, rounds: int) -> int:
    """How many members it takes to order at one server in the whole run, at the most."""
    return ceil(_most_requests(Operation.PLACE_ORDER, seconds, rounds) / ORDERS_OF_A_CUSTOMER)


def _most_requests(operation: Operation, seconds: float, rounds: int) -> int:
    in_rounds = rounds * _requests_in(operation, seconds)
    return in_rounds + _requests_in(operation, WARM_UP_SECONDS) + COUNTED_REQUESTS + 1


async def measure(
    requests: Mapping[Server, Requests], mongodb_uri: str, callers: int, rounds: int, seconds: float
) -> list[Measurement]:
    """Measures each operation on each server. Raises AnswersDiffer and UnexpectedAnswer."""
    trials = [(operation, server) for operation in Operation for server in requests]
    for operation in Operation:
        await _require_same_answers(operation, requests)
    commands = {
        trial: await _commands_per_request(*trial, requests[trial[1]], mongodb_uri) for trial in trials
    }
    for operation, server in trials:
        await _round(operation, server, requests[server], callers, WARM_UP_SECONDS)
    measured: dict[tuple[Operation, Server], list[Round]] = {trial: [] for trial in trials}
    for number in range(rounds):
        # Every other round backwards: what drifts, such as a clock speed, favours nobody.
        for operation, server in trials if number % 2 == 0 else trials[::-1]:
            done = await _round(operation, server, requests[server], callers, seconds)
            measured[operation, server].append(done)
    return [
        Measurement(operation, server.name, measured[operation, server], commands[operation, server])
        for operation, server in trials
    ]


async def _round(
    operation: Operation, server: Server, requests: Requests, callers: int, seconds: float
) -> Round:
    batch = requests.of(operation, _requests_in(operation, seconds))
    return await run_round(server.port, batch, MARKERS[operation], callers, seconds)


def _requests_in(operation: Operation, seconds: float) -> int:
    return round(seconds * REQUESTS_A_SECOND[operation])


async def _require_same_answers(operation: Operation, requests: Mapping[Server, Requests]) -> None:
    """Asks each server once, for the same member."""
    answers = [
        _comparable(await ask(server.port, next(source.of(operation, 1)), MARKERS[operation]))
        for server, source in requests.items()
    ]
    if any(answer != answers[0] for answer in answers):
        raise AnswersDiffer("\n".join(orjson.dumps(answer).decode() for answer in answers))


def _comparable(body: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = orjson.loads(body)
    for change, made in (("checkIn", "checkIn"), ("placeOrder", "order")):
        for field in FIELDS_OF_ONE:
            answer["data"].get(change, {}).get(made, {}).pop(field, None)
    answer.pop("extensions", None)  # what GraphQL says of its cost
    return answer


async def _commands_per_request(
    operation: Operation, server: Server, requests: Requests, mongodb_uri: str
) -> float:
    """MongoDB's own count, while one caller has the servers to itself."""
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        before = _commands_so_far(client)
        batch = requests.of(operation, COUNTED_REQUESTS)
        done = await run_round(server.port, batch, MARKERS[operation], callers=1, seconds=COUNTED_SECONDS)
        return (_commands_so_far(client) - before) / len(done.latencies)


def _commands_so_far(client: MongoClient[dict[str, Any]]) -> int:
    counts: dict[str, dict[str, int]] = client.admin.command("serverStatus")["metrics"]["commands"]
    return sum(counts[name]["total"] for name in COUNTED_COMMANDS if name in counts)
