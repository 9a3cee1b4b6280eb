"""Sessions: rotation, lost answers, stolen tokens and ends."""

import asyncio
from datetime import timedelta

import pytest

from app.auth.errors import RefreshTokenInvalid, SessionNotFound
from app.auth.refresh_tokens import RefreshToken, new_family
from app.auth.session_service import SESSIONS_PER_MEMBER
from app.auth.sessions import SESSIONS
from app.auth.tokens import SignedIn
from app.composition import build_services
from app.services import Services
from app.shared.i18n import Language
from app.shared.mongodb.database import Database, Session
from app.shared.settings.model import Settings
from tests.arrangements import A_NETWORK
from tests.conftest import MovableClock

MEMBER = "member"


async def open_session(services: Services, device_name: str | None = None) -> SignedIn:
    async def act(session: Session) -> SignedIn:
        return await services.sessions.open(MEMBER, Language.EN, session, device_name)

    return await services.database.transaction(act)


async def is_out(services: Services, refresh_token: str) -> bool:
    try:
        await services.sessions.refresh(refresh_token)
    except RefreshTokenInvalid:
        return True
    return False


async def test_a_refresh_token_is_exchanged_for_new_tokens(services: Services, clock: MovableClock) -> None:
    first = await open_session(services)
    clock.advance(timedelta(minutes=15))
    second = await services.sessions.refresh(first.refresh_token)
    assert second.refresh_token != first.refresh_token
    actor = services.access_tokens.verify(second.access_token, clock.now())
    assert (actor.member_id, actor.language) == (MEMBER, Language.EN)
    third = await services.sessions.refresh(second.refresh_token)
    assert third.refresh_token not in {first.refresh_token, second.refresh_token}
    (device,) = await services.sessions.of_member(MEMBER)
    assert device.last_used_at == clock.now()


async def test_a_lost_answer_throws_nobody_out(services: Services, clock: MovableClock) -> None:
    first = await open_session(services)
    lost = await services.sessions.refresh(first.refresh_token)
    clock.advance(timedelta(seconds=10))
    again = await services.sessions.refresh(first.refresh_token)
    assert again.refresh_token == lost.refresh_token
    assert not await is_out(services, again.refresh_token)


async def test_a_stolen_token_ends_the_session_for_both(services: Services, clock: MovableClock) -> None:
    first = await open_session(services)
    thief = await services.sessions.refresh(first.refresh_token)
    clock.advance(timedelta(seconds=10, milliseconds=1))
    assert await is_out(services, first.refresh_token)
    assert await is_out(services, thief.refresh_token)
    assert await services.sessions.of_member(MEMBER) == []


@pytest.mark.parametrize("exchanges", [2, 3, 80])
async def test_an_older_token_ends_the_session_however_old_it_is(services: Services, exchanges: int) -> None:
    tokens = [(await open_session(services)).refresh_token]
    for _ in range(exchanges):
        tokens.append((await services.sessions.refresh(tokens[-1])).refresh_token)
    assert await is_out(services, tokens[0])
    assert await is_out(services, tokens[-1])


async def test_a_token_that_never_was_ends_nothing(services: Services) -> None:
    first = await open_session(services)
    session_id, secret, mark = first.refresh_token.split(".")
    forged = RefreshToken.new(session_id, new_family()).text
    for text in (
        forged,
        f"{session_id}.{secret}.{mark[::-1]}",
        f"another.{secret}.{mark}",
        "x",
        "..",
        "a.b.c",
        "あ.い.う",
    ):
        assert await is_out(services, text)
    assert not await is_out(services, first.refresh_token)


async def test_100_refreshes_at_once_leave_one_lineage(services: Services, clock: MovableClock) -> None:
    first = await open_session(services)
    answers = await asyncio.gather(*(services.sessions.refresh(first.refresh_token) for _ in range(100)))
    assert len({answer.refresh_token for answer in answers}) == 1
    clock.advance(timedelta(minutes=1))
    assert not await is_out(services, answers[0].refresh_token)
    assert len(await services.sessions.of_member(MEMBER)) == 1


async def test_a_session_ends_when_it_is_not_used_for_60_days(
    services: Services, clock: MovableClock
) -> None:
    first = await open_session(services)
    clock.advance(timedelta(days=60) - timedelta(milliseconds=1))
    second = await services.sessions.refresh(first.refresh_token)
    clock.advance(timedelta(days=60))
    assert await is_out(services, second.refresh_token)
    assert await services.sessions.of_member(MEMBER) == []


async def test_a_session_ends_after_a_year_in_any_case(services: Services, clock: MovableClock) -> None:
    token = (await open_session(services)).refresh_token
    for _ in range(12):
        clock.advance(timedelta(days=30))
        token = (await services.sessions.refresh(token)).refresh_token
    clock.advance(timedelta(days=5))
    assert await is_out(services, token)


async def test_tokens_are_kept_as_hashes_only(services: Services, database: Database) -> None:
    tokens = [(await open_session(services)).refresh_token]
    for _ in range(3):
        tokens.append((await services.sessions.refresh(tokens[-1])).refresh_token)
    (kept,) = await database.collection(SESSIONS).find({})
    for text in tokens:
        token = RefreshToken.parse(text)
        assert token is not None
        assert token.secret.hex() not in str(kept)
        assert text.split(".")[1] not in str(kept)


async def test_a_member_has_20_sessions_at_the_most(services: Services, clock: MovableClock) -> None:
    first = await open_session(services, "the oldest")
    for _ in range(SESSIONS_PER_MEMBER):
        clock.advance(timedelta(seconds=1))
        await open_session(services)
    devices = await services.sessions.of_member(MEMBER)
    assert len(devices) == SESSIONS_PER_MEMBER
    assert all(device.device_name is None for device in devices)
    assert await is_out(services, first.refresh_token)


async def test_a_session_that_ends_is_dead_here_at_once_and_elsewhere_in_30_seconds(
    services: Services, database: Database, settings: Settings, clock: MovableClock
) -> None:
    elsewhere = build_services(settings, database, clock)
    signed_in = await open_session(services)
    session_id = services.access_tokens.verify(signed_in.access_token, clock.now()).session_id
    assert await services.sessions.is_live(session_id)
    assert await elsewhere.sessions.is_live(session_id)
    await services.sessions.end(MEMBER, session_id)
    assert not await services.sessions.is_live(session_id)
    clock.advance(timedelta(seconds=30))
    assert not await elsewhere.sessions.is_live(session_id)
    assert await is_out(services, signed_in.refresh_token)


async def test_all_sessions_end_together(services: Services, clock: MovableClock) -> None:
    tokens = [(await open_session(services)).refresh_token for _ in range(3)]
    await services.sessions.end_all(MEMBER)
    assert [await is_out(services, token) for token in tokens] == [True] * 3


async def test_another_members_session_cannot_be_ended(services: Services) -> None:
    signed_in = await open_session(services)
    session_id = signed_in.refresh_token.split(".")[0]
    with pytest.raises(SessionNotFound):
        await services.sessions.end("another", session_id)
    assert not await is_out(services, signed_in.refresh_token)


async def test_a_session_that_made_room_is_dead_in_its_own_process_at_once(
    services: Services, clock: MovableClock
) -> None:
    device_id = "a-phone-with-many-sessions"
    first = (await services.members.register_guest(device_id, None, Language.EN, A_NETWORK)).signed_in
    for _ in range(SESSIONS_PER_MEMBER):
        assert await services.sessions.is_live(first.session_id)
        clock.advance(timedelta(seconds=1))
        await services.members.register_guest(device_id, None, Language.EN, A_NETWORK)
    assert not await services.sessions.is_live(first.session_id)
