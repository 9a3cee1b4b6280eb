"""Pushes of news: to those it is for who want it, not at night, not too often, by time and by place."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app.auth.actor import MemberActor
from app.consents.model import ConsentKind, ConsentWish
from app.inbox.model import MessageClass
from app.members.model import Rank
from app.news.model import NewsPush
from app.notifications import news_pushes
from app.push.model import PushPlatform
from app.services import Services
from app.shared.channels import Channel
from app.shared.geo import GeoPoint
from app.shared.i18n import Language
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from tests.arrangements import a_code, add_stores
from tests.conftest import MovableClock
from tests.examples import UMEDA, a_store
from tests.integration.messages.test_inbox import a_ready_order
from tests.news_arrangements import published, visit
from tests.push_arrangements import PushDesk, a_token, allow
from tests.webhook_arrangements import machinery

PUSH, LOCATION = ConsentKind.MARKETING_PUSH, ConsentKind.LOCATION
HOUR = timedelta(hours=1)


@pytest.fixture
def desk(services: Services) -> PushDesk:
    return PushDesk(services)


async def pushed(services: Services, **wishes: Any) -> str:
    return (await published(services, **{"push": NewsPush.AT_START, **wishes})).id


async def test_news_is_pushed_to_those_it_is_for_who_allow_it(desk: PushDesk, services: Services) -> None:
    willing = await desk.member(PUSH)
    await desk.member()
    await desk.member(ConsentKind.MARKETING_EMAIL, LOCATION)
    await pushed(services, ranks=frozenset({Rank.PLATINUM}))
    await pushed(services, push=NewsPush.NONE)
    await pushed(services, ranks=frozenset({Rank.MEMBER}))
    await desk.tell()
    await desk.tell()
    ((_, note),) = desk.fcm.sent
    assert (note.title, note.is_urgent) == ("週末セール", False)
    assert await services.inbox.unread(willing.member_id) == 2


async def test_each_of_many_devices_is_told_once_by_many_workers_that_die(
    desk: PushDesk, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news_pushes, "DEVICES_AT_ONCE", 3)
    members = [await desk.member(PUSH) for _ in range(10)]
    await pushed(services)
    dying = asyncio.create_task(desk.news.push())
    await asyncio.sleep(0.01)
    dying.cancel()
    await asyncio.wait([dying])
    await asyncio.gather(*(desk.news.push() for _ in range(8)))
    await desk.deliver()
    assert len(desk.fcm.sent) == len({token for token, _ in desk.fcm.sent}) == len(members)


async def test_no_member_gets_more_than_the_days_share_however_much_is_pushed_at_once(
    services: Services, clock: MovableClock
) -> None:
    desk = PushDesk(services, pushes_per_day=2)
    for _ in range(3):
        await desk.member(PUSH)
    for _ in range(5):
        await pushed(services)
    await asyncio.gather(*(desk.news.push() for _ in range(16)))
    await desk.deliver()
    assert len(desk.fcm.sent) == 3 * 2
    clock.advance(timedelta(days=1))
    await pushed(services)
    await desk.tell()
    assert len(desk.fcm.sent) == 3 * 3


async def test_two_devices_of_a_member_count_as_one(services: Services) -> None:
    desk = PushDesk(services, pushes_per_day=1)
    address = "hana@example.com"
    for platform in PushPlatform:
        signed_in = await services.sign_in.sign_in(await a_code(services, address), None, Language.JA, None)
        (session, *_) = await services.sessions.of_member(signed_in.member.id)
        actor = MemberActor(signed_in.member.id, session.id, Language.JA)
        await desk.push.register(actor, platform, a_token(), None)
        services.clock.advance(HOUR)  # type: ignore[attr-defined]
    await allow(services, actor.member_id, PUSH)
    await pushed(services)
    await pushed(services)
    await desk.tell()
    assert (len(desk.fcm.sent), len(desk.apns.sent)) == (1, 1)


@pytest.mark.parametrize(("time_zone", "hours"), [(None, 12), ("Asia/Tokyo", 12), ("Europe/Berlin", 20)])
async def test_marketing_waits_for_the_morning_where_the_device_is(
    desk: PushDesk, services: Services, clock: MovableClock, time_zone: str | None, hours: int
) -> None:
    clock.advance(9 * HOUR)  # 21:00 in Tokyo, 13:00 in Berlin
    await desk.member(PUSH, time_zone=time_zone)
    if time_zone == "Europe/Berlin":
        clock.advance(8 * HOUR)  # 21:00 in Berlin
        hours = 12
    await pushed(services)
    await desk.tell()
    clock.advance(hours * HOUR - timedelta(minutes=1))
    await desk.tell()
    assert desk.fcm.sent == []
    clock.advance(timedelta(minutes=1))
    await desk.tell()
    assert len(desk.fcm.sent) == 1


async def test_what_a_worker_left_over_for_the_night_waits_too(
    desk: PushDesk, services: Services, clock: MovableClock
) -> None:
    await desk.member(PUSH)
    await pushed(services)
    await desk.news.push()
    clock.advance(10 * HOUR)
    await desk.deliver()
    assert desk.fcm.sent == []
    clock.advance(11 * HOUR)
    await desk.deliver()
    assert len(desk.fcm.sent) == 1


async def test_news_that_is_over_by_the_morning_is_not_pushed(
    desk: PushDesk, services: Services, clock: MovableClock
) -> None:
    clock.advance(10 * HOUR)
    await desk.member(PUSH)
    await pushed(services, lasts=5 * HOUR)
    await desk.tell()
    clock.advance(12 * HOUR)
    await desk.tell()
    assert desk.fcm.sent == []


async def test_service_messages_keep_no_quiet_hours_and_count_for_no_share(
    services: Services, clock: MovableClock
) -> None:
    desk = PushDesk(services, pushes_per_day=0)
    clock.advance(12 * HOUR)
    hana = await desk.member()
    await a_ready_order(services, clock, hana.member_id)
    await desk.tell()
    assert len(desk.fcm.sent) == 2


async def test_news_of_a_store_is_pushed_to_who_checks_in_there(
    desk: PushDesk, services: Services, database: Database, clock: MovableClock
) -> None:
    store, other = a_store(), a_store()
    await add_stores(database, store, other)
    guest, silent, elsewhere = [
        await desk.member(*kinds) for kinds in ((PUSH, LOCATION), (PUSH,), (PUSH, LOCATION))
    ]
    await published(services, push=NewsPush.AT_CHECK_IN, store_ids=frozenset({store.id}))
    await desk.tell()
    assert desk.fcm.sent == []
    await visit(services, guest.member_id, store)
    await visit(services, silent.member_id, store)
    await visit(services, elsewhere.member_id, other)
    await desk.tell()
    await desk.tell()
    assert len(desk.fcm.sent) == 1


async def test_a_place_is_told_of_once_on_a_day_and_its_neighbours_are_the_same_place(
    services: Services, database: Database, clock: MovableClock
) -> None:
    desk = PushDesk(services, pushes_per_day=5)
    store, next_door = a_store(), a_store(location=GeoPoint(UMEDA.latitude + 0.004, UMEDA.longitude))
    far_away = a_store(location=GeoPoint(UMEDA.latitude + 0.01, UMEDA.longitude))
    await add_stores(database, store, next_door, far_away)
    guest = await desk.member(PUSH, LOCATION)
    for each in (store, store, next_door, far_away):
        await published(services, push=NewsPush.AT_CHECK_IN, store_ids=frozenset({each.id}))
    for each, told in ((store, 1), (next_door, 1), (far_away, 2)):
        await visit(services, guest.member_id, each)
        await asyncio.gather(*(desk.news.push() for _ in range(8)))
        await desk.tell()
        assert len(desk.fcm.sent) == told
        clock.advance(HOUR)
    await pushed(services)  # about no place
    await desk.tell()
    assert len(desk.fcm.sent) == 3
    clock.advance(timedelta(days=1) - 3 * HOUR)
    await visit(services, guest.member_id, next_door)
    await desk.tell()
    assert len(desk.fcm.sent) == 4


async def test_who_says_no_before_it_is_sent_is_not_told_by_place(
    desk: PushDesk, services: Services, database: Database
) -> None:
    store = a_store()
    await add_stores(database, store)
    guest = await desk.member(PUSH, LOCATION)
    await published(services, push=NewsPush.AT_CHECK_IN)
    await visit(services, guest.member_id, store)
    await machinery(services).dispatch.dispatch()
    await desk.news.push()
    decision = ConsentWish(((LOCATION, False),), "v1", Channel.ONLINE)
    await services.consents.decide(guest.member_id, decision)
    await desk.deliver()
    assert desk.fcm.sent == []


async def test_at_night_nobody_is_told_by_place(
    desk: PushDesk, services: Services, database: Database, clock: MovableClock
) -> None:
    store = a_store()
    await add_stores(database, store)
    guest = await desk.member(PUSH, LOCATION, time_zone="Europe/Berlin")
    await published(services, push=NewsPush.AT_CHECK_IN)
    clock.advance(10 * HOUR)  # 22:00 in Tokyo, where the store is
    await visit(services, guest.member_id, store)
    await desk.tell()
    clock.advance(12 * HOUR)
    await desk.tell()
    assert desk.fcm.sent == []


async def test_a_second_device_is_told_of_what_began_before_only_in_the_inbox(
    desk: PushDesk, services: Services
) -> None:
    hana = await desk.member(PUSH)
    await pushed(services)
    await desk.tell()
    await desk.push.register(hana, PushPlatform.FCM, a_token(), None)
    await desk.tell()
    assert len(desk.fcm.sent) == 1
    page = await services.inbox.page(hana.member_id, is_archived=False, request=PageRequest(10))
    assert {message.message_class for message, _ in page.items} == {MessageClass.MARKETING}
