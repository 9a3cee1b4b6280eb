"""Makes the pictures of the README from the real pages, on a server of development with the demo retailer."""

import asyncio
import base64
import sys
import tempfile
from pathlib import Path

from playwright.async_api import FrameLocator, Page, async_playwright, expect

from tests.browser.conftest import chromium
from tests.browser.pages import serving_beside

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
WIDE = {"width": 1440, "height": 900}
QUALITY = 64
SETTLED_MILLISECONDS = 1_200  # short messages have come, and all that moves has stopped


async def take(page: Page, name: str, selector: str | None = None) -> None:
    """A picture of the page, or of one element of it, as WebP."""
    await page.wait_for_timeout(SETTLED_MILLISECONDS)
    wanted: dict[str, object] = {"format": "webp", "quality": QUALITY}
    if selector is not None:
        box = await page.locator(selector).bounding_box()
        assert box is not None
        wanted["clip"] = {**box, "scale": 1}
    session = await page.context.new_cdp_session(page)
    picture = await session.send("Page.captureScreenshot", wanted)
    content = base64.b64decode(picture["data"])
    (FOLDER / f"{name}.webp").write_bytes(content)


async def walk(page: Page, phone: FrameLocator, counter: FrameLocator) -> None:
    """The tour of the demo, with a picture at each stop."""
    await expect(counter.locator("#line")).to_have_attribute("data-line", "connected")
    await expect(phone.locator(".card")).to_contain_text("さくら")
    await take(page, "home", "#phone")
    await page.get_by_role("button", name="梅田へ歩く").click()
    await phone.get_by_role("link", name="探す").click()
    await phone.get_by_role("searchbox").fill("たおる")
    await phone.locator(".goods", has_text="タオル").first.click()
    await phone.get_by_role("button", name="現在地から探す").click()
    store = phone.locator(".store", has_text="梅田店").first
    await store.get_by_role("button", name="この店舗で受け取る").click()
    await phone.get_by_role("button", name="買い物かごに入れる").click()
    await phone.locator(".stores").scroll_into_view_if_needed()
    await page.wait_for_timeout(7_000)  # the message that the store is chosen goes away by itself
    await take(page, "find", "#phone")
    await phone.get_by_role("link", name="かごを見る").click()
    await phone.get_by_role("link", name="受け取りの手続きへ").click()
    await phone.get_by_role("spinbutton").fill("100")
    await expect(phone.locator(".sums")).to_contain_text("−100")
    await phone.locator(".place button[aria-disabled=false]").click()
    await expect(phone.locator(".pickup .number")).to_be_visible()
    await counter.locator("[data-act=step]").first.click()
    await expect(phone.locator(".pickup .tag").first).to_have_text("受付済み")
    await page.wait_for_timeout(7_000)
    await take(page, "order", "#phone")
    await take(page, "counter", "#desk")
    await take(page, "demo")


async def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with serving_beside(Path(folder)) as server, async_playwright() as playwright:
            path = chromium()
            if path is None:
                sys.exit("screenshots: there is no Chromium on this machine")
            browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            page = await browser.new_page(viewport=WIDE, locale="ja-JP", reduced_motion="reduce")  # type: ignore[arg-type]
            page.set_default_timeout(60_000)
            await page.goto(f"{server.address}/dev/demo")
            await walk(page, page.frame_locator("#phone"), page.frame_locator("#counter"))
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
