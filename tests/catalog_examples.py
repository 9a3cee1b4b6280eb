"""Plain examples of the catalogue that many tests start from."""

from itertools import count
from typing import Any

from app.catalog.model import Category, DescribedProduct, Sku, TaxRate
from app.catalog.rules import jan_check_digit
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.shared.money import Currency, Money

_numbers = count(1)


def a_jan() -> str:
    """A JAN that no other test has."""
    digits = f"29{next(_numbers):010d}"
    return digits + jan_check_digit(digits)


def a_sku(**changes: Any) -> Sku:
    fields: dict[str, Any] = {
        "id": f"SKU-{new_id()[-12:]}",
        "jan": a_jan(),
        "price": Money(1_200, Currency.JPY),
    }
    return Sku(**{**fields, **changes})


def a_product(**changes: Any) -> DescribedProduct:
    """A paper lantern in the category `household`."""
    fields: dict[str, Any] = {
        "id": f"P-{new_id()[-12:]}",
        "names": {Language.JA: "和紙 ちょうちん", Language.EN: "Paper Lantern"},
        "kana": "わし ちょうちん",
        "brand": "Akari",
        "brand_kana": "あかり",
        "category_id": "household",
        "descriptions": {Language.JA: "やわらかな灯りです。", Language.EN: "A soft light."},
        "tax_rate": TaxRate.STANDARD,
        "skus": (a_sku(),),
    }
    return DescribedProduct(**{**fields, **changes})


def a_category(category_id: str, parent_id: str | None = None, **changes: Any) -> Category:
    names = {Language.JA: "あかり", Language.EN: "Lighting"}
    return Category(
        **{"id": category_id, "parent_id": parent_id, "names": names, "kana": "あかり", **changes}
    )


def a_product_input(**changes: Any) -> dict[str, Any]:
    """The same lantern, as a partner sends it."""
    code = changes.get("code", f"P-{new_id()[-12:]}")
    fields = {
        "code": code,
        "name": {"ja": "和紙 ちょうちん", "en": "Paper Lantern"},
        "kana": "わし ちょうちん",
        "brand": "Akari",
        "brandKana": "あかり",
        "categoryCode": "household",
        "description": {"ja": "やわらかな灯りです。", "en": "A soft light."},
        "tags": ["Gift"],
        "attributes": [{"name": "材質", "value": "和紙"}],
        "images": ["https://images.example/lantern.jpg"],
        "skus": [
            {
                "code": f"{code}-S",
                "jan": a_jan(),
                "price": {"amount": 1200},
                "colour": {"ja": "白", "en": "White"},
                "size": "S",
            }
        ],
    }
    return {**fields, **changes}


def a_category_input(**changes: Any) -> dict[str, Any]:
    fields = {"code": "lighting", "name": {"ja": "照明", "en": "Lighting"}, "kana": "しょうめい"}
    return {**fields, "parentCode": "household", **changes}
