"""Stock that is followed in tests: a SKU at a store, and the official subscriptions to it."""

from typing import Any

from app.inventory.model import StockKey
from graphql_schema.node import encode_id
from tests.api.conftest import OPERATIONS

CHANGED, NEAR = (
    (OPERATIONS / f"{name}.graphql").read_text(encoding="utf-8") for name in ("stock_changed", "stock_near")
)
KEY = StockKey("umbrella", "here")
SKU = encode_id("Sku", KEY.sku_id)
WATCH = {"skuIds": [SKU]}


def pieces(data: dict[str, Any]) -> list[int]:
    (levels,) = data.values()
    return [level["available"] for level in levels]
