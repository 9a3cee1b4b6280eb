"""Pushes on MongoDB: once to each device, to those who may have them, when they may."""

import asyncio
from datetime import timedelta

import pytest

from app.auth.actor import MemberActor
from app.auth.roles import Role
from app.consents.model import ConsentKind
from app.inbox.model import Reach
from app.news.model import NewsPush
from app.push import rules
from app.push.delivery import CLAIMED_FOR
from app.push.errors import PushTokenInvalid, TimeZoneUnknown
from app.push.model import PushAnswer, PushNote, PushOutcome, PushPlatform
from app.services import Services
from app.shared.i18n import Language
from tests.arrangements import a_shift
from tests.conftest import MovableClock
from tests.integration.messages.test_inbox import a_ready_order
from tests.news_arrangements import published
from tests.push_arrangements import PushDesk, a_token, allow
from tests.webhook_arrangements import machinery

PUSH = ConsentKind.MARKETING_PUSH


@pytest.fixture
def desk(services: Services) -> PushDesk:
    return PushDesk(services)


async def an_order_is_told(desk: PushDesk, member: MemberActor) -> None:
    """Has two pushes wait for the member, and delivers none."""
    await a_ready_order(desk.services, desk.services.clock, member.member_id)  # type: ignore[arg-type]
    await machinery(desk.services).dispatch.dispatch()
    await desk.messages.tell()


async def test_what_becomes_of_an_order_is_pushed_once_to_each_device_in_her_language(
    desk: PushDesk, services: Services, clock: MovableClock
) -> None:
    hana = await desk.member()
    emma = await desk.member(platform=PushPlatform.APNS, language=Language.EN)
    order_id = await a_ready_order(services, clock, hana.member_id)
    await a_ready_order(services, clock, emma.member_id)
    await desk.tell()
    await desk.tell()
    assert sorted(note.title for _, note in desk.fcm.sent) == [
        "ご注文を承りました",
        "受け取りの準備ができました",
    ]
    assert sorted(note.title for _, note in desk.apns.sent) == ["Order accepted", "Ready for pickup"]
    assert {(note.collapse_key, note.is_urgent) for _, note in desk.fcm.sent} == {(order_id, True)}
    assert all({"messageId", "orderId"} == note.data.keys() for _, note in desk.fcm.sent)


async def test_of_many_workers_one_pushes(desk: PushDesk) -> None:
    await an_order_is_told(desk, await desk.member())
    await asyncio.gather(*(desk.deliver() for _ in range(32)))
    assert len(desk.fcm.sent) == 2


async def test_what_a_dead_worker_has_claimed_is_pushed_again(
    desk: PushDesk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await an_order_is_told(desk, await desk.member())
    is_asked = asyncio.Event()

    async def hang(token: str, note: PushNote) -> PushAnswer:
        is_asked.set()
        await asyncio.sleep(3600)
        raise AssertionError

    with monkeypatch.context() as patch:
        patch.setattr(desk.fcm, "send", hang)
        dead = asyncio.create_task(desk.deliver())
        await is_asked.wait()
        dead.cancel()
        await asyncio.wait([dead])
    await desk.deliver()
    assert len(desk.fcm.sent) == 1
    clock.advance(CLAIMED_FOR)
    await desk.deliver()
    assert len(desk.fcm.sent) == 2


async def test_a_device_that_is_gone_is_forgotten(desk: PushDesk) -> None:
    hana = await desk.member()
    desk.fcm.answers.append(PushAnswer(PushOutcome.TOKEN_INVALID, "UNREGISTERED"))
    await an_order_is_told(desk, hana)
    await desk.deliver()
    assert len(desk.fcm.sent) == 1
    await desk.push.register(hana, PushPlatform.FCM, a_token(), None)
    await an_order_is_told(desk, hana)
    await desk.deliver()
    assert len(desk.fcm.sent) == 3


async def test_a_device_that_has_come_back_meanwhile_stays(
    desk: PushDesk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hana, token = await desk.member(), a_token()

    async def come_back(old: str, note: PushNote) -> PushAnswer:
        clock.advance(timedelta(seconds=1))
        await desk.push.register(hana, PushPlatform.FCM, token, None)
        return PushAnswer(PushOutcome.TOKEN_INVALID)

    await an_order_is_told(desk, hana)
    with monkeypatch.context() as patch:
        patch.setattr(desk.fcm, "send", come_back)
        await desk.deliver()
    await an_order_is_told(desk, hana)
    await desk.deliver()
    assert {sent for sent, _ in desk.fcm.sent} == {token}


async def test_a_service_that_wants_to_be_left_alone_is(desk: PushDesk, clock: MovableClock) -> None:
    desk.fcm.answers.extend([PushAnswer(PushOutcome.LATER, "429", timedelta(minutes=20))] * 2)
    await an_order_is_told(desk, await desk.member())
    await desk.deliver()
    clock.advance(timedelta(minutes=19))
    await desk.deliver()
    assert len(desk.fcm.sent) == 2
    clock.advance(timedelta(minutes=3))
    await desk.deliver()
    assert len(desk.fcm.sent) == 4


@pytest.mark.parametrize("outcome", [PushOutcome.LATER, PushOutcome.REFUSED])
async def test_what_fails_is_given_up(desk: PushDesk, clock: MovableClock, outcome: PushOutcome) -> None:
    desk.fcm.answers.extend([PushAnswer(outcome, "no")] * 50)
    await an_order_is_told(desk, await desk.member())
    for _ in range(rules.MAXIMUM_TRIES + 2):
        await desk.deliver()
        clock.advance(timedelta(minutes=40))
    tries = rules.MAXIMUM_TRIES if outcome is PushOutcome.LATER else 1
    assert len(desk.fcm.sent) == 2 * tries


async def test_what_is_old_is_in_the_inbox_and_not_pushed(desk: PushDesk, clock: MovableClock) -> None:
    hana = await desk.member()
    await a_ready_order(desk.services, clock, hana.member_id)
    clock.advance(rules.SERVICE_IS_NEWS_FOR)
    await desk.tell()
    assert desk.fcm.sent == []
    assert await desk.services.inbox.unread(hana.member_id) >= 2


async def test_who_signed_out_or_took_no_more_is_told_nothing(desk: PushDesk, services: Services) -> None:
    hana, emma = await desk.member(), await desk.member()
    await an_order_is_told(desk, hana)
    await an_order_is_told(desk, emma)
    await services.sessions.sign_out(hana.session_id)
    assert await desk.push.remove(emma.session_id)
    assert not await desk.push.remove(emma.session_id)
    await desk.deliver()
    assert desk.fcm.sent == []


async def test_a_token_is_of_whoever_is_signed_in_on_the_device_now(desk: PushDesk) -> None:
    hana, emma, token = await desk.member(), await desk.member(), a_token()
    await desk.push.register(hana, PushPlatform.FCM, token, "Asia/Tokyo")
    await an_order_is_told(desk, hana)
    await asyncio.gather(
        *(desk.push.register(each, PushPlatform.FCM, token, None) for each in [hana, emma] * 8)
    )
    await desk.push.register(emma, PushPlatform.FCM, token, None)
    await desk.deliver()
    assert desk.fcm.sent == []
    await an_order_is_told(desk, emma)
    await desk.deliver()
    assert {sent for sent, _ in desk.fcm.sent} == {token}


async def test_what_is_no_token_or_time_zone_is_refused(desk: PushDesk) -> None:
    hana = await desk.member()
    with pytest.raises(PushTokenInvalid):
        await desk.push.register(hana, PushPlatform.APNS, "../" * 30, None)
    with pytest.raises(TimeZoneUnknown):
        await desk.push.register(hana, PushPlatform.APNS, a_token(), "Mars/Olympus")


async def test_how_far_news_has_come_is_counted_by_members(
    desk: PushDesk, services: Services, clock: MovableClock
) -> None:
    members = [await desk.member(PUSH) for _ in range(3)]
    news = await published(services, push=NewsPush.AT_START)
    await desk.tell()
    for _ in range(2):
        await services.inbox.confirm(members[0].member_id, [news.id], is_opened=False)
        await services.inbox.confirm(members[1].member_id, [news.id], is_opened=True)
    late = await desk.member()
    await services.inbox.read(late.member_id, [news.id])
    assert await services.inbox.reach([news.id, "none"]) == {news.id: Reach(3, 2, 2)}
    assert await services.inbox.unread(members[1].member_id) == 0
    assert await services.inbox.unread(members[0].member_id) == 1


async def test_consent_that_is_withdrawn_before_the_push_counts(
    desk: PushDesk, services: Services, clock: MovableClock
) -> None:
    hana = await desk.member(PUSH)
    await published(services, push=NewsPush.AT_START)
    await desk.news.push()
    await allow(services, hana.member_id, PUSH, is_given=False)
    await desk.deliver()
    assert desk.fcm.sent == []


async def test_news_that_is_withdrawn_before_the_push_is_not_pushed(
    desk: PushDesk, services: Services, clock: MovableClock
) -> None:
    await desk.member(PUSH)
    news = await published(services, push=NewsPush.AT_START)
    await desk.news.push()
    await services.news.withdraw(news.id, (await a_shift(services, Role.HEADQUARTERS)).actor)
    await desk.deliver()
    assert desk.fcm.sent == []
