"""The operations that are measured, as requests to each server."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from itertools import cycle, islice
from typing import Any

import orjson

from app.shared.ids import new_id
from app.stores.model import Store
from bench.data import BenchData
from bench.regulars import ACCURACY_METERS
from bench.servers import GRAPHQL, Server
from graphql_schema.node import encode_id

RADIUS_METERS = 20_000
PAGE_SIZE = 20
WORDS = ("タオル", "ノート", "umbrella", "シャツ", "mug", "ボールペン", "organic")
DEGREES_NORTH_OF_STORE = 0.0002  # some 22 metres


class Operation(StrEnum):
    """A field of the GraphQL schema."""

    ME = "me"
    CHECK_IN = "checkIn"
    AVAILABILITY = "availability"
    PRODUCTS = "products"
    PLACE_ORDER = "placeOrder"


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
    Operation.AVAILABILITY: """
query Availability($skuId: ID!, $near: GeoPointInput!, $radiusMeters: Int!, $first: Int!) {
  availability(skuId: $skuId, near: $near, radiusMeters: $radiusMeters, first: $first) {
    nodes { store { id name } distanceMeters available level }
  }
}
""",
    Operation.PLACE_ORDER: """
mutation PlaceOrder($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    __typename
    ... on OrderPlaced {
      order {
        id
        version
        state
        pickupFrom
        pickupUntil
        pickupNumber
        pickupCode
        placedAt
        totals { total { amount } toPay { amount } pointsToEarn }
      }
    }
    ... on Rejected { errors { code message path } }
  }
}
""",
    Operation.PRODUCTS: """
query Products($query: String!, $first: Int!) {
  products(query: $query, first: $first) {
    nodes { id name brand price { lowest { amount currency } highest { amount currency } } }
  }
}
""",
}

PLAIN_PATHS = {
    Operation.ME: "/me",
    Operation.CHECK_IN: "/check-in",
    Operation.AVAILABILITY: "/availability",
    Operation.PRODUCTS: "/products",
    Operation.PLACE_ORDER: "/place-order",
}

# What only a good answer contains.
MARKERS = {
    Operation.ME: b'"expiringNext":{"amount":',
    Operation.CHECK_IN: b'"pointBalance":',
    Operation.AVAILABILITY: b'"distanceMeters":',
    Operation.PRODUCTS: b'"lowest":',
    Operation.PLACE_ORDER: b'"pickupCode":',
}


CHANGING = {Operation.CHECK_IN, Operation.PLACE_ORDER}


class Requests:
    """Makes the requests for one server; no member checks in twice."""

    def __init__(self, server: Server, data: BenchData) -> None:
        self._server = server
        self._store = data.store
        self._readers = cycle(data.readers)
        self._visitors = iter(data.visitors)
        self._customers = cycle(data.customers)
        self._wishes = data.pickups.wishes()
        self._sku_ids = cycle(data.sku_ids)
        self._words = cycle(WORDS)

    def of(self, operation: Operation, number: int) -> Iterator[bytes]:
        """So many requests; fewer when there are no visitors left."""
        callers = {Operation.CHECK_IN: self._visitors, Operation.PLACE_ORDER: self._customers}
        tokens = islice(callers.get(operation, self._readers), number)
        return (self._request(operation, token) for token in tokens)

    def _request(self, operation: Operation, token: str) -> bytes:
        wish = self._wish(operation)
        if self._server.name == GRAPHQL:
            variables = {"input": wish} if operation in CHANGING else wish
            body = orjson.dumps({"query": DOCUMENTS[operation], "variables": variables})
            return post("/graphql", token, body)
        return post(PLAIN_PATHS[operation], token, orjson.dumps(wish))

    def _wish(self, operation: Operation) -> dict[str, Any]:
        match operation:
            case Operation.ME:
                return {}
            case Operation.CHECK_IN:
                return _check_in_input(self._store)
            case Operation.AVAILABILITY:
                sku_id = encode_id("Sku", next(self._sku_ids))
                place = self._store.location
                near = {"latitude": place.latitude, "longitude": place.longitude}
                return {"skuId": sku_id, "near": near, "radiusMeters": RADIUS_METERS, "first": PAGE_SIZE}
            case Operation.PRODUCTS:
                return {"query": next(self._words), "first": PAGE_SIZE}
            case Operation.PLACE_ORDER:
                return next(self._wishes)


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


def post(path: str, token: str, body: bytes) -> bytes:
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
