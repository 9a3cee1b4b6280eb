"""Recommendations: SKUs that a member may like, each with the reasons why it is shown."""

from dataclasses import dataclass
from enum import StrEnum

from app.catalog.model import Product, ProductSketch, Sku


class RecommendationPlace(StrEnum):
    """Where in the app recommendations are shown."""

    HOME = "HOME"
    STORE = "STORE"
    PRODUCT = "PRODUCT"


class ReasonKind(StrEnum):
    """Why something is recommended."""

    RELATED_TO_LIKED = "RELATED_TO_LIKED"
    RELATED_TO_PRODUCT = "RELATED_TO_PRODUCT"
    LIKED_CATEGORY = "LIKED_CATEGORY"
    LIKED_BRAND = "LIKED_BRAND"
    POPULAR = "POPULAR"
    NEARBY = "NEARBY"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, and the SKU, category or brand that it is about. `weight` is its part of the score."""

    kind: ReasonKind
    weight: float
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Taste:
    """What is known of whom to recommend for: how much she likes each thing, 1 for what she likes most.

    `related` are SKUs that go with others, each with the kind of reason and the other SKU that leads to it.
    """

    categories: dict[str, float]
    brands: dict[str, float]
    related: dict[str, tuple[ReasonKind, str, float]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A SKU that might be recommended; `available` are its pieces at the store that counts, if one does."""

    product: ProductSketch
    sku_id: str
    available: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A candidate that is chosen, with its reasons, the weightiest first."""

    candidate: Candidate
    reasons: tuple[Reason, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A SKU as it is recommended, with its reasons, the weightiest first."""

    product: Product
    sku: Sku
    available: int | None
    reasons: tuple[Reason, ...]
