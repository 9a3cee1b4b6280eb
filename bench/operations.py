"""The two operations that are measured, as requests to each server."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from itertools import cycle, islice
from typing import Any

import orjson

from app.shared.ids import new_id
from app.stores.model import Store
from bench.data import ACCURACY_METERS, BenchData
from bench.servers import GRAPHQL, Server
from graphql_schema.node import encode_id

READERS = 500  # members who look at themselves again and again; all others check in, each once
DEGREES_NORTH_OF_STORE = 0.0002  # some 22 metres


class Operation(StrEnum):
    """A field of the GraphQL schema."""

    ME = "me"
    CHECK_IN = "checkIn"


DOCUMENTS = {
    Operation.ME: """
query Me {
  me {
    id
    number
    nickname
    locale
    isGuest
    card { number rank miles milesToNextRank barcode }
    points { balance expiringNext { amount expiresAt } }
  }
}
""",
    Operation.CHECK_IN: """
mutation CheckIn($input: CheckInInput!) {
  checkIn(input: $input) {
    __typename
    ... on CheckedIn {
      pointsAwarded
      pointBalance
      checkIn { id checkedInAt storeDay distanceMeters pointsAwarded }
    }
    ... on Rejected { errors { code message path } }
  }
}
""",
}

PLAIN_PATHS = {Operation.ME: "/me", Operation.CHECK_IN: "/check-in"}

# What only a good answer contains.
MARKERS = {Operation.ME: b'"expiringNext":{"amount":', Operation.CHECK_IN: b'"pointBalance":'}


class Requests:
    """Makes the requests for one server; no member checks in twice."""

    def __init__(self, server: Server, data: BenchData) -> None:
        self._server = server
        self._store = data.store
        self._readers = cycle(data.tokens[:READERS])
        self._visitors = iter(data.tokens[READERS:])

    def of(self, operation: Operation, number: int) -> Iterator[bytes]:
        """So many requests; fewer when there are no visitors left."""
        if operation is Operation.ME:
            return (self._request(operation, token, None) for token in islice(self._readers, number))
        return (
            self._request(operation, token, _check_in_input(self._store))
            for token in islice(self._visitors, number)
        )

    def _request(self, operation: Operation, token: str, wish: dict[str, Any] | None) -> bytes:
        if self._server.name == GRAPHQL:
            variables = {"input": wish} if wish else {}
            body = orjson.dumps({"query": DOCUMENTS[operation], "variables": variables})
            return _post("/graphql", token, body)
        return _post(PLAIN_PATHS[operation], token, orjson.dumps(wish) if wish else b"")


def _check_in_input(store: Store) -> dict[str, Any]:
    """A phone's wish to check in, right beside the store."""
    return {
        "storeId": encode_id("Store", store.id),
        "location": {
            "latitude": store.location.latitude + DEGREES_NORTH_OF_STORE,
            "longitude": store.location.longitude,
            "accuracyMeters": ACCURACY_METERS,
            "measuredAt": datetime.now(UTC).isoformat(timespec="milliseconds"),
        },
        "idempotencyKey": new_id(),
    }


def _post(path: str, token: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\n"
        "Accept: application/json\r\n"
        "Content-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\n"
        f"Content-Length: {len(body)}\r\n"
        "\r\n"
    )
    return head.encode() + body
