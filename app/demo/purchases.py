"""What the demo retailer's members bought on their visits, the same for the same seed and day.

Those purchases are from before the retailer gave points on them, so balances tell of visits alone.
"""

import random
from collections.abc import Iterator, Sequence
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
    """Makes receipts of visits: of what a member likes more than of anything else."""

    def __init__(
        self, products: Sequence[Product], categories: CategoryTree, time_zone: ZoneInfo, seed: int
    ) -> None:
        self._products = products
        self._tops = {product.id: self._top(product, categories) for product in products}
        self._time_zone = time_zone
        self._chance = random.Random(seed + 1)

    def of_visits(self, member: Member, check_ins: Sequence[CheckIn]) -> Iterator[Purchase]:
        """What she bought, a receipt at the most for each visit."""
        for check_in in check_ins:
            if self._products and self._chance.random() < BUYS:
                yield self._purchase(member, check_in)

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

    def _top(self, product: Product, categories: CategoryTree) -> str:
        return next((each.id for each in categories.path(product.category_id)), product.category_id)
