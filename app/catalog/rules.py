"""Pure decisions about the catalogue: what a product and a category must be like."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from app.catalog.errors import (
    CategoryCodeInvalid,
    CodeInvalid,
    ImageInvalid,
    JanInvalid,
    KanaInvalid,
    PopularityInvalid,
    PositionInvalid,
    PreparationWeightInvalid,
    PriceInvalid,
    PublishWindowInvalid,
    SkuMissing,
    TextInvalid,
    TooManyItems,
)
from app.catalog.model import Attribute, Category, DescribedProduct, Sku, Texts
from app.members.rules import CATEGORY_MAXIMUM_LENGTH, is_category
from app.shared.errors import Refusal, SeveralRefusals
from app.shared.money import Money
from app.shared.texts import folded, normal_line, normal_paragraphs

CODE_MAXIMUM_LENGTH = 40
NAME_MAXIMUM_LENGTH = 100
DESCRIPTION_MAXIMUM_LENGTH = 2_000
LABEL_MAXIMUM_LENGTH = 40  # of a brand, a colour, a size, an attribute's name
TAG_MAXIMUM_LENGTH = 30
VALUE_MAXIMUM_LENGTH = 200
IMAGE_MAXIMUM_LENGTH = 500
MAXIMUM_SKUS = 100
MAXIMUM_TAGS = 10
MAXIMUM_ATTRIBUTES = 30
MAXIMUM_IMAGES = 10
MAXIMUM_PREPARATION_WEIGHT = 100
MAXIMUM_PRICE = 100_000_000
MAXIMUM_POPULARITY = 1_000_000_000
MAXIMUM_POSITION = 9_999

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_JAN = re.compile(r"\d{13}", re.ASCII)
_READING = re.compile(r"[ァ-ヺー・a-z0-9 .]*[ァ-ヺ][ァ-ヺー・a-z0-9 .]*")
_URL = re.compile(r"https://[!-~]+", re.ASCII)

Item = list[str]  # where in the input something stands


def jan_check_digit(digits: str) -> str:
    """The check digit that follows these 12 digits (GS1 General Specifications, 7.9)."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return str(-total % 10)


def is_jan(text: str) -> bool:
    """Whether this is a JAN (EAN-13): 13 digits, the last of which checks the others."""
    return _JAN.fullmatch(text) is not None and jan_check_digit(text[:-1]) == text[-1]


def checked_product(product: DescribedProduct, path: Sequence[str]) -> DescribedProduct:
    """The product with its texts in their normal form. Raises SeveralRefusals with all that is wrong."""
    review = _Review()
    found = review.product(product, list(path))
    review.require_none()
    return found


def checked_category(category: Category, path: Sequence[str]) -> Category:
    """The category with its texts in their normal form. Raises SeveralRefusals with all that is wrong."""
    review = _Review()
    found = review.category(category, list(path))
    review.require_none()
    return found


class _Review:
    """Goes through an input and notes all that is wrong with it."""

    def __init__(self) -> None:
        self.refusals: list[Refusal] = []

    def require_none(self) -> None:
        if self.refusals:
            raise SeveralRefusals(self.refusals)

    def product(self, product: DescribedProduct, path: Item) -> DescribedProduct:
        self._code(product.id, [*path, "code"])
        if not 0 <= product.popularity <= MAXIMUM_POPULARITY:
            self._note(PopularityInvalid, [*path, "popularity"], minimum=0, maximum=MAXIMUM_POPULARITY)
        start, end = product.published_from, product.published_until
        if start is not None and end is not None and end <= start:
            self._note(PublishWindowInvalid, [*path, "publishedUntil"])
        return replace(
            product,
            names=self._texts(product.names, NAME_MAXIMUM_LENGTH, [*path, "name"]),
            kana=self._kana(product.kana, NAME_MAXIMUM_LENGTH, [*path, "kana"]),
            brand=self._line(product.brand, LABEL_MAXIMUM_LENGTH, [*path, "brand"]),
            brand_kana=product.brand_kana
            and self._kana(product.brand_kana, LABEL_MAXIMUM_LENGTH, [*path, "brandKana"]),
            descriptions=self._descriptions(product.descriptions, [*path, "description"]),
            tags=self._tags(product.tags, [*path, "tags"]),
            attributes=self._attributes(product.attributes, [*path, "attributes"]),
            images=self._images(product.images, [*path, "images"]),
            skus=self._skus(product.skus, [*path, "skus"]),
        )

    def category(self, category: Category, path: Item) -> Category:
        if not is_category(category.id):
            self._note(CategoryCodeInvalid, [*path, "code"], maximum=CATEGORY_MAXIMUM_LENGTH)
        if not 0 <= category.position <= MAXIMUM_POSITION:
            self._note(PositionInvalid, [*path, "position"], minimum=0, maximum=MAXIMUM_POSITION)
        return replace(
            category,
            names=self._texts(category.names, LABEL_MAXIMUM_LENGTH, [*path, "name"]),
            kana=self._kana(category.kana, LABEL_MAXIMUM_LENGTH, [*path, "kana"]),
        )

    def _skus(self, skus: Sequence[Sku], path: Item) -> tuple[Sku, ...]:
        if not skus:
            self._note(SkuMissing, path)
        if not self._are_few(skus, MAXIMUM_SKUS, path):
            return ()
        return tuple(self._sku(sku, [*path, str(place)]) for place, sku in enumerate(skus))

    def _sku(self, sku: Sku, path: Item) -> Sku:
        self._code(sku.id, [*path, "code"])
        if not is_jan(sku.jan):
            self._note(JanInvalid, [*path, "jan"])
        self._price(sku.price, [*path, "price"])
        if not 0 <= sku.preparation_weight <= MAXIMUM_PREPARATION_WEIGHT:
            self._note(
                PreparationWeightInvalid, [*path, "preparationWeight"], maximum=MAXIMUM_PREPARATION_WEIGHT
            )
        return replace(
            sku,
            colour=sku.colour and self._texts(sku.colour, LABEL_MAXIMUM_LENGTH, [*path, "colour"]),
            size=None if sku.size is None else self._line(sku.size, LABEL_MAXIMUM_LENGTH, [*path, "size"]),
        )

    def _price(self, price: Money, path: Item) -> None:
        if not 0 <= price.amount <= MAXIMUM_PRICE:
            self._note(PriceInvalid, [*path, "amount"], minimum=0, maximum=MAXIMUM_PRICE)

    def _tags(self, tags: Sequence[str], path: Item) -> tuple[str, ...]:
        if not self._are_few(tags, MAXIMUM_TAGS, path):
            return ()
        lines = [
            self._line(tag, TAG_MAXIMUM_LENGTH, [*path, str(place)]).lower() for place, tag in enumerate(tags)
        ]
        return tuple(dict.fromkeys(lines))

    def _attributes(self, attributes: Sequence[Attribute], path: Item) -> tuple[Attribute, ...]:
        if not self._are_few(attributes, MAXIMUM_ATTRIBUTES, path):
            return ()
        return tuple(
            Attribute(
                self._line(each.name, LABEL_MAXIMUM_LENGTH, [*path, str(place), "name"]),
                self._line(each.value, VALUE_MAXIMUM_LENGTH, [*path, str(place), "value"]),
            )
            for place, each in enumerate(attributes)
        )

    def _images(self, images: Sequence[str], path: Item) -> tuple[str, ...]:
        if not self._are_few(images, MAXIMUM_IMAGES, path):
            return ()
        for place, image in enumerate(images):
            if not is_image_url(image):
                self._note(ImageInvalid, [*path, str(place)], maximum=IMAGE_MAXIMUM_LENGTH)
        return tuple(images)

    def _descriptions(self, texts: Texts, path: Item) -> Texts:
        return {
            language: self._text(text, normal_paragraphs, 0, DESCRIPTION_MAXIMUM_LENGTH, [*path, language])
            for language, text in texts.items()
        }

    def _texts(self, texts: Texts, maximum: int, path: Item) -> Texts:
        return {language: self._line(text, maximum, [*path, language]) for language, text in texts.items()}

    def _line(self, text: str, maximum: int, path: Item) -> str:
        return self._text(text, normal_line, 1, maximum, path)

    def _text(
        self, text: str, normal: Callable[[str, int], str | None], minimum: int, maximum: int, path: Item
    ) -> str:
        found = normal(text, maximum)
        if found is None:
            self._note(TextInvalid, path, minimum=minimum, maximum=maximum)
        return found or ""

    def _kana(self, text: str, maximum: int, path: Item) -> str:
        reading = normal_line(text, maximum)
        if reading is None or not _READING.fullmatch(folded(reading)):
            self._note(KanaInvalid, path, maximum=maximum)
        return reading or ""

    def _code(self, text: str, path: Item) -> None:
        if len(text) > CODE_MAXIMUM_LENGTH or not _CODE.fullmatch(text):
            self._note(CodeInvalid, path, maximum=CODE_MAXIMUM_LENGTH)

    def _are_few(self, items: Sequence[object], maximum: int, path: Item) -> bool:
        if len(items) > maximum:
            self._note(TooManyItems, path, maximum=maximum)
        return len(items) <= maximum

    def _note(self, refusal: type[Refusal], path: Item, **numbers: int) -> None:
        self.refusals.append(refusal(path=path, **numbers))


def is_image_url(text: str) -> bool:
    """Whether this is the https address of an image: printable ASCII, a host, and no credentials."""
    if len(text) > IMAGE_MAXIMUM_LENGTH or not _URL.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and "@" not in parts.netloc and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
