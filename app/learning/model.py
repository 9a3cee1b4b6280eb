"""What is learnt from all members together."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RelatedSku:
    """A SKU that is liked by those who like another one: the larger its score, above 0, the more so.

    `members` is how many of those who were looked at like both.
    """

    sku_id: str
    score: float
    members: int
