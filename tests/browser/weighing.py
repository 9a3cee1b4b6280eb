"""What a page loads, as Chromium's own network panel counts it."""

from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Page


@dataclass(slots=True)
class Weight:
    """Bytes of all that a page asked for: over the wire with headers, and unpacked."""

    transferred: int = 0
    decoded: int = 0
    addresses: list[str] = field(default_factory=list)


async def weigh(page: Page) -> Weight:
    """Counts from here on."""
    weight = Weight()

    def asked(event: dict[str, Any]) -> None:
        weight.addresses.append(event["request"]["url"])

    def received(event: dict[str, Any]) -> None:
        weight.decoded += event["dataLength"]

    def finished(event: dict[str, Any]) -> None:
        weight.transferred += event["encodedDataLength"]

    network = await page.context.new_cdp_session(page)
    network.on("Network.requestWillBeSent", asked)
    network.on("Network.dataReceived", received)
    network.on("Network.loadingFinished", finished)
    await network.send("Network.enable")
    return weight
