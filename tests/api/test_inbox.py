"""The inbox and news through GraphQL."""

from datetime import timedelta
from typing import Any

from app.services import Services
from app.shared.clock import rfc3339
from app.shared.settings.model import Settings
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id, key_of
from tests.api.callers import Caller, run
from tests.api.live import serving, socket_to
from tests.conftest import MovableClock
from tests.integration.messages.test_inbox import a_ready_order, tell
from tests.news_arrangements import a_news_input, published

INBOX = TEXTS["my_inbox"]
NEWS = "{ news { nodes { title text } } }"


async def inbox_of(member: Caller, **headers: str) -> dict[str, Any]:
    me: dict[str, Any] = (await member.send(INBOX, **headers))["me"]
    return me


async def test_headquarters_publishes_and_members_read(
    member: Caller, anonymous: Caller, headquarters: Caller, clock: MovableClock
) -> None:
    answer = await run(headquarters, "publish_news", a_news_input(clock.now()))
    assert answer["published"]["news"]["title"] == "Weekend sale"
    for caller in (member, anonymous):
        (japanese,) = (await caller.send(NEWS, Accept_Language="ja"))["news"]["nodes"]
        assert japanese == {"title": "週末セール", "text": "全品10%引き。"}
    (message,) = (await inbox_of(member, Accept_Language="en"))["inbox"]["nodes"]
    assert (message["title"], message["messageClass"], message["readAt"]) == (
        "Weekend sale",
        "MARKETING",
        None,
    )
    (listed,) = (await run(headquarters, "published_news"))["nodes"]
    assert listed["ranks"] is None
    await run(headquarters, "withdraw_news", {"newsId": answer["published"]["news"]["id"]})
    assert (await inbox_of(member))["inbox"]["nodes"] == []


async def test_all_that_is_wrong_with_news_is_told(headquarters: Caller, clock: MovableClock) -> None:
    wrong = {
        **a_news_input(clock.now()),
        "title": {"ja": "", "en": "x"},
        "endsAt": rfc3339(clock.now() - timedelta(days=1)),
        "storeIds": [encode_id("Store", "nowhere")],
    }
    answer = await run(headquarters, "publish_news", wrong)
    assert [each["code"] for each in answer["errors"]] == [
        "NEWS_TEXT_INVALID",
        "NEWS_WINDOW_INVALID",
        "STORE_NOT_FOUND",
    ]


async def test_a_ready_order_is_told_read_and_put_away(
    member: Caller, other_member: Caller, services: Services, clock: MovableClock
) -> None:
    order_id = await a_ready_order(services, clock, key_of(member.member_id, "Member", []))
    await tell(services)
    mine = await inbox_of(member, Accept_Language="en")
    messages = mine["inbox"]["nodes"]
    assert mine["unreadMessages"] == 2
    assert {each["orderId"] for each in messages} == {encode_id("Order", order_id)}
    ids = [each["id"] for each in messages]
    refused = await run(other_member, "read_inbox_messages", {"messageIds": ids})
    assert [each["code"] for each in refused["errors"]] == ["INBOX_MESSAGE_NOT_FOUND"]
    assert (await run(member, "read_inbox_messages", {"messageIds": ids[:1]}))["unreadMessages"] == 1
    assert (await run(member, "archive_inbox_messages", {"messageIds": ids}))["unreadMessages"] == 0
    assert (await inbox_of(member))["inbox"]["nodes"] == []
    assert (await inbox_of(other_member))["inbox"]["nodes"] == []


async def test_the_inbox_is_followed(
    settings: Settings, services: Services, member: Caller, clock: MovableClock
) -> None:
    followed = TEXTS["inbox_changed"]
    news = await published(services)
    async with serving(settings, services) as server, socket_to(server) as client:
        await client.begin(member.token)
        await client.subscribe(followed, {})
        assert (await client.next())["inboxChanged"]["unreadMessages"] == 1
        await services.inbox.read(key_of(member.member_id, "Member", []), [news.id])
        assert (await client.next())["inboxChanged"]["unreadMessages"] == 0


async def test_a_stranger_follows_no_inbox(settings: Settings, services: Services) -> None:
    async with serving(settings, services) as server, socket_to(server) as client:
        await client.begin()
        await client.subscribe("subscription { inboxChanged { unreadMessages } }", {})
        message = await client.receive()
        assert message["type"] in {"error", "next"}
        assert "UNAUTHENTICATED" in str(message)
