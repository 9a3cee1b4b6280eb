"""The modules that pages are made of, by themselves, in a page of ours."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page

from tests.process.servers import Server

pytestmark = pytest.mark.process

# What becomes of a list of orders when these events come one after the other.
PLAY = """async (events) => {
  const { Orders } = await import("/assets/counter/orders.js");
  const orders = new Orders();
  const told = events.map(([how, list]) => orders[how](list).map(({ kind, order }) => `${kind} ${order.id}`));
  const columns = ["New", "Preparing", "Ready", "Arrived"];
  return { told, board: columns.map((column) => orders.in(column).map((order) => order.id)) };
}"""
RENEW_TWICE = """async ([locks, storage]) => {
  if (!locks) Object.defineProperty(navigator, "locks", { value: undefined });
  if (!storage) Object.defineProperty(window, "localStorage", { get() { throw new Error("forbidden"); } });
  const { Tsunagu } = await import("/assets/client/tsunagu.js");
  const kept = await import("/assets/client/storage.js");
  let renewals = 0;
  const fetch = async (address) => {
    if (address.endsWith("/operations.json")) return Response.json({ refresh_session: "hash" });
    renewals += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
    const expiresAt = new Date(Date.now() + 9e5);
    const refreshSession = { accessToken: `access-${renewals}`, refreshToken: "r", expiresAt };
    return Response.json({ data: { refreshSession } });
  };
  const client = new Tsunagu("session-of-a-test", { language: () => "ja", storage: kept, fetch });
  client.open({ accessToken: "access-0", refreshToken: "r", expiresAt: new Date(0) });
  const tokens = await Promise.all([client.accessToken(), client.accessToken(), client.accessToken()]);
  const later = await client.accessToken();
  return { tokens, later, renewals, another: await client.accessToken(later) };
}"""


@pytest.fixture
async def page(new_page: Callable[..., Awaitable[Page]], server: Server) -> Page:
    return await new_page(f"{server.address}/")


def an_order(id: str, version: int, state: str = "PLACED", **fields: Any) -> dict[str, Any]:
    times = {"placedAt": f"2026-11-21T03:00:0{id}Z", "pickupFrom": "2026-11-21T04:00:00Z", "arrivedAt": None}
    return {"id": id, "version": version, "state": state, **times, **fields}


async def play(page: Page, *events: tuple[str, list[dict[str, Any]]]) -> Any:
    return await page.evaluate(PLAY, [list(event) for event in events])


async def test_old_news_changes_nothing(page: Page) -> None:
    newer, older = an_order("1", 3, "PREPARING"), an_order("1", 2, "ACCEPTED")
    ended = an_order("2", 2, "REJECTED")
    played = await play(
        page,
        ("take", [newer, an_order("2", 1), ended]),
        ("take", [older, an_order("2", 1)]),
        ("replace", [newer, an_order("2", 1)]),
    )
    assert played["board"] == [[], ["1"], [], []]
    assert played["told"] == [["new 2", "ended 2"], [], []]


async def test_a_list_of_all_takes_out_what_is_not_in_it_and_tells_what_is_new(page: Page) -> None:
    played = await play(
        page,
        ("replace", [an_order("1", 1), an_order("2", 1)]),
        ("replace", [an_order("2", 1), an_order("3", 1)]),
    )
    assert played["board"] == [["2", "3"], [], [], []]
    assert played["told"] == [["new 1", "new 2"], ["new 3"]]


async def test_who_has_arrived_stands_apart_the_longest_wait_first(page: Page) -> None:
    late, early = (f"2026-11-21T03:{minute}:00Z" for minute in ("30", "10"))
    played = await play(
        page,
        ("take", [an_order("1", 2, "READY"), an_order("2", 2, "PLACED", arrivedAt=late)]),
        ("take", [an_order("1", 3, "READY", arrivedAt=early)]),
    )
    assert played["board"] == [[], [], [], ["1", "2"]]
    assert played["told"] == [["new 2"], ["arrived 1"]]


@pytest.mark.parametrize("locks", [True, False], ids=["locks", "no-locks"])
@pytest.mark.parametrize("storage", [True, False], ids=["storage", "no-storage"])
async def test_a_session_is_renewed_once_for_all_who_want_a_token(
    page: Page, locks: bool, storage: bool
) -> None:
    """Browsers keep locks from pages that came over plain HTTP, and storage from whom they distrust."""
    renewed = await page.evaluate(RENEW_TWICE, [locks, storage])
    assert renewed == {
        "tokens": ["access-1"] * 3,
        "later": "access-1",
        "renewals": 1,
        "another": "access-2",
    }
