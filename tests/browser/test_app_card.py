"""The card on the phone: its pictures are read by a real decoder, and it lives without a network."""

import random
from typing import Any

import pytest
import zxingcpp
from playwright.async_api import Page, expect

from app.cards.errors import CardCodeUsed
from app.services import Services
from tests.browser.conftest import OpenApp
from tests.browser.member_app import MemberApp
from tests.integration.shop import Shop

pytestmark = pytest.mark.process

# Draws a picture on a canvas, and gives its brightness, pixel by pixel.
PIXELS_OF = """async (markup) => {
  const image = new Image();
  image.src = "data:image/svg+xml," + encodeURIComponent(markup);
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0, image.width, image.height);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  return { width: image.width, height: image.height, pixels: [...data].filter((_, at) => at % 4 === 0) };
}"""
MARKUP_OF = """async ([file, name, digits, width, height]) => {
  const picture = (await import(`/assets/app/${file}.js`))[name](digits, "");
  picture.setAttribute("width", width);
  picture.setAttribute("height", height);
  return new XMLSerializer().serializeToString(picture);
}"""
SHOWN = """() => ["qr", "barcode"].map((kind) => {
  const picture = document.querySelector(`.card .${kind}`).cloneNode(true);
  picture.setAttribute("width", kind === "qr" ? 145 : 374);
  picture.setAttribute("height", kind === "qr" ? 145 : 46);
  return new XMLSerializer().serializeToString(picture);
})"""
ALL_THAT_IS_KEPT = """async () => {
  const opening = indexedDB.open("tsunagu-app");
  await new Promise((resolve) => { opening.onsuccess = resolve; });
  const reading = opening.result.transaction("keys").objectStore("keys").getAll();
  await new Promise((resolve) => { reading.onsuccess = resolve; });
  const [{ key }] = reading.result;
  const isRead = await crypto.subtle.exportKey("raw", key).then(() => true, () => false);
  return { local: JSON.stringify(localStorage), extractable: key.extractable, isRead };
}"""
REST_OF_PERIOD = "30_000 - Date.now() % 30_000"
UNTIL_KEPT = """() => navigator.serviceWorker.ready.then(() => new Promise((resolve) => {
  const workers = navigator.serviceWorker;
  const kept = () => resolve(true);
  workers.controller ? kept() : workers.addEventListener("controllerchange", kept, { once: true });
}))"""


async def read(page: Page, markup: str) -> tuple[str, str]:
    """The text in a picture and the kind of code that it is, as a decoder reads it."""
    drawn: dict[str, Any] = await page.evaluate(PIXELS_OF, markup)
    shape = (drawn["height"], drawn["width"])
    (found,) = zxingcpp.read_barcodes(memoryview(bytes(drawn["pixels"])).cast("B", shape))
    return found.text, str(found.format)


async def shown_code(app: MemberApp) -> str:
    """What both pictures of this moment say."""
    await expect(app.view.locator(".card .barcode")).to_be_visible()
    qr, barcode = await app.page.evaluate(SHOWN)
    (text, _), (same, _) = await read(app.page, qr), await read(app.page, barcode)
    assert text == same
    return text


async def test_a_decoder_reads_every_qr_code(open_app: OpenApp) -> None:
    app, chance = await open_app(), random.Random(7)
    for length in [1, 2, 3, 20, *[24] * 30, 26, 27]:
        digits = "".join(chance.choices("0123456789", k=length))
        markup = await app.page.evaluate(MARKUP_OF, ["qr", "qrPicture", digits, 87, 87])
        text, kind = await read(app.page, markup)
        assert (text, "QR" in kind) == (digits, True)


async def test_a_decoder_reads_every_barcode(open_app: OpenApp) -> None:
    app, chance = await open_app(), random.Random(7)
    every_pair = "".join(f"{pair:02}" for pair in range(100))
    codes = [every_pair[at : at + 20] for at in range(0, 200, 20)]
    for digits in [*codes, *("".join(chance.choices("0123456789", k=24)) for _ in range(20))]:
        width = 2 * (11 * (len(digits) // 2 + 2) + 13 + 20)
        markup = await app.page.evaluate(MARKUP_OF, ["barcode", "barcodePicture", digits, width, 40])
        text, kind = await read(app.page, markup)
        assert (text, "128" in kind) == (digits, True)


async def test_what_the_card_shows_is_the_member_once(
    open_app: OpenApp, services: Services, shop: Shop
) -> None:
    app = await open_app()
    number = (await app.run("my_card"))["number"]
    code = await shown_code(app)
    verified = await services.cards.verify(shop.clerk, code, "scan-of-the-card-1")
    assert verified.member_number == number
    with pytest.raises(CardCodeUsed):
        await services.cards.verify(shop.clerk, code, "scan-of-the-card-2")


async def test_the_secret_is_kept_where_no_script_reads_it(open_app: OpenApp) -> None:
    app = await open_app()
    kept = await app.page.evaluate(ALL_THAT_IS_KEPT)
    assert not kept["extractable"]
    assert not kept["isRead"]
    assert "secret" not in kept["local"]


async def test_the_card_opens_without_a_network_and_its_code_rotates(
    open_app: OpenApp, services: Services, shop: Shop
) -> None:
    app = await open_app()
    number = (await app.run("my_card"))["number"]
    await app.page.evaluate(UNTIL_KEPT)
    await app.page.context.set_offline(True)
    await app.page.clock.install()
    await app.page.reload()
    await expect(app.page.locator("#offline")).to_have_text("オフライン")
    first = await shown_code(app)
    picture = app.view.locator(".card .qr path")
    drawn = await picture.get_attribute("d")
    rest = await app.page.evaluate(REST_OF_PERIOD)  # the server takes the next code, and no later
    await app.page.clock.run_for(rest + 1_000)
    await expect(picture).not_to_have_attribute("d", drawn or "")
    later = await shown_code(app)
    assert later != first
    verified = await services.cards.verify(shop.clerk, later, "scan-of-the-card-3")
    assert verified.member_number == number


async def test_a_lost_answer_with_the_secret_begins_another_session(open_app: OpenApp) -> None:
    """The API gives a session its secret once: a guest who missed it starts anew, with the same card."""
    lost: list[str] = []

    async def lose_the_secret(route: Any) -> None:
        if '"giveSecret":true' in (route.request.post_data or "") and not lost:
            lost.append(await (await route.fetch()).text())
            await route.abort()
        else:
            await route.continue_()

    app = await open_app(handle_calls=lose_the_secret)
    number = (await app.run("my_card"))["number"]
    assert number in lost[0]
    await app.page.context.set_offline(True)
    assert (await shown_code(app)).startswith(number)
    kept = await app.page.evaluate(ALL_THAT_IS_KEPT)
    assert not kept["extractable"]


async def test_without_cryptography_the_server_tells_the_code(open_app: OpenApp) -> None:
    app = await open_app(init_script="Object.defineProperty(crypto, 'subtle', { value: undefined })")
    number = (await app.run("my_card"))["number"]
    await expect(app.view.locator(".card .qr")).to_be_visible()
    assert (await shown_code(app)).startswith(number)
