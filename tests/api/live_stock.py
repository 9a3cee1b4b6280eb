"""Stock that is followed in tests: a SKU at a store, and the official subscriptions to it."""

from typing import Any

from app.inventory.model import StockKey
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id

CHANGED, NEAR = (TEXTS[name] for name in ("stock_changed", "stock_near"))
KEY = StockKey("umbrella", "here")
SKU = encode_id("Sku", KEY.sku_id)
WATCH = {"skuIds": [SKU]}


def pieces(data: dict[str, Any]) -> list[int]:
    (levels,) = data.values()
    return [level["available"] for level in levels]
