"""The development outbox as a page and as JSON; production has neither."""

from datetime import timedelta

import httpx
import pytest

from app.messages.model import Message, MessageChannel
from app.services import Services
from app.shared.settings.model import Settings
from tests.api.callers import client_of
from tests.conftest import MovableClock

JSON = {"Accept": "application/json"}


def a_message(text: str, subject: str = "", destination: str = "+819012345678") -> Message:
    return Message(MessageChannel.SMS, destination, subject, text)


async def test_the_newest_message_comes_first(
    client: httpx.AsyncClient, services: Services, clock: MovableClock
) -> None:
    older, newer = a_message("482913"), a_message("771204", "Your code")
    await services.messages.send(older)
    clock.advance(timedelta(seconds=5))
    await services.messages.send(newer)
    answer = await client.get("/dev/outbox", headers=JSON)
    assert answer.json()["messages"][0] == {
        "id": newer.id,
        "sentAt": "2026-11-21T03:00:05.000Z",
        "channel": "SMS",
        "destination": "+819012345678",
        "subject": "Your code",
        "text": "771204",
    }
    assert [each["text"] for each in answer.json()["messages"]] == ["771204", "482913"]
    page = (await client.get("/dev/outbox")).text
    assert page.index("771204") < page.index("482913")
    for shown in ("2026-11-21 12:00:05", "SMS", "+819012345678", "<h2>Your code</h2>"):
        assert shown in page


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "'\"</li>&amp;"]
)
async def test_a_message_is_shown_as_text_whatever_it_holds(
    client: httpx.AsyncClient, services: Services, hostile: str
) -> None:
    await services.messages.send(a_message(f"{hostile}{{{{messages}}}}", hostile, hostile))
    page = (await client.get("/dev/outbox")).text
    assert hostile not in page
    assert page.count('<li class="message"') == 1
    assert page.count("<script") == 1


async def test_an_empty_outbox_is_a_page_too(client: httpx.AsyncClient) -> None:
    answer = await client.get("/dev/outbox")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "{{" not in answer.text
    assert (await client.get("/dev/outbox", headers=JSON)).json() == {"messages": []}


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/json", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("text/html, application/json;q=0.5", "text/html"),
        ("*/*", "text/html"),
    ],
)
async def test_who_asks_for_json_gets_it(client: httpx.AsyncClient, accept: str, media_type: str) -> None:
    answer = await client.get("/dev/outbox", headers={"Accept": accept})
    assert answer.headers["Content-Type"].startswith(media_type)
    assert answer.headers["Cache-Control"] == "no-store"


async def test_browsers_run_nothing_but_our_own_files_there(client: httpx.AsyncClient) -> None:
    answer = await client.get("/dev/outbox")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    for asset in ("welcome.css", "outbox.css", "outbox.js", "language.js"):
        assert (await client.get(f"/assets/{asset}")).status_code == 200


async def test_production_has_no_outbox(settings: Settings, services: Services) -> None:
    async with client_of(settings.model_copy(update={"environment": "production"}), services) as client:
        for headers in ({}, JSON):
            assert (await client.get("/dev/outbox", headers=headers)).status_code == 404
