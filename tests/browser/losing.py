"""A network that loses answers: what was asked has happened, and the page hears nothing of it."""

import asyncio
from contextlib import suppress

from playwright.async_api import Error, Page, Route

from tests.patience import PATIENCE_SECONDS
from tests.process.servers import Server


class LosingNetwork:
    """Loses the answers to one operation, so many of them, or all until it is mended."""

    def __init__(self, page: Page, server: Server, operation: str, answers: int | None = None) -> None:
        self._page = page
        self._document_id = server.get("/operations.json").json()[operation]
        self._left = answers
        self.sent: list[str] = []  # the requests whose answers got lost

    async def begin(self) -> "LosingNetwork":
        await self._page.route("**/graphql", self._handle)
        return self

    async def has_lost(self, answers: int) -> None:
        """Waits until so many got lost."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.sent) < answers:
                await self._page.wait_for_timeout(100)

    async def mend(self) -> None:
        await self._page.unroute("**/graphql", self._handle)

    async def mend_while_away(self) -> None:
        """Mends it while the page is closed, and opens it again: nobody has heard an answer meanwhile."""
        address = self._page.url
        await self._page.goto("about:blank")
        await self.mend()
        await self._page.goto(address)

    async def _handle(self, route: Route) -> None:
        request = route.request.post_data or ""
        if self._document_id not in request or self._left == 0:
            await route.continue_()
            return
        if self._left is not None:
            self._left -= 1  # before the page can ask again
        with suppress(Error):  # the page may be gone by now
            await route.fetch()
            await route.abort()
        self.sent.append(request)
