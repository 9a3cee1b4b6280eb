"""The cart through GraphQL: filled on one device, seen on another, ordered."""

from typing import Any

import httpx

from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id
from tests.api.callers import Caller
from tests.api.order_calls import store_node_id, wish_input
from tests.integration.shop import Shop


async def run(caller: Caller, name: str, input: dict[str, Any] | None = None) -> Any:
    """The official operation's one answer."""
    document = TEXTS[name]
    variables = {"input": input} if input is not None else {}
    (answer,) = (await caller.send(document, variables, Accept_Language="en")).values()
    return answer


async def cart_of(caller: Caller) -> Any:
    return (await run(caller, "my_cart"))["cart"]


async def test_from_the_cart_to_the_order(member: Caller, other_member: Caller, shop: Shop) -> None:
    notebook, pen = (encode_id("Sku", sku.id) for sku in shop.skus)
    await run(member, "set_cart_line", {"skuId": notebook, "quantity": 2})
    await run(member, "set_cart_line", {"skuId": pen, "quantity": 30})
    chosen = await run(member, "choose_cart_store", {"storeId": store_node_id(shop)})
    cart = await cart_of(member)
    assert cart == {**chosen["cart"], "asOf": cart["asOf"]}
    assert (cart["version"], cart["total"], cart["store"]["id"]) == (
        3,
        {"amount": 11_000},
        store_node_id(shop),
    )
    assert [(line["skuId"], line["state"], line["available"]) for line in cart["lines"]] == [
        (notebook, "AVAILABLE", 20),
        (pen, "SHORT", 20),
    ]
    assert cart["lines"][0]["name"] == "Paper Lantern"
    wish = {**wish_input(shop, (0, 2)), "paymentMethod": "PAY_AT_STORE", "isOfCart": True}
    placed = await run(member, "place_order", {**wish, "idempotencyKey": "order-key-0001"})
    assert placed["__typename"] == "OrderPlaced", placed
    assert [line["skuId"] for line in (await cart_of(member))["lines"]] == [pen]
    assert (await cart_of(other_member))["lines"] == []
    refused = await run(member, "clear_cart", {"version": 3})
    assert [error["code"] for error in refused["errors"]] == ["CART_CHANGED"]
    cleared = await run(member, "clear_cart", {})
    assert (cleared["cart"]["lines"], cleared["cart"]["store"]["id"]) == ([], store_node_id(shop))


async def test_a_line_that_cannot_be_had_is_named_in_both_languages(
    client: httpx.AsyncClient, member: Caller, shop: Shop
) -> None:
    pen = encode_id("Sku", shop.skus[1].id)
    document = TEXTS["set_cart_line"]
    for language, text in (("en", "Give 0 to 99 pieces"), ("ja", "数量は0〜99点")):
        answer = await member.send(
            document, {"input": {"skuId": pen, "quantity": 100}}, Accept_Language=language
        )
        (error,) = answer["setCartLine"]["errors"]
        assert error["path"] == ["input", "quantity"]
        assert error["message"].startswith(text)
