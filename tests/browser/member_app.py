"""A person with the member app on her phone."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any

from playwright.async_api import Locator, Page, expect

from graphql_schema.node import key_of
from tests.browser.telling import is_told
from tests.patience import PATIENCE_SECONDS

PHONE = {"width": 390, "height": 844}
RUN = """async ([operation, variables]) => {
  const { client } = await import("/assets/app/client.js");
  return client.run(operation, variables);
}"""

# The page hears of another address later than it has it: until then it shows the view that was there.
GO = """(hash) => new Promise((resolve) => {
  if (location.hash === hash) return resolve();
  addEventListener("hashchange", () => resolve(), { once: true });
  location.hash = hash;
})"""


class MemberApp:
    """The page at `/app`, once it shows something."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def is_ready(self) -> None:
        await expect(self.page.locator("#view")).not_to_have_attribute("aria-busy", "true")

    async def visit(self, address: str) -> None:
        """Goes to a view, as in `me/history`."""
        await self.page.evaluate(GO, f"#/{address}")
        await expect(self.page.locator("#title")).to_be_focused()
        await self.is_ready()

    async def run(self, operation: str, variables: dict[str, Any] | None = None) -> Any:
        """Runs an operation as the app's member."""
        return await self.page.evaluate(RUN, [operation, variables or {}])

    async def member_id(self) -> str:
        viewer = await self.run("viewer")
        return key_of(viewer["id"], "Member", [])

    @property
    def found(self) -> Locator:
        """The goods that were found, by all that was typed; there are others before."""
        return self.view.locator(".found:not([aria-busy=true]) .goods")

    @property
    def view(self) -> Locator:
        return self.page.locator("#view")

    def answers(self, about: str) -> AbstractAsyncContextManager[object]:
        """What is done within it is over once the call of the API whose text has this is answered."""
        return self.page.expect_response(lambda answer: about in (answer.request.post_data or ""))

    async def until(self, condition: str) -> None:
        """Waits for a condition, asked from outside: the page itself evaluates no text."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await self.page.evaluate(condition):
                await self.page.wait_for_timeout(50)

    async def is_told(self, text: str) -> None:
        await is_told(self.page, text)
