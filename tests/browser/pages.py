"""Who uses the pages: a clerk at her tablet, and a member with her phone in the same browser."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Locator, Page, Route, expect

from app.auth.actor import OPERATOR
from app.auth.roles import Role
from app.orders.model import Order
from app.orders.states import OrderState
from app.staff.model import StaffMember
from graphql_schema.node import encode_id, key_of
from tests.api.order_calls import location_input
from tests.arrangements import PIN, a_staff_member
from tests.browser.telling import is_told
from tests.integration.shop import Shop
from tests.process.servers import Server, serving

SLOT = timedelta(minutes=15)

# A phone speaks to the API by the client that our pages use.
START_PHONE = """async (deviceId) => {
  const { Tsunagu } = await import("/assets/client/tsunagu.js");
  const storage = await import("/assets/client/storage.js");
  const client = new Tsunagu("phone-session", { language: () => "ja", storage });
  client.open(await client.run("register_guest", { input: { deviceId } }));
  window.phone = { client };
}"""
RUN = "([operation, variables]) => phone.client.run(operation, variables)"
FOLLOW = """(orderId) => {
  const subscription = () => ({ operation: "order_changed", variables: { orderId } });
  phone.client.follow(subscription, { event: (order) => { document.title = order.state; } });
}"""

# What the camera sees is `window.shown`.
STUB_OF_DETECTOR = """window.BarcodeDetector = class {
  async detect(video) { return window.shown && video.videoWidth ? [{ rawValue: window.shown }] : []; }
};"""


def lasting_lead_minutes(now: datetime) -> int:
    """A lead time, of 15 to 29 minutes, by which a slot's orders have just ended: the next one's do in 14."""
    return 15 + -now.minute % 15


def slot_of(shop: Shop, number: int = 0) -> datetime:
    """The first slot that orders are taken for by all means, or one so many after it."""
    soon = shop.clock.now() + timedelta(minutes=45)
    on_grid = soon.replace(minute=soon.minute // 15 * 15, second=0, microsecond=0)
    return on_grid + number * SLOT


async def place(shop: Shop, *lines: tuple[int, int], slot: int = 0, member_id: str | None = None) -> Order:
    """An order of these goods, by a new member unless one is named."""
    wish = shop.wish(*(lines or ((0, 1),)), slot=slot_of(shop, slot))
    return await shop.place(member_id or await shop.customer(), wish)


async def intercept(page: Page, about: str, handle: Callable[[Route], Awaitable[None]]) -> None:
    """Has the page's next call of the API whose text names this handled in another way."""
    calls = iter([handle])

    async def choose(route: Route) -> None:
        is_it = about in (route.request.post_data or "")
        handler = next(calls, None) if is_it else None
        await (handler(route) if handler else route.continue_())

    await page.route("**/graphql", choose)


@asynccontextmanager
async def serving_beside(folder: Path, *arguments: str, **settings: str) -> AsyncIterator[Server]:
    """A server that is started and ended while pages and drivers go on: their loop never waits for it."""
    process = serving(folder, *arguments, **settings)
    server = await asyncio.to_thread(process.__enter__)
    try:
        yield server
    finally:
        await asyncio.to_thread(process.__exit__, None, None, None)


class Tablet:
    """The page behind the counter, and what its clerk does there."""

    def __init__(self, page: Page, shop: Shop) -> None:
        self.page = page
        self.shop = shop
        self.clerk: StaffMember

    async def enrol(self) -> None:
        made = await self.shop.services.store_devices.create_enrolment_code(
            OPERATOR, self.shop.store.id, "Counter"
        )
        await self.page.fill("#enrolment-code", made.code)
        await self.page.keyboard.press("Enter")
        await expect(self.page.locator("#staff-code")).to_be_focused()

    async def sign_in(self, pin: str = PIN) -> None:
        self.clerk = await a_staff_member(self.shop.services, Role.COUNTER, self.shop.store.id)
        await self.page.fill("#staff-code", self.clerk.code)
        await self.page.fill("#pin", pin)
        await self.page.keyboard.press("Enter")
        await self.is_connected()

    async def is_connected(self) -> None:
        await expect(self.page.locator("#line")).to_have_attribute("data-line", "connected")

    def card(self, order: Order, column: str | None = None) -> Locator:
        within = f"[data-column={column}] " if column else "#board "
        return self.page.locator(f'{within}[data-order="{encode_id("Order", order.id)}"]')

    async def sees(self, order: Order, column: str) -> None:
        await expect(self.card(order, column)).to_be_visible()

    async def sees_no_more(self, order: Order) -> None:
        await expect(self.card(order)).to_have_count(0)

    def step(self, order: Order) -> Locator:
        """The button of the order's next step."""
        return self.card(order).locator("[data-act=step]")

    async def details(self, order: Order) -> Locator:
        """Opens the dialog of the order."""
        await self.card(order).locator("[data-act=details]").click()
        return self.dialog

    @property
    def dialog(self) -> Locator:
        return self.page.locator("dialog[open]")

    async def scan(self, code: str) -> None:
        """A scanner types, wherever the focus is, and ends with Enter.

        It types a key each 10 ms, by the time that its keys say, however busy this machine is.
        """
        keyboard = await self.page.context.new_cdp_session(self.page)
        began = time.time()
        for number, (key, text) in enumerate([*zip(code, code, strict=True), ("Enter", "\r")]):
            pressed = {"key": key, "windowsVirtualKeyCode": ord(text), "timestamp": began + number / 100}
            await keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": text, **pressed})
            await keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **pressed})
        await keyboard.detach()

    async def is_told(self, text: str) -> None:
        await is_told(self.page, text)


class Phone:
    """A member's phone."""

    def __init__(self, page: Page, shop: Shop) -> None:
        self.page = page
        self.shop = shop
        self.member_id = ""

    async def register(self) -> None:
        await self.page.evaluate(START_PHONE, f"phone-of-{self.shop.store.id}")
        viewer = await self.run("viewer", {})
        self.member_id = key_of(viewer["id"], "Member", [])

    async def run(self, operation: str, variables: dict[str, Any]) -> Any:
        return await self.page.evaluate(RUN, [operation, variables])

    async def order(self, *lines: tuple[int, int]) -> Order:
        """Orders these goods for pickup, and follows what becomes of them."""
        slot_id = f"{self.shop.store.id}/{slot_of(self.shop).isoformat()}"
        wish = {
            "storeId": encode_id("Store", self.shop.store.id),
            "lines": [
                {"skuId": encode_id("Sku", self.shop.skus[number].id), "quantity": quantity}
                for number, quantity in lines
            ],
            "pickupSlotId": encode_id("PickupSlot", slot_id),
            "paymentMethod": "PAY_AT_STORE",
            "idempotencyKey": f"order-{self.member_id}",
        }
        placed = await self.run("place_order", {"input": wish})
        order = await self.shop.services.orders.get(key_of(placed["order"]["id"], "Order", []))
        assert order is not None
        await self.page.evaluate(FOLLOW, placed["order"]["id"])
        await self.sees("PLACED")
        return order

    async def sees(self, state: str | OrderState) -> None:
        await expect(self.page).to_have_title(str(state))

    async def arrive(self, order: Order) -> None:
        wish = {"orderId": encode_id("Order", order.id), "location": location_input(self.shop)}
        await self.run("announce_arrival", {"input": wish})
