"""The demo retailer's catalogue: everyday things of invented brands, as many SKUs as are asked for."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from app.catalog.model import Category, DescribedProduct, Sku, TaxRate, Texts
from app.catalog.rules import jan_check_digit
from app.shared.i18n import Language
from app.shared.money import Currency, Money

CATEGORY_TABLE = Path(__file__).with_name("categories.csv")
PRODUCT_TABLE = Path(__file__).with_name("products.csv")
IN_STORE_PREFIX = "20"  # JANs that begin so belong to no maker
FOOD = {"food", "drinks", "sweets", "meals"}

BRANDS = {
    "Koharu": "こはる",
    "Harinezumi": "はりねずみ",
    "Minamo": "みなも",
    "Tsumugi": "つむぎ",
    "Yamabiko": "やまびこ",
}
COLOURS = {
    "white": ("白", "White"),
    "black": ("黒", "Black"),
    "grey": ("グレー", "Grey"),
    "navy": ("紺", "Navy"),
    "blue": ("青", "Blue"),
    "indigo": ("藍", "Indigo"),
    "red": ("赤", "Red"),
    "pink": ("ピンク", "Pink"),
    "yellow": ("黄", "Yellow"),
    "beige": ("ベージュ", "Beige"),
    "khaki": ("カーキ", "Khaki"),
    "natural": ("生成り", "Natural"),
}
# What a variation of a product is called, in Japanese, in kana and in English.
SERIES = (
    ("軽量", "けいりょう", "Light"),
    ("厚手", "あつで", "Heavy"),
    ("抗菌", "こうきん", "Antibacterial"),
    ("限定", "げんてい", "Limited"),
    ("定番", "ていばん", "Classic"),
    ("小さめ", "ちいさめ", "Small"),
    ("大きめ", "おおきめ", "Large"),
    ("春の", "はるの", "Spring"),
    ("夏の", "なつの", "Summer"),
    ("秋の", "あきの", "Autumn"),
    ("冬の", "ふゆの", "Winter"),
    ("旅の", "たびの", "Travel"),
)


def demo_categories() -> list[Category]:
    """All categories, each after its parent."""
    with CATEGORY_TABLE.open(encoding="utf-8", newline="") as table:
        return [
            Category(
                id=row["code"],
                parent_id=row["parent"] or None,
                names={Language.JA: row["ja"], Language.EN: row["en"]},
                kana=row["kana"],
                position=position,
            )
            for position, row in enumerate(csv.DictReader(table))
        ]


def demo_products(skus: int, today: datetime) -> Iterator[DescribedProduct]:
    """Products with so many SKUs in all: first those of the table, then variations of them."""
    missing = skus
    numbers = count(1)
    for variation in count():
        for product in _table(numbers, today):
            if missing <= 0:
                return
            found = _variation(product, variation)
            found = replace(found, skus=found.skus[:missing])
            missing -= len(found.skus)
            yield found


def table_sku_count() -> int:
    """How many SKUs the table has."""
    return sum(len(row["colours"].split("|")) * len(row["sizes"].split("|")) for row in _rows())


def _rows() -> list[dict[str, str]]:
    with PRODUCT_TABLE.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def _table(numbers: Iterator[int], today: datetime) -> Iterator[DescribedProduct]:
    for row in _rows():
        yield DescribedProduct(
            id=row["code"],
            names={Language.JA: row["ja"], Language.EN: row["en"]},
            kana=row["kana"],
            brand=row["brand"],
            brand_kana=BRANDS[row["brand"]],
            category_id=row["category"],
            descriptions={Language.JA: row["description_ja"], Language.EN: row["description_en"]},
            tax_rate=TaxRate.REDUCED if row["category"] in FOOD else TaxRate.STANDARD,
            skus=tuple(_skus(row, numbers)),
            tags=tuple(tag.lower() for tag in row["tags"].split("|")),
            popularity=int(row["popularity"]),
            created_at=today - timedelta(days=int(row["popularity"]) % 365),
        )


def _skus(row: dict[str, str], numbers: Iterator[int]) -> Iterator[Sku]:
    """A SKU for each colour in each size."""
    for colour in row["colours"].split("|"):
        for place, size in enumerate(row["sizes"].split("|")):
            marks = [row["code"], colour[:3].upper(), size.upper() if size.isascii() else str(place + 1)]
            digits = f"{IN_STORE_PREFIX}{next(numbers):010d}"
            yield Sku(
                id="-".join(mark for mark in marks if mark),
                jan=digits + jan_check_digit(digits),
                price=Money(int(row["price"]) + 100 * place * (not row["colours"]), Currency.JPY),
                colour=_colour(colour) if colour else None,
                size=size or None,
            )


def _variation(product: DescribedProduct, number: int) -> DescribedProduct:
    """The product itself, or another of its kind: of a series, and from the second round on with a number."""
    if number == 0:
        return product
    turn, place = divmod(number - 1, len(SERIES))
    ja, kana, en = SERIES[place]
    edition = str(turn + 1) if turn else ""
    return replace(
        product,
        id=f"{product.id}-V{number}",
        names={
            Language.JA: f"{ja} {product.names[Language.JA]} {edition}".strip(),
            Language.EN: f"{en} {product.names[Language.EN]} {edition}".strip(),
        },
        kana=f"{kana} {product.kana}",
        skus=tuple(replace(sku, id=f"{sku.id}-V{number}") for sku in product.skus),
        popularity=product.popularity // (number + 1),
    )


def _colour(name: str) -> Texts:
    ja, en = COLOURS[name]
    return {Language.JA: ja, Language.EN: en}
