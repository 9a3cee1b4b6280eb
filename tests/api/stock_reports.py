"""What a till reports of the stock of three stores."""

from typing import Any

from app.shared.clock import rfc3339
from app.shared.geo import GeoPoint
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id
from tests.api.callers import Caller
from tests.conftest import MovableClock
from tests.examples import UMEDA, a_store, daily, north_of

SKU = encode_id("Sku", "umbrella")
HERE = a_store(id="here", hours=daily(600, 1260))
NEAR_BY = a_store(id="near-by", location=north_of(UMEDA, 900), hours=daily(600, 1260))
FAR = a_store(id="far", location=GeoPoint(43.06, 141.35))


class Reports:
    """Each row a movement of umbrellas, unless told."""

    def __init__(self, till: Caller, clock: MovableClock) -> None:
        self._till = till
        self._clock = clock

    def row(self, store_id: str, kind: str, quantity: int, **changes: Any) -> dict[str, Any]:
        return {
            "skuId": SKU,
            "storeId": encode_id("Store", store_id),
            "kind": kind,
            "quantity": quantity,
            "reference": f"{store_id}-{kind}-{quantity}",
            "occurredAt": rfc3339(self._clock.now()),
            **changes,
        }

    async def send(self, *rows: dict[str, Any]) -> Any:
        answer = await self._till.send(
            TEXTS["record_stock_movements"], {"input": {"movements": list(rows)}}, Accept_Language="en"
        )
        return answer["recordStockMovements"]
