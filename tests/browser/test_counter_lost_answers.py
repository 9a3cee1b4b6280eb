"""A device whose enrolment code is used up gets its token, whatever answers get lost."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from app.auth.actor import OPERATOR
from app.shared.paging import PageRequest
from tests.browser.losing import LosingNetwork
from tests.browser.pages import Tablet
from tests.integration.shop import Shop
from tests.process.servers import Server

pytestmark = pytest.mark.process

TRIES = 4


@pytest.mark.parametrize("answers", [1, None])
async def test_a_device_is_enrolled_once_however_its_answer_gets_lost(
    new_page: Callable[..., Awaitable[Page]], server: Server, shop: Shop, answers: int | None
) -> None:
    """Where all answers were lost, the same code is typed again: into the page, or after a reload."""
    page = await new_page(f"{server.address}/counter")
    made = await shop.services.store_devices.create_enrolment_code(
        OPERATOR, shop.store.id, "Counter of this test"
    )
    network = await LosingNetwork(page, server, "enrol_device", answers=answers).begin()
    await page.fill("#enrolment-code", made.code)
    await page.keyboard.press("Enter")
    await network.has_lost(answers or TRIES)
    if answers is None:
        await expect(page.locator("#enrol .failure")).not_to_be_empty()
        await network.mend_while_away()
        await page.fill("#enrolment-code", made.code)
        await page.keyboard.press("Enter")
    await Tablet(page, shop).sign_in()
    devices = await shop.services.store_devices.page(OPERATOR, shop.store.id, PageRequest())
    assert [device.name for device, _ in devices.items].count("Counter of this test") == 1
