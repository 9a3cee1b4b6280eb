"""Push devices and what they tell, through GraphQL."""

from app.consents.model import ConsentKind
from app.news.model import NewsPush
from app.services import Services
from graphql_schema.node import encode_id, key_of
from tests.api.callers import Caller, run
from tests.news_arrangements import published
from tests.push_arrangements import PushDesk, a_token, allow


async def test_a_device_takes_pushes_and_tells_what_became_of_them(
    member: Caller, headquarters: Caller, services: Services
) -> None:
    desk = PushDesk(services)
    await allow(services, key_of(member.member_id, "Member", []), ConsentKind.MARKETING_PUSH)
    token = a_token()
    device = {"platform": "APNS", "token": token, "timeZone": "Asia/Tokyo"}
    assert (await run(member, "register_push_device", device))["__typename"] == "PushDeviceRegistered"
    news = await published(services, push=NewsPush.AT_START)
    await desk.tell()
    ((sent_to, note),) = desk.apns.sent
    assert sent_to == token
    assert note.data == {"messageId": encode_id("InboxMessage", news.id)}
    told = {"messageIds": [note.data["messageId"]], "isOpened": True}
    assert (await run(member, "confirm_pushes", told))["unreadMessages"] == 0
    (listed,) = (await run(headquarters, "published_news"))["nodes"]
    assert listed["push"] == "AT_START"
    assert listed["reach"] == {"sent": 1, "delivered": 1, "opened": 1}
    await run(member, "remove_push_device")
    await published(services, push=NewsPush.AT_START)
    await desk.tell()
    assert len(desk.apns.sent) == 1


async def test_a_token_or_time_zone_that_is_none_is_refused(member: Caller) -> None:
    refused = await run(member, "register_push_device", {"platform": "APNS", "token": "../../admin"})
    assert [each["code"] for each in refused["errors"]] == ["PUSH_TOKEN_INVALID"]
    device = {"platform": "FCM", "token": a_token(), "timeZone": "Mars/Olympus"}
    refused = await run(member, "register_push_device", device)
    assert [each["code"] for each in refused["errors"]] == ["TIME_ZONE_UNKNOWN"]


async def test_who_confirms_what_is_not_hers_is_refused(
    member: Caller, other_member: Caller, services: Services
) -> None:
    told = {"messageIds": [encode_id("InboxMessage", "none")]}
    refused = await run(member, "confirm_pushes", told)
    assert [each["code"] for each in refused["errors"]] == ["INBOX_MESSAGE_NOT_FOUND"]
