"""What can be done with carts: look at one, put in and take out, choose the store."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from app.carts import rules
from app.carts.errors import StoreWithoutPickup
from app.carts.model import Cart, CartLine, SeenCart
from app.carts.repository import CartRepository
from app.catalog.errors import SkuNotForSale
from app.catalog.service import CatalogService
from app.inventory.model import StockKey
from app.inventory.service import StockService
from app.shared.clock import Clock
from app.shared.mongodb.database import Database, Session
from app.stores.model import StoreServiceKind
from app.stores.service import StoreService

Decide = Callable[[Cart], Cart]


class CartService:
    """The use cases of carts. Nothing is held for a cart: its prices and stock are those of the moment."""

    def __init__(
        self,
        database: Database,
        catalog: CatalogService,
        stock: StockService,
        stores: StoreService,
        clock: Clock,
    ) -> None:
        self._database = database
        self._carts = CartRepository(database)
        self._catalog = catalog
        self._stock = stock
        self._stores = stores
        self._clock = clock

    async def of_member(self, member_id: str) -> SeenCart:
        """The member's cart with today's prices and stock; lines that cannot be had are in it and say so."""
        return await self._seen(await self._carts.get(member_id))

    async def set_line(
        self, member_id: str, sku_id: str, quantity: int, version: int | None = None
    ) -> SeenCart:
        """Has this many pieces of a SKU in the cart, whatever there were; 0 takes it out.

        So the same call again changes nothing, and two devices that change different lines both succeed.
        Raises CartQuantityInvalid, CartFull, CartChanged and, for what cannot be put in, SkuNotForSale.
        """
        rules.require_quantity(quantity)
        if quantity == 0:
            return await self._change(
                member_id,
                version,
                lambda cart: replace(cart, lines=tuple(each for each in cart.lines if each.sku_id != sku_id)),
            )
        now = self._clock.now()
        product = (await self._catalog.products_of_skus([sku_id])).get(sku_id)
        if product is None or not product.is_published(now):
            raise SkuNotForSale(path=["input", "skuId"], sku_id=sku_id)
        line = CartLine(sku_id, quantity, product.names, now)
        return await self._change(
            member_id, version, lambda cart: replace(cart, lines=rules.with_line(cart.lines, line))
        )

    async def choose_store(
        self, member_id: str, store_id: str | None, version: int | None = None
    ) -> SeenCart:
        """Says where the member thinks of picking up; None for nowhere yet.

        Raises StoreNotFound, StoreWithoutPickup and CartChanged.
        """
        path = ["input", "storeId"]
        if store_id is not None:
            store = await self._stores.require(store_id, path)
            if StoreServiceKind.PICKUP not in store.services:
                raise StoreWithoutPickup(path=path)
        return await self._change(member_id, version, lambda cart: replace(cart, store_id=store_id))

    async def clear(self, member_id: str, version: int | None = None) -> SeenCart:
        """Takes all lines out; the store stays chosen. Raises CartChanged."""
        return await self._change(member_id, version, lambda cart: replace(cart, lines=()))

    async def take_out(self, member_id: str, pieces: Mapping[str, int], session: Session) -> None:
        """Takes out what was ordered, so many pieces of each SKU, in the transaction of the ordering."""
        cart = await self._carts.get(member_id, session)
        lines = rules.without(cart.lines, pieces)
        if lines != cart.lines:
            await self._write(replace(cart, lines=lines), session)

    async def merge(self, guest_id: str, member_id: str, session: Session) -> None:
        """Makes a guest's cart the member's."""
        guests = await self._carts.get(guest_id, session)
        if guests.version:
            own = await self._carts.get(member_id, session)
            await self._write(rules.merged(own, guests), session)
            await self._carts.remove(guest_id, session)

    async def _change(self, member_id: str, version: int | None, decide: Decide) -> SeenCart:
        """Changes the cart as it is; a decision that changes nothing writes nothing."""

        async def act(session: Session) -> Cart:
            cart = await self._carts.get(member_id, session)
            rules.require_version(cart, version)
            after = decide(cart)
            return cart if after == cart else await self._write(after, session)

        return await self._seen(await self._database.transaction(act))

    async def _write(self, cart: Cart, session: Session) -> Cart:
        return await self._carts.replace(replace(cart, changed_at=self._clock.now()), session)

    async def _seen(self, cart: Cart) -> SeenCart:
        now = self._clock.now()
        products = await self._catalog.products_of_skus([line.sku_id for line in cart.lines])
        pieces = await self._available(cart)
        lines = tuple(
            rules.seen(line, products.get(line.sku_id), pieces.get(line.sku_id), now) for line in cart.lines
        )
        return SeenCart(cart, lines, now)

    async def _available(self, cart: Cart) -> dict[str, int]:
        """The pieces of each line's SKU that the chosen store has; nothing when none is chosen."""
        if cart.store_id is None or not cart.lines:
            return {}
        keys = [StockKey(line.sku_id, cart.store_id) for line in cart.lines]
        pieces = await self._stock.available(keys)
        return {key.sku_id: pieces.get(key, 0) for key in keys}
