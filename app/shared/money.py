"""Money."""

from dataclasses import dataclass
from enum import StrEnum


class Currency(StrEnum):
    """A currency of ISO 4217 that the retailer sells in. Amounts in two currencies cannot be compared."""

    JPY = "JPY"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of its currency; the yen has none, so 100 is 100 yen."""

    amount: int
    currency: Currency


def yen(amount: int) -> Money:
    return Money(amount, Currency.JPY)
