"""What is asked about stores, the catalogue, stock and purchases, by members, tills and headquarters."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app.catalog.model import TaxRate
from app.catalog.rules import jan_check_digit
from app.purchases.model import Purchase, Receipt, ReceiptLine, ReceiptName
from app.shared.channels import Channel
from app.shared.clock import rfc3339
from app.shared.ids import new_id
from bench.house import House
from bench.official.calls import (
    Made,
    OfficialOperation,
    by_clerk,
    by_customer,
    by_headquarters,
    by_partner,
    given,
    nothing,
)
from bench.regulars import Customer
from graphql_schema.node import encode_id

MOVED = 20


def near(house: House) -> dict[str, float]:
    return {"latitude": house.store.location.latitude, "longitude": house.store.location.longitude}


def store_id(house: House) -> str:
    return encode_id("Store", house.store.id)


def sku_id(house: House) -> str:
    """One SKU after the other."""
    return encode_id("Sku", house.sku_ids[next(house.numbers) % len(house.sku_ids)])


async def around(house: House, customer: Customer) -> Made:
    return {"near": near(house), "first": 20}


async def availability(house: House, customer: Customer) -> Made:
    return {"skuId": sku_id(house), "near": near(house), "first": 20}


async def stock_changed(house: House, customer: Customer) -> Made:
    return {"skuIds": [sku_id(house)]}


async def stock_near(house: House, customer: Customer) -> Made:
    return {"skuId": sku_id(house), "near": near(house)}


async def of_store(house: House, customer: Customer) -> Made:
    return {"id": store_id(house)}


async def at_store(house: House, customer: Customer) -> Made:
    return {"storeId": store_id(house)}


async def substitutes(house: House, customer: Customer) -> Made:
    return {"query": "タオル", "storeId": store_id(house)}


async def product(house: House, customer: Customer) -> Made:
    return {"sku": house.sku_ids[next(house.numbers) % len(house.sku_ids)]}


async def product_at_store(house: House, customer: Customer) -> Made:
    return {
        "sku": house.sku_ids[next(house.numbers) % len(house.sku_ids)],
        "storeId": store_id(house),
    }


async def product_page(house: House, customer: Customer) -> Made:
    product = house.products[next(house.numbers) % len(house.products)]
    return {"id": encode_id("Product", product.id)}


async def record_stock_movements(house: House, customer: Customer) -> Made:
    movement = {
        "skuId": sku_id(house),
        "kind": "RECEIVE",
        "quantity": 5,
        "reference": new_id(),
        "occurredAt": rfc3339(house.now),
    }
    stores = house.stores[:MOVED]
    return {
        "input": {"movements": [{**movement, "storeId": encode_id("Store", store.id)} for store in stores]}
    }


async def set_safety_stock(house: House, customer: Customer) -> Made:
    store = house.stores[next(house.numbers) % len(house.stores)]
    return {"input": {"skuId": sku_id(house), "storeId": encode_id("Store", store.id), "safety": 1}}


async def upsert_categories(house: House, customer: Customer) -> Made:
    name = {"ja": "照明", "en": "Lighting"}
    category = {"code": "lighting", "name": name, "kana": "しょうめい", "parentCode": "household"}
    return {"input": {"categories": [category]}}


async def upsert_products(house: House, customer: Customer) -> Made:
    number = next(house.numbers)
    digits = f"29{number:010}"
    sku = {"code": f"BENCH-{number}-S", "jan": digits + jan_check_digit(digits), "price": {"amount": 1_200}}
    product = {
        "code": f"BENCH-{number}",
        "name": {"ja": "和紙 ちょうちん", "en": "Paper Lantern"},
        "kana": "わし ちょうちん",
        "brand": "Akari",
        "brandKana": "あかり",
        "categoryCode": "household",
        "description": {"ja": "やわらかな灯りです。", "en": "A soft light."},
        "skus": [sku],
    }
    return {"input": {"products": [product]}}


async def bought(house: House, customer: Customer, is_hers: bool = True) -> Purchase:
    """A purchase of two towels for 2,200 yen at the store."""
    name = ReceiptName(Channel.STORE, house.store.id, "till-1", new_id())
    lines = (ReceiptLine(quantity=2, amount=2_200, tax_rate=TaxRate.STANDARD, name="タオル"),)
    receipt = Receipt(name, house.now, lines, 2_200, member_number=customer.number if is_hers else None)
    partner = await house.partner()
    (row,) = await house.services.purchases.record(partner.actor, [receipt])
    if row.purchase is None:
        raise ValueError("the receipt was refused")
    return row.purchase


async def purchased(house: House, customer: Customer) -> Made:
    await bought(house, customer)
    return {}


async def purchase(house: House, customer: Customer) -> Made:
    return {"id": encode_id("Purchase", (await bought(house, customer)).id)}


async def my_spending(house: House, customer: Customer) -> Made:
    await bought(house, customer)
    return {"by": "MONTH"}


async def claim_purchase(house: House, customer: Customer) -> Made:
    number = (await bought(house, customer, is_hers=False)).name.receipt_number
    return {"input": {"receiptNumber": number, "total": 2_200}}


def name_input(house: House, number: str) -> dict[str, Any]:
    return {"channel": "STORE", "storeId": store_id(house), "terminal": "till-1", "receiptNumber": number}


async def record_purchases(house: House, customer: Customer) -> Made:
    lines = [{"name": "タオル", "quantity": 2, "amount": 2_200}, {"name": "レジ袋", "amount": 3}]
    purchase = {
        **name_input(house, new_id()),
        "occurredAt": rfc3339(house.now),
        "lines": lines,
        "total": 2_203,
        "memberNumber": customer.number,
        "pointsUsed": 1,
    }
    return {"input": {"purchases": [purchase]}}


async def record_returns(house: House, customer: Customer) -> Made:
    number = (await bought(house, customer)).name.receipt_number
    returned = {
        **name_input(house, new_id()),
        "purchase": name_input(house, number),
        "occurredAt": rfc3339(house.now),
        "lines": [{"line": 1, "quantity": 1}],
    }
    return {"input": {"returns": [returned]}}


async def receipt_conflicts(house: House, customer: Customer) -> Made:
    """A receipt came a second time, with another total."""
    purchase = await bought(house, customer)
    lines = (ReceiptLine(quantity=1, amount=1_100, tax_rate=TaxRate.STANDARD, name="タオル"),)
    other = Receipt(purchase.name, purchase.occurred_at, lines, 1_100)
    await house.services.purchases.record((await house.partner()).actor, [other])
    return {}


async def set_point_rules(house: House, customer: Customer) -> Made:
    return {"input": {"yenPerPoint": 100, "rankRates": [{"rank": "GOLD", "percent": 150}]}}


async def start_point_campaign(house: House, customer: Customer) -> Made:
    campaign = {
        "nameJa": "ポイント2倍",
        "nameEn": "Double points",
        "percent": 200,
        "startsAt": rfc3339(house.now + timedelta(days=30)),
        "endsAt": rfc3339(house.now + timedelta(days=37)),
        "storeIds": [store_id(house)],
    }
    return {"input": campaign}


async def end_point_campaign(house: House, customer: Customer) -> Made:
    return {"input": {"campaignId": encode_id("PointCampaign", (await house.campaign()).id)}}


OPERATIONS: Mapping[str, OfficialOperation] = {
    "availability": by_customer(availability),
    "categories": by_customer(nothing),
    "claim_purchase": by_customer(claim_purchase),
    "end_point_campaign": by_headquarters(end_point_campaign),
    "my_history": by_customer(purchased),
    "my_purchases": by_customer(purchased),
    "my_spending": by_customer(my_spending),
    "nearby_beacons": by_customer(around),
    "nearby_stores": by_customer(around),
    "point_rules": by_headquarters(nothing),
    "pos_snapshot": by_partner(nothing),
    "product": by_customer(product),
    "product_at_store": by_customer(product_at_store),
    "product_facets": by_customer(given(query="タオル")),
    "product_page": by_customer(product_page),
    "purchase": by_customer(purchase),
    "receipt_conflicts": by_headquarters(receipt_conflicts),
    "record_purchases": by_partner(record_purchases),
    "record_returns": by_partner(record_returns),
    "record_stock_movements": by_partner(record_stock_movements),
    "search_products": by_customer(given(query="ノート", sort="RELEVANCE", first=20)),
    "set_point_rules": by_headquarters(set_point_rules),
    "set_safety_stock": by_partner(set_safety_stock),
    "start_point_campaign": by_headquarters(start_point_campaign),
    "stock_changed": by_customer(stock_changed),
    "stock_near": by_customer(stock_near),
    "store": by_customer(of_store),
    "store_stock": by_customer(of_store),
    "substitutes": by_clerk(substitutes),
    "suggest": by_customer(given(prefix="ノー")),
    "upsert_categories": by_partner(upsert_categories),
    "upsert_products": by_partner(upsert_products),
}
