"""What a quote is made from, read by one command: the fewer there are, the sooner an order is placed."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.catalog.model import Product
from app.catalog.service import CatalogService
from app.inventory.model import StockKey, StockLevel
from app.inventory.service import StockService
from app.members.model import Member
from app.members.service import MemberService
from app.orders import rules, slots
from app.orders.repository import OrderRepository
from app.orders.slot_service import SlotService
from app.orders.slots import PickupPolicy
from app.orders.wishes import OrderWish
from app.points.model import PointAccount
from app.points.service import PointService
from app.shared.clock import Clock
from app.shared.idempotency import Idempotency, IdempotentRequest
from app.shared.mongodb.database import Database, Document
from app.shared.mongodb.reading import read_together
from app.stores.model import Store
from app.stores.service import StoreService

MOST_NO_SHOWS = max(slots.NO_SHOWS)


@dataclass(frozen=True, slots=True)
class Grounds:
    """All that bears on a wish, as it is at one moment.

    `products` and `levels` are those of the wanted SKUs, as far as there are any. `taken` is in work units.
    `no_shows` is how many orders the member left uncollected of late, as far as any store counts. `answer` is
    the one that the request, if there is any, has had already.
    """

    member: Member | None
    no_shows: int
    account: PointAccount
    store: Store | None
    policy: PickupPolicy
    taken: int
    products: dict[str, Product]
    levels: dict[StockKey, StockLevel]
    answer: Document | None = None

    @property
    def member_name(self) -> str | None:
        return self.member.profile.nickname if self.member else None


class OrderGrounds:
    """Reads what bears on a wish."""

    def __init__(
        self,
        database: Database,
        members: MemberService,
        points: PointService,
        stores: StoreService,
        slots: SlotService,
        catalog: CatalogService,
        stock: StockService,
        idempotency: Idempotency,
        clock: Clock,
    ) -> None:
        self._database = database
        self._orders = OrderRepository(database)
        self._members = members
        self._points = points
        self._stores = stores
        self._slots = slots
        self._catalog = catalog
        self._stock = stock
        self._idempotency = idempotency
        self._clock = clock

    async def read(
        self,
        member_id: str,
        wish: OrderWish,
        sku_ids: Sequence[str],
        request: IdempotentRequest | None = None,
    ) -> Grounds:
        """What bears on the wish now. Raises IdempotencyKeyReused."""
        now = self._clock.now()
        keys = [StockKey(sku_id, wish.store_id) for sku_id in sku_ids]

        member = self._members.reading(member_id)
        no_shows = self._orders.reading_no_shows(
            member_id, now - rules.NO_SHOWS_COUNTED_FOR, now, MOST_NO_SHOWS
        )
        account = self._points.reading_account(member_id)
        store = self._stores.reading(wish.store_id)
        policy = self._slots.reading_policy(wish.store_id)
        taken = self._slots.reading_taken(wish.store_id, wish.slot_starts_at)
        products = self._catalog.reading_of_skus(sku_ids)
        levels = self._stock.reading_levels(keys)
        answer = self._idempotency.reading_answer(request) if request else None

        found = await read_together(
            self._database,
            *(member, no_shows, account, store, policy, taken, products, levels),
            *([answer] if answer else []),
        )
        return Grounds(
            member=found[member],
            no_shows=found[no_shows],
            account=found[account],
            store=found[store],
            policy=found[policy],
            taken=found[taken],
            products=found[products],
            levels=found[levels],
            answer=found[answer] if answer else None,
        )
