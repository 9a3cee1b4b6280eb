"""Who issues receipts, and the links that open one without signing in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

import jwt

from app.auth.keys import KeyRing
from app.orders.errors import ReceiptLinkEnded
from app.orders.model import ReceiptIssuer
from app.orders.receipts import Receipt, receipt_of
from app.orders.repository import OrderRepository
from app.shared.clock import Clock
from app.shared.ids import opaque_id
from app.shared.mongodb.database import Database
from app.stores.known_stores import KnownStores

ALGORITHM = "ES256"
KEY_TYPE = "receipt+jwt"  # no access token passes for one, and none of these for an access token
AUDIENCE = "receipts"
LINK_LIFETIME = timedelta(minutes=10)
MAXIMUM_KEY_LENGTH = 1024


@dataclass(frozen=True, slots=True)
class Retailer:
    """The retailer as receipts name it; without a registration number they are no qualified invoices."""

    name: str
    registration_number: str | None


class ReceiptService:
    """The use cases of receipts. Who may read an order's receipt is the caller's to check."""

    def __init__(
        self,
        database: Database,
        stores: KnownStores,
        keys: KeyRing,
        retailer: Retailer,
        clock: Clock,
    ) -> None:
        self._orders = OrderRepository(database)
        self._stores = stores
        self._keys = keys
        self._retailer = retailer
        self._clock = clock

    async def issuer(self, store_id: str, now: datetime) -> ReceiptIssuer:
        """Who issues a receipt at this store now, to be kept with the order as it is today."""
        store = await self._stores.require(store_id, ["input", "orderId"])
        return ReceiptIssuer(
            name=self._retailer.name,
            registration_number=self._retailer.registration_number,
            store_code=store.code,
            store_names=store.names,
            store_address=store.address.lines,
            store_phone=store.phone,
            time_zone=store.time_zone,
            issued_at=now,
        )

    def page(self, order_id: str, language: str) -> str:
        """The path of the order's receipt as a page; whoever has it may open it for 10 minutes."""
        now = self._clock.now()
        key = self._keys.signing_key(now)
        claims = {"aud": AUDIENCE, "sub": order_id, "exp": int((now + LINK_LIFETIME).timestamp())}
        text = jwt.encode(claims, key.private, algorithm=ALGORITHM, headers={"typ": KEY_TYPE, "kid": key.id})
        return f"/receipts/{opaque_id('Order', order_id)}?{urlencode({'lang': language, 'key': text})}"

    async def open(self, page_id: str, key: str) -> Receipt:
        """The receipt that the link leads to. Raises ReceiptLinkEnded, whatever is wrong with it."""
        order_id = self._order_of(key)
        if order_id is None or page_id != opaque_id("Order", order_id):
            raise ReceiptLinkEnded
        order = await self._orders.get(order_id)
        receipt = receipt_of(order) if order else None
        if receipt is None:
            raise ReceiptLinkEnded
        return receipt

    def _order_of(self, text: str) -> str | None:
        """The order that this key opens now, if it does any."""
        now = self._clock.now()
        if len(text) > MAXIMUM_KEY_LENGTH:
            return None
        try:
            header = jwt.get_unverified_header(text)
            key = self._keys.find(str(header.get("kid")), now)
            if key is None or header.get("typ") != KEY_TYPE:
                return None
            claims = jwt.decode(
                text,
                key.public,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                # The time is checked by the clock that the rest of the house goes by.
                options={"require": ["aud", "sub", "exp"], "verify_exp": False},
            )
        except (jwt.InvalidTokenError, ValueError):
            return None
        order_id: str = claims["sub"]
        return order_id if now.timestamp() < claims["exp"] else None
