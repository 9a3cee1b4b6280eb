"""The client by itself, in Chromium, against a server that loses answers, ends tokens and drops sockets."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page

from tests.browser.naughty_server import NaughtyServer
from tests.process.servers import Server

pytestmark = pytest.mark.process

START = """async (address) => {
  const { Tsunagu, Refused, Silence, SignedOut } = await import("/assets/client/tsunagu.js");
  // What is kept outlives a reload, as the storage of a device does.
  const kept = JSON.parse(sessionStorage.getItem("kept") ?? "{}");
  const keep = () => sessionStorage.setItem("kept", JSON.stringify(kept));
  const storage = {
    recall: (name) => kept[name] ?? null,
    remember: (name, value) => { kept[name] = value; keep(); },
    forget: (name) => { delete kept[name]; keep(); },
  };
  window.client = new Tsunagu("test", { language: () => "en", storage, address });
  window.ends = 0;
  client.ended = () => { ends += 1; };
  const kindOf = (error) => [Refused, Silence, SignedOut].find((kind) => error instanceof kind)?.name;
  window.outcome = (promise) => promise.then(
    (result) => ({ result }),
    (error) => ({ failed: kindOf(error), text: error.message }),
  );
  window.signIn = (minutes) => client.open({
    accessToken: "access-0",
    refreshToken: "refresh-0",
    expiresAt: new Date(Date.now() + minutes * 60_000).toISOString(),
  });
}"""
FOLLOW = """() => {
  window.heard = [];
  window.states = [];
  window.line = client.follow(() => ({ operation: "told", variables: {} }), {
    event: (event, isFirst) => heard.push([event, isFirst]),
    state: (isOpen) => states.push(isOpen),
    refused: (errors) => states.push(errors[0].code),
    signedOut: () => states.push("signed out"),
  });
}"""


@pytest.fixture
async def naughty() -> AsyncIterator[NaughtyServer]:
    async with NaughtyServer() as server:
        yield server


@pytest.fixture
async def page(new_page: Callable[..., Awaitable[Page]], server: Server, naughty: NaughtyServer) -> Page:
    """A page of ours with a client of the naughty server; the page's own policy is left aside."""
    page = await new_page(f"{server.address}/", bypass_csp=True)
    await page.evaluate(START, naughty.address)
    return page


async def run(page: Page, call: str) -> Any:
    return await page.evaluate(f"() => outcome({call})")


async def test_an_operation_goes_by_its_hash_and_gives_its_field(page: Page, naughty: NaughtyServer) -> None:
    assert await run(page, 'client.run("echo", { said: 1 })') == {"result": {"said": 1}}
    (call,) = naughty.calls
    assert call.body == {"documentId": "hash-of-echo", "variables": {"said": 1}}
    assert (call.token, call.language) == (None, "en")


async def test_a_lost_answer_is_asked_for_again_word_for_word(page: Page, naughty: NaughtyServer) -> None:
    naughty.lose(2)
    assert await run(page, 'client.run("echo", { said: 1 })') == {"result": {"said": 1}}
    assert len(naughty.calls) == 3
    assert len({str(call.body) for call in naughty.calls}) == 1


async def test_whoever_never_answers_is_silent(page: Page, naughty: NaughtyServer) -> None:
    naughty.lose(9)
    assert (await run(page, 'client.run("echo", {}, { pauses: [1, 1] })'))["failed"] == "Silence"
    assert len(naughty.calls) == 3


@pytest.mark.parametrize("code", ["UNAVAILABLE", "PERSISTED_QUERY_NOT_FOUND"])
async def test_what_passes_is_asked_again(page: Page, naughty: NaughtyServer, code: str) -> None:
    naughty.answer_next({"errors": [{"message": "no", "extensions": {"code": code}}]})
    assert await run(page, 'client.run("echo", { said: 1 })') == {"result": {"said": 1}}
    assert naughty.lists == (2 if code == "PERSISTED_QUERY_NOT_FOUND" else 1)


async def test_a_refusal_is_an_answer(page: Page, naughty: NaughtyServer) -> None:
    naughty.answer_next(
        {"data": {"x": {"__typename": "Rejected", "errors": [{"code": "NO", "message": "No."}]}}}
    )
    assert await run(page, 'client.act("echo", {})') == {"failed": "Refused", "text": "No."}
    assert len(naughty.calls) == 1
    assert await page.evaluate('client.unanswered("echo")') is None


async def test_a_key_is_made_before_the_first_try_and_kept_over_a_reload(
    page: Page, naughty: NaughtyServer
) -> None:
    await page.evaluate("signIn(10)")
    naughty.lose(4)
    assert (await run(page, 'client.act("echo", { wish: 1 })'))["failed"] == "Silence"
    await page.reload()
    await page.evaluate(START, naughty.address)
    assert (await page.evaluate('client.unanswered("echo")'))["input"]["wish"] == 1
    answered = await run(page, 'client.act("echo", { wish: 2 })')
    assert answered["result"]["input"]["wish"] == 1  # the older wish comes first: it may have happened
    keys = {call.body["variables"]["input"]["idempotencyKey"] for call in naughty.calls}
    assert len(keys) == 1
    again = await run(page, 'client.act("echo", { wish: 2 })')
    assert again["result"]["input"]["wish"] == 2
    assert again["result"]["input"]["idempotencyKey"] not in keys


async def test_two_taps_are_one_wish(page: Page, naughty: NaughtyServer) -> None:
    naughty.wait(0.1)
    taps = 'Promise.all([client.act("echo", { wish: 1 }), client.act("echo", { wish: 1 })])'
    one, other = (await run(page, taps))["result"]
    assert one == other


async def test_what_one_member_wished_for_is_not_another_ones(page: Page, naughty: NaughtyServer) -> None:
    await page.evaluate("signIn(10)")
    naughty.lose(4)
    await run(page, 'client.act("echo", { wish: 1 })')
    await page.evaluate("signIn(10)")
    assert await page.evaluate('client.unanswered("echo")') is None


async def test_ten_calls_with_a_token_that_ended_renew_it_once(page: Page, naughty: NaughtyServer) -> None:
    await page.evaluate("signIn(10)")
    naughty.end_token("access-0")
    calls = 'Promise.all(Array.from({ length: 10 }, (_, said) => client.run("echo", { said })))'
    answered = await run(page, calls)
    assert [each["said"] for each in answered["result"]] == list(range(10))
    assert naughty.renewals == ["refresh-0"]
    assert await page.evaluate("ends") == 0


async def test_a_token_about_to_end_is_renewed_before_it_is_used(page: Page, naughty: NaughtyServer) -> None:
    await page.evaluate("signIn(0.4)")
    assert "result" in await run(page, 'client.run("echo")')
    assert [call.token for call in naughty.calls] == ["access-1"]


async def test_a_lost_answer_to_a_renewal_is_asked_for_again(page: Page, naughty: NaughtyServer) -> None:
    await page.evaluate("signIn(0)")
    naughty.lose(1)
    assert "result" in await run(page, 'client.run("echo")')
    assert naughty.renewals == ["refresh-0", "refresh-0"]


async def test_a_session_that_is_over_ends_once(page: Page, naughty: NaughtyServer) -> None:
    await page.evaluate("signIn(10)")
    naughty.end_token("access-0")
    naughty.end_session()
    calls = 'Promise.all([1, 2, 3].map(() => outcome(client.run("echo"))))'
    answered = await run(page, calls)
    assert {each["failed"] for each in answered["result"]} == {"SignedOut"}
    assert await page.evaluate("ends") == 1
    assert await page.evaluate("client.isOpen") is False


async def test_a_line_that_drops_is_laid_again_and_nothing_is_missed(
    page: Page, naughty: NaughtyServer
) -> None:
    await page.evaluate("signIn(10)")
    await page.evaluate(FOLLOW)
    await page.wait_for_function("heard.length === 1")
    await naughty.tell(2)
    await page.wait_for_function("heard.length === 2")
    await naughty.drop_lines(newest=3)
    await page.wait_for_function("heard.length === 3")
    assert await page.evaluate("heard") == [[1, True], [2, False], [3, True]]
    assert await page.evaluate("states") == [True, False, True]
    assert naughty.line_tokens == ["Bearer access-0"] * 2


async def test_a_line_whose_token_ends_comes_back_with_a_new_one(page: Page, naughty: NaughtyServer) -> None:
    await page.evaluate("signIn(10)")
    await page.evaluate(FOLLOW)
    await page.wait_for_function("heard.length === 1")
    await naughty.drop_lines(4403)
    await page.wait_for_function("heard.length === 2")
    assert naughty.line_tokens == ["Bearer access-0", "Bearer access-1"]
    assert await page.evaluate("states") == [True, True]


async def test_a_line_that_is_refused_stays_down(page: Page, naughty: NaughtyServer) -> None:
    await page.evaluate("signIn(10)")
    naughty.refuse_lines("FORBIDDEN")
    await page.evaluate(FOLLOW)
    await page.wait_for_function("states.length === 1")
    assert await page.evaluate("states") == ["FORBIDDEN"]


async def test_times_are_the_servers(page: Page, naughty: NaughtyServer) -> None:
    naughty.run_ahead(3_600)
    await run(page, 'client.run("echo")')
    assert 3_590_000 < await page.evaluate("client.now() - Date.now()") < 3_610_000
    kept = await page.evaluate("client.skew")
    await page.reload()
    await page.evaluate(START, naughty.address)
    assert await page.evaluate("client.skew") == kept
