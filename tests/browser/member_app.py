"""A person with the member app on her phone."""

import asyncio
from typing import Any

from playwright.async_api import Locator, Page, expect

from graphql_schema.node import key_of
from tests.patience import PATIENCE_SECONDS

PHONE = {"width": 390, "height": 844}
RUN = """async ([operation, variables]) => {
  const { client } = await import("/assets/app/client.js");
  return client.run(operation, variables);
}"""


class MemberApp:
    """The page at `/app`, once it shows something."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def is_ready(self) -> None:
        await expect(self.page.locator("#view")).not_to_have_attribute("aria-busy", "true")

    async def visit(self, address: str) -> None:
        """Goes to a view, as in `me/history`."""
        await self.page.evaluate("(address) => { location.hash = address; }", f"#/{address}")
        await expect(self.page.locator("#title")).to_be_focused()
        await self.is_ready()

    async def run(self, operation: str, variables: dict[str, Any] | None = None) -> Any:
        """Runs an operation as the app's member."""
        return await self.page.evaluate(RUN, [operation, variables or {}])

    async def member_id(self) -> str:
        viewer = await self.run("viewer")
        return key_of(viewer["id"], "Member", [])

    @property
    def view(self) -> Locator:
        return self.page.locator("#view")

    async def until(self, condition: str) -> None:
        """Waits for a condition, asked from outside: the page itself evaluates no text."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await self.page.evaluate(condition):
                await self.page.wait_for_timeout(50)

    async def is_told(self, text: str) -> None:
        await expect(self.page.locator(".messages")).to_contain_text(text)
