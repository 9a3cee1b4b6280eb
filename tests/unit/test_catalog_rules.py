"""What a product and a category must be like."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.model import Attribute, Product
from app.catalog.rules import checked_category, checked_product, is_image_url, is_jan, jan_check_digit
from app.shared.errors import SeveralRefusals
from app.shared.i18n import Language
from app.shared.money import Currency, Money
from tests.catalog_examples import a_category, a_product, a_sku
from tests.conftest import NOON_IN_TOKYO

PATH = ["input", "products", "0"]


def texts(ja: str, en: str = "Paper") -> dict[Language, str]:
    return {Language.JA: ja, Language.EN: en}


def faults(product: Product) -> dict[str, str]:
    """Each code with its place, below the row."""
    with pytest.raises(SeveralRefusals) as caught:
        checked_product(product, PATH)
    return {refusal.code: ".".join(refusal.path[3:]) for refusal in caught.value.refusals}


@pytest.mark.parametrize("jan", ["4901234567894", "2000000000015", "0000000000000", "4006381333931"])
def test_a_jan_with_a_right_check_digit(jan: str) -> None:
    assert is_jan(jan)


@pytest.mark.parametrize(
    "text",
    ["4901234567890", "490123456789", "49012345678944", "", "４９０１２３４５６７８９４", "490123456789x"],
)
def test_what_is_no_jan(text: str) -> None:
    assert not is_jan(text)


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 12), st.integers(1, 9))
def test_a_single_wrong_digit_is_found(digits: str, place: int, offset: int) -> None:
    jan = digits + jan_check_digit(digits)
    wrong = jan[:place] + str((int(jan[place]) + offset) % 10) + jan[place + 1 :]
    assert is_jan(jan)
    assert not is_jan(wrong)


def test_a_good_product_is_left_as_it_is() -> None:
    product = a_product(
        tags=("gift",), attributes=(Attribute("材質", "和紙"),), images=("https://images.example/a.jpg",)
    )
    assert checked_product(product, PATH) == product


def test_texts_are_brought_into_their_normal_form() -> None:
    product = a_product(names=texts(" か\u3099く "), tags=("Gift", " gift", "新作"), brand=" Akari ")
    checked = checked_product(product, PATH)
    assert checked.names[Language.JA] == "がく"
    assert checked.tags == ("gift", "新作")
    assert checked.brand == "Akari"


@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        ({"id": ""}, "CODE_INVALID", "code"),
        ({"id": "x" * 41}, "CODE_INVALID", "code"),
        ({"id": "a b"}, "CODE_INVALID", "code"),
        ({"id": "$where"}, "CODE_INVALID", "code"),
        ({"id": "商品"}, "CODE_INVALID", "code"),
        ({"names": texts("")}, "TEXT_INVALID", "name.ja"),
        ({"names": texts("紙", "x" * 101)}, "TEXT_INVALID", "name.en"),
        ({"names": texts("紙\u202e")}, "TEXT_INVALID", "name.ja"),
        ({"names": texts("紙\nランプ")}, "TEXT_INVALID", "name.ja"),
        ({"kana": "和紙"}, "KANA_INVALID", "kana"),
        ({"kana": "paper"}, "KANA_INVALID", "kana"),
        ({"brand": "x" * 41}, "TEXT_INVALID", "brand"),
        ({"brand_kana": "灯"}, "KANA_INVALID", "brandKana"),
        ({"descriptions": texts("x" * 2001)}, "TEXT_INVALID", "description.ja"),
        ({"descriptions": texts("\x00")}, "TEXT_INVALID", "description.ja"),
        ({"tags": ("x",) * 11}, "TOO_MANY_ITEMS", "tags"),
        ({"tags": ("good", "x" * 31)}, "TEXT_INVALID", "tags.1"),
        ({"attributes": (Attribute("", "x"),)}, "TEXT_INVALID", "attributes.0.name"),
        ({"attributes": (Attribute("x", "y" * 201),)}, "TEXT_INVALID", "attributes.0.value"),
        ({"images": ("http://images.example/a.jpg",)}, "IMAGE_INVALID", "images.0"),
        ({"images": ("https://images.example/a.jpg",) * 11}, "TOO_MANY_ITEMS", "images"),
        ({"popularity": -1}, "POPULARITY_INVALID", "popularity"),
        ({"skus": ()}, "SKU_MISSING", "skus"),
        ({"skus": tuple(a_sku() for _ in range(101))}, "TOO_MANY_ITEMS", "skus"),
        ({"skus": (a_sku(), a_sku(jan="4901234567890"))}, "JAN_INVALID", "skus.1.jan"),
        ({"skus": (a_sku(id="-"),)}, "CODE_INVALID", "skus.0.code"),
        ({"skus": (a_sku(price=Money(-1, Currency.JPY)),)}, "PRICE_INVALID", "skus.0.price.amount"),
        ({"skus": (a_sku(price=Money(100_000_001, Currency.JPY)),)}, "PRICE_INVALID", "skus.0.price.amount"),
        ({"skus": (a_sku(size=""),)}, "TEXT_INVALID", "skus.0.size"),
        ({"skus": (a_sku(colour=texts("白", "")),)}, "TEXT_INVALID", "skus.0.colour.en"),
        (
            {"published_from": NOON_IN_TOKYO, "published_until": NOON_IN_TOKYO},
            "PUBLISH_WINDOW_INVALID",
            "publishedUntil",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(changes: dict[str, Any], code: str, place: str) -> None:
    assert faults(a_product(**changes)) == {code: place}


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = faults(a_product(id="", kana="x", popularity=-1, skus=()))
    assert set(found) == {"CODE_INVALID", "KANA_INVALID", "POPULARITY_INVALID", "SKU_MISSING"}


@pytest.mark.parametrize(
    "url",
    [
        "http://images.example/a.jpg",
        "HTTPS://images.example/a.jpg",
        "https://user:secret@images.example/a.jpg",
        "https:///a.jpg",
        "https://images.example:99999/a.jpg",
        "https://images.example/a b.jpg",
        "https://[images.example/a.jpg",
        "javascript:alert(1)",
        "//images.example/a.jpg",
        "https://画像.example/a.jpg",
        "https://images.example/" + "a" * 500,
    ],
)
def test_only_https_images(url: str) -> None:
    assert is_image_url("https://images.example/a.jpg?size=2")
    assert not is_image_url(url)


def test_it_is_published_from_the_first_moment_until_just_before_the_last() -> None:
    product = a_product(published_from=NOON_IN_TOKYO, published_until=NOON_IN_TOKYO + timedelta(days=1))
    moment = timedelta(milliseconds=1)
    for when, published in (
        (NOON_IN_TOKYO - moment, False),
        (NOON_IN_TOKYO, True),
        (NOON_IN_TOKYO + timedelta(days=1) - moment, True),
        (NOON_IN_TOKYO + timedelta(days=1), False),
    ):
        assert product.is_published(when) is published
    assert a_product().is_published(NOON_IN_TOKYO)


def test_prices_span_the_skus() -> None:
    skus = tuple(a_sku(price=Money(amount, Currency.JPY)) for amount in (300, 100, 200))
    assert a_product(skus=skus).prices == (Money(100, Currency.JPY), Money(300, Currency.JPY))


def test_a_category_is_checked_too() -> None:
    good = a_category("lighting", position=9_999)
    assert checked_category(good, []) == good
    bad = replace(good, id="Lighting", kana="照明", position=10_000, names=texts("x" * 41))
    with pytest.raises(SeveralRefusals) as caught:
        checked_category(bad, [])
    assert {refusal.code for refusal in caught.value.refusals} == {
        "CATEGORY_CODE_INVALID",
        "KANA_INVALID",
        "POSITION_INVALID",
        "TEXT_INVALID",
    }
