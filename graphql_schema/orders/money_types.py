"""What orders and receipts cost."""

from collections.abc import Iterable

import strawberry

from app.catalog.model import TaxRate
from app.orders import model
from app.shared.money import yen
from graphql_schema.money import Money, money_of


@strawberry.type(description="What is sold at one rate of the consumption tax.")
class TaxTotal:
    rate: TaxRate = strawberry.field(description="The rate.")
    percent: int = strawberry.field(description="The rate in percent.")
    amount: Money = strawberry.field(description="The total of what is sold at this rate, tax included.")
    tax: Money = strawberry.field(
        description="The tax in it, rounded down once for the rate, as a qualified invoice wants it."
    )


@strawberry.type(description="What an order costs. Points are a payment: they change no price and no tax.")
class OrderTotals:
    total: Money = strawberry.field(description="All lines, tax included.")
    taxes: list[TaxTotal] = strawberry.field(description="By rate, the higher one first.")
    points_used: int = strawberry.field(description="Points it is paid with; 1 point is worth 1 yen.")
    to_pay: Money = strawberry.field(description="What is left to pay in money.")
    points_to_earn: int = strawberry.field(description="Points that it earns once it is collected.")


def tax_nodes(taxes: Iterable[model.TaxTotal]) -> list[TaxTotal]:
    return [
        TaxTotal(
            rate=each.rate,
            percent=each.rate.percent,
            amount=money_of(yen(each.amount)),
            tax=money_of(yen(each.tax)),
        )
        for each in taxes
    ]


def totals_node(totals: model.Totals) -> OrderTotals:
    return OrderTotals(
        total=money_of(yen(totals.total)),
        taxes=tax_nodes(totals.taxes),
        points_used=totals.points_used,
        to_pay=money_of(yen(totals.to_pay)),
        points_to_earn=totals.points_to_earn,
    )
