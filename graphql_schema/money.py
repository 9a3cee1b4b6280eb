"""Money, as everybody may see it."""

import strawberry

from app.shared import money

strawberry.enum(money.Currency, description="A currency of ISO 4217.")


@strawberry.type(description="An amount of money. Readable by whoever may read what costs it.")
class Money:
    amount: int = strawberry.field(description="Minor units of the currency: yen for JPY.")
    currency: money.Currency = strawberry.field(description="The currency.")


@strawberry.input(description="An amount of money.")
class MoneyInput:
    amount: int = strawberry.field(description="Minor units of the currency: yen for JPY; not negative.")
    currency: money.Currency = strawberry.field(
        default=money.Currency.JPY, description="The retailer's currency."
    )


def money_of(amount: money.Money) -> Money:
    return Money(amount=amount.amount, currency=amount.currency)
