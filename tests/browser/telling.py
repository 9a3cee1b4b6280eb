"""What a page tells in short messages, which go away: each is remembered, however late one asks."""

import asyncio

from playwright.async_api import Page

from tests.patience import PATIENCE_SECONDS

# To be run before the page's own scripts.
REMEMBER_MESSAGES = """(() => {
  window.told = [];
  const isMessage = (node) => node instanceof Element && node.matches(".messages .notice");
  new MutationObserver((changes) => {
    const added = changes.flatMap((change) => [...change.addedNodes]);
    window.told.push(...added.filter(isMessage).map((message) => message.textContent));
  }).observe(document, { childList: true, subtree: true });
})();"""
# What was told before it is forgotten with it: the same told again is another message.
HEAR = """(text) => {
  const at = window.told.findIndex((each) => each.includes(text));
  return at >= 0 && window.told.splice(0, at + 1).length > 0;
}"""


async def is_told(page: Page, text: str) -> None:
    """Waits until the page tells this, or has told it since it was asked last."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await page.evaluate(HEAR, text):
            await page.wait_for_timeout(50)
