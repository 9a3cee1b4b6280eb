"""What the demo retailer's members bought on their visits, the same for the same seed and day."""

import random
from collections.abc import Sequence
from datetime import timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from app.catalog.category_tree import CategoryTree
from app.catalog.model import Product
from app.check_ins.model import CheckIn
from app.demo.ids import demo_id
from app.members.model import Member
from app.purchases.model import Purchase, PurchaseLine, ReceiptLine, ReceiptName
from app.shared.channels import Channel
from app.shared.i18n import Language

BUYS = 0.6  # of the visits
LINES_MAXIMUM = 4
REPORTED_BY = "demo"
LIKED = 6  # times as likely as anything else: what is of her favourite categories


class DemoPurchases:
    """Makes receipts of visits: of what a member likes more than of anything else.

    `paths` leads from the topmost category down to each.
    """

    def __init__(self, products: Sequence[Product], categories: CategoryTree, time_zone: ZoneInfo) -> None:
        self._products = products
        self.paths = {
            each.id: tuple(step.id for step in categories.path(each.id)) for each in categories.in_order()
        }
        self._tops = {
            product.id: next(iter(self.paths.get(product.category_id, ())), product.category_id)
            for product in products
        }
        self._time_zone = time_zone
        self._weights: dict[tuple[str, ...], list[int]] = {}

    def of_visit(self, member: Member, check_in: CheckIn, chance: random.Random) -> Purchase | None:
        """What she bought on a visit, if anything."""
        if self._products and chance.random() < BUYS:
            return self._purchase(member, check_in, chance)
        return None

    def _purchase(self, member: Member, check_in: CheckIn, chance: random.Random) -> Purchase:
        weights = self._weights_for(member.profile.favourite_categories)
        wanted = chance.choices(self._products, cum_weights=weights, k=chance.randint(1, LINES_MAXIMUM))
        lines = tuple(PurchaseLine(_line(product, chance)) for product in wanted)
        moment = check_in.checked_in_at + timedelta(minutes=chance.randint(3, 40))
        purchase_id = demo_id(chance, member.registered_at)
        number = f"{chance.randrange(10**16):016}"  # as many as make no two of a million members the same
        return Purchase(
            id=purchase_id,
            version=1,
            name=ReceiptName(Channel.STORE, check_in.store_id, "till-1", number),
            member_id=member.id,
            occurred_at=moment,
            received_at=moment,
            store_day=check_in.store_day,
            rank_year=moment.astimezone(self._time_zone).year,
            lines=lines,
            total=sum(line.item.amount for line in lines),
            reported_by=REPORTED_BY,
            content_hash=purchase_id,
        )

    def _weights_for(self, favourites: tuple[str, ...]) -> list[int]:
        """How likely each product is or one before it, for who likes these categories."""
        if favourites not in self._weights:
            weights = [LIKED if self._tops[product.id] in favourites else 1 for product in self._products]
            self._weights[favourites] = list(accumulate(weights))
        return self._weights[favourites]


def _line(product: Product, chance: random.Random) -> ReceiptLine:
    sku = chance.choice(product.skus)
    quantity = chance.choice([1, 1, 1, 2])
    return ReceiptLine(
        quantity=quantity,
        amount=sku.price.amount * quantity,
        tax_rate=product.tax_rate,
        sku_id=sku.id,
        jan=sku.jan,
        name=product.names[Language.JA],
        category_id=product.category_id,
    )
