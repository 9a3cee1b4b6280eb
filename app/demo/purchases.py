"""What the demo retailer's members bought on their visits, the same for the same seed and day."""

import random
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from app.catalog.category_tree import CategoryTree
from app.catalog.model import Product
from app.check_ins.model import CheckIn
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

    def __init__(
        self, products: Sequence[Product], categories: CategoryTree, time_zone: ZoneInfo, seed: int
    ) -> None:
        self._products = products
        self.paths = {
            each.id: tuple(step.id for step in categories.path(each.id)) for each in categories.in_order()
        }
        self._tops = {
            product.id: next(iter(self.paths.get(product.category_id, ())), product.category_id)
            for product in products
        }
        self._time_zone = time_zone
        self._chance = random.Random(seed + 1)

    def of_visit(self, member: Member, check_in: CheckIn) -> Purchase | None:
        """What she bought on a visit, if anything."""
        if self._products and self._chance.random() < BUYS:
            return self._purchase(member, check_in)
        return None

    def _purchase(self, member: Member, check_in: CheckIn) -> Purchase:
        favourites = member.profile.favourite_categories
        weights = [LIKED if self._tops[product.id] in favourites else 1 for product in self._products]
        wanted = self._chance.choices(self._products, weights, k=self._chance.randint(1, LINES_MAXIMUM))
        lines = tuple(PurchaseLine(self._line(product)) for product in wanted)
        moment = check_in.checked_in_at + timedelta(minutes=self._chance.randint(3, 40))
        purchase_id = f"{self._chance.getrandbits(128):032x}"
        number = f"{self._chance.randrange(10**10):010}"
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

    def _line(self, product: Product) -> ReceiptLine:
        sku = self._chance.choice(product.skus)
        quantity = self._chance.choice([1, 1, 1, 2])
        return ReceiptLine(
            quantity=quantity,
            amount=sku.price.amount * quantity,
            tax_rate=product.tax_rate,
            sku_id=sku.id,
            jan=sku.jan,
            name=product.names[Language.JA],
            category_id=product.category_id,
        )
