"""The consumption tax that prices include."""

from app.catalog.model import TaxRate


def tax_within(amount: int, rate: TaxRate) -> int:
    """The tax that an amount includes, its fraction of a yen cut off."""
    return amount * rate.percent // (100 + rate.percent)
