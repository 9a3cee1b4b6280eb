"""Signing in again with the same key: the same session, for who knows all that the first one knew."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.auth.actor import MemberActor
from app.auth.sessions import SESSIONS
from app.members.repository import MEMBERS
from app.messages.errors import MessageNotSent
from app.messages.model import Message, MessageChannel
from app.messages.outbox import DEVELOPMENT_OUTBOX
from app.services import Services
from app.shared.errors import Refusal
from app.shared.i18n import Language
from app.shared.idempotency import IdempotencyKeyInvalid
from app.shared.mongodb.database import Database
from app.shared.rate_limits import RATE_COUNTS
from app.sign_in.answers import MemberSignedIn
from app.sign_in.codes import SignInCodes
from app.sign_in.errors import SignInCodeInvalid
from app.sign_in.model import CodeGiven, CodeSent
from app.sign_in.repository import SIGN_IN_ANSWERS, SIGN_IN_CHALLENGES, ChallengeRepository
from app.sign_in.rules import CODE_GOOD_FOR, TOLD_AGAIN_FOR, TRIES
from tests.arrangements import A_NETWORK, a_code, a_member
from tests.conftest import MovableClock
from tests.integration.members.test_sign_in import HANA, give, guest, outcome, wrong

KEY = "key-of-a-wish-that-is-made-once"


async def a_keyed_code(services: Services) -> CodeGiven:
    return replace(await a_code(services, HANA), key=KEY)


async def holder_of(services: Services, signed_in: MemberSignedIn) -> MemberActor:
    actor = await services.door.actor(f"Bearer {signed_in.tokens.access_token}")
    assert isinstance(actor, MemberActor)
    return actor


def failing_once(error: BaseException, act: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Does it, and says that it failed, once."""
    errors = [error]

    async def act_and_fail(*arguments: Any, **options: Any) -> Any:
        done = await act(*arguments, **options)
        if errors:
            raise errors.pop()
        return done

    return act_and_fail


async def test_the_same_try_is_the_same_session(services: Services, database: Database) -> None:
    given = await a_keyed_code(services)
    first = await give(services, given)
    again = await give(services, given)
    assert (again.member, again.is_new, again.merge) == (first.member, True, None)
    assert again.tokens.refresh_token == first.tokens.refresh_token
    assert await holder_of(services, again) == await holder_of(services, first)
    assert await database.collection(SESSIONS).count({}) == 1
    await services.sessions.refresh(again.tokens.refresh_token)


async def test_of_32_with_one_key_all_get_the_one_session(services: Services, database: Database) -> None:
    given = await a_keyed_code(services)
    results = await asyncio.gather(*(give(services, given) for _ in range(32)))
    assert len({each.tokens.refresh_token for each in results}) == 1
    assert len({each.tokens.session_id for each in results}) == 1
    assert await database.collection(SESSIONS).count({}) == 1
    assert await database.collection(MEMBERS).count({}) == 1


async def test_a_guest_needs_no_token_to_hear_again_what_became_of_her(
    services: Services, database: Database
) -> None:
    """Her own is dead by then; and what went over with her is told again too."""
    await a_member(services, HANA)
    actor, given = await guest(services), await a_keyed_code(services)
    first = await give(services, given, actor)
    again = await give(services, given)
    assert first.merge is not None
    assert (again.merge, again.is_new) == (first.merge, False)
    assert again.tokens.refresh_token == first.tokens.refresh_token


@pytest.mark.parametrize(
    "other",
    [
        {"key": None},
        {"key": "another-key-of-another-device"},
        {"code": "wrong"},
        {"challenge_id": "another-challenge"},
    ],
    ids=str,
)
async def test_who_lacks_anything_of_it_gets_nothing(services: Services, other: dict[str, Any]) -> None:
    given = await a_keyed_code(services)
    await give(services, given)
    with pytest.raises(SignInCodeInvalid):
        await give(services, wrong(given) if "code" in other else replace(given, **other))


async def test_it_is_told_for_ten_minutes(services: Services, clock: MovableClock) -> None:
    given = await a_keyed_code(services)
    await give(services, given)
    clock.advance(TOLD_AGAIN_FOR - timedelta(milliseconds=1))
    await give(services, given)
    clock.advance(timedelta(milliseconds=1))
    with pytest.raises(SignInCodeInvalid):
        await give(services, given)


async def test_tokens_that_were_renewed_are_told_no_more(services: Services) -> None:
    given = await a_keyed_code(services)
    first = await give(services, given)
    renewed = await services.sessions.refresh(first.tokens.refresh_token)
    with pytest.raises(SignInCodeInvalid):
        await give(services, given)
    await services.sessions.refresh(renewed.refresh_token)  # and that ends nobody's session


async def test_a_session_that_has_ended_is_not_opened_again(services: Services) -> None:
    given = await a_keyed_code(services)
    first = await give(services, given)
    await services.sessions.sign_out(first.tokens.session_id)
    with pytest.raises(SignInCodeInvalid):
        await give(services, given)


async def test_our_records_tell_no_token(services: Services, database: Database) -> None:
    given = await a_keyed_code(services)
    signed_in = await give(services, given)
    (answer,) = await database.collection(SIGN_IN_ANSWERS).find({})
    _, secret, _ = signed_in.tokens.refresh_token.split(".")
    for told in (secret, given.code, given.challenge_id, KEY, signed_in.tokens.access_token):
        assert told not in str(answer)


async def test_a_key_makes_no_guess_more(services: Services, database: Database) -> None:
    """The same wrong try is one; and other codes with the same key are tries of their own."""
    given = await a_keyed_code(services)
    for _ in range(2):
        with pytest.raises(SignInCodeInvalid):
            await give(services, wrong(given))
    (challenge,) = await database.collection(SIGN_IN_CHALLENGES).find({})
    assert challenge["tries_left"] == TRIES - 1
    guesses = [replace(given, code=f"{number:06d}") for number in range(64)]
    await asyncio.gather(*(outcome(services, guess) for guess in guesses if guess.code != given.code))
    (challenge,) = await database.collection(SIGN_IN_CHALLENGES).find({})
    assert challenge["tries_left"] == 0
    assert len(challenge["known_tries"]) == TRIES
    assert await outcome(services, given) == "SIGN_IN_CODE_INVALID"


async def test_a_try_that_is_repeated_counts_where_it_is_looked_at_again(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise who is kept out by the limits would get in by asking again."""
    counted: list[str] = []

    async def count(codes: SignInCodes, address: object, network: str) -> None:
        counted.append(network)

    monkeypatch.setattr(SignInCodes, "_count_try", count)
    given = await a_keyed_code(services)
    for _ in range(3):
        assert await outcome(services, wrong(given)) == "SIGN_IN_CODE_INVALID"
    assert counted == [given.network] * 3


async def test_a_first_try_that_died_is_made_up_for(
    services: Services, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = await a_keyed_code(services)
    with monkeypatch.context() as patch:
        patch.setattr(
            services.sessions, "open", failing_once(OSError("the process died"), services.sessions.open)
        )
        with pytest.raises(OSError, match="died"):
            await give(services, given)
    assert await database.collection(SESSIONS).count({}) == 0
    assert (await give(services, given)).is_new
    assert await database.collection(SESSIONS).count({}) == 1


async def test_a_key_has_a_length(services: Services) -> None:
    given = await a_keyed_code(services)
    for key in ("short", "x" * 129, "key with \n"):
        with pytest.raises(IdempotencyKeyInvalid):
            await give(services, replace(given, key=key))
    await give(services, given)  # and it cost no try


async def send(services: Services, key: str | None = KEY, destination: str = HANA) -> str:
    sent = await services.sign_in.send_code(MessageChannel.EMAIL, destination, A_NETWORK, Language.JA, key)
    return sent.challenge_id


async def test_of_32_who_ask_with_one_key_one_code_is_sent(services: Services, database: Database) -> None:
    challenges = await asyncio.gather(*(_outcome_of(send(services)) for _ in range(32)))
    assert len(set(challenges) - {"TOO_MANY_SIGN_IN_CODES"}) == 1
    assert await database.collection(DEVELOPMENT_OUTBOX).count({}) == 1
    assert await send(services) in challenges


async def _outcome_of(sending: Awaitable[str]) -> str:
    try:
        return await sending
    except Refusal as refusal:
        return refusal.code


async def test_another_key_or_address_is_another_challenge(services: Services) -> None:
    challenges = [
        await send(services),
        await send(services, "another-key-of-another-wish"),
        await send(services, KEY, "ken@example.com"),
        await send(services, None),
        await send(services, None),
    ]
    assert len(set(challenges)) == 5
    with pytest.raises(IdempotencyKeyInvalid):
        await send(services, "too-easy-to-guess")


async def test_who_asks_again_much_later_is_sent_another_code(
    services: Services, database: Database, clock: MovableClock
) -> None:
    """Whether or not MongoDB has cleared away the old one."""
    await send(services)
    clock.advance(CODE_GOOD_FOR)
    await send(services)
    assert await database.collection(DEVELOPMENT_OUTBOX).count({}) == 2


async def test_a_code_that_could_not_be_sent_is_sent_by_the_next_try(
    services: Services, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(message: Message) -> None:
        raise MessageNotSent(reason="the server hangs")

    with monkeypatch.context() as patch:
        patch.setattr(services.messages, "send", fail)
        with pytest.raises(MessageNotSent):
            await send(services)
    await send(services)
    assert await database.collection(DEVELOPMENT_OUTBOX).count({}) == 1


async def test_a_code_that_is_asked_for_twice_at_once_is_one_code(
    services: Services, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The late one had looked before the other was sent: it sends nothing, and counts for nothing."""
    sent: list[CodeSent] = []
    expiry = ChallengeRepository.expiry

    async def send() -> CodeSent:
        return await services.sign_in.send_code(MessageChannel.EMAIL, HANA, A_NETWORK, Language.EN, KEY)

    async def look_early(self: ChallengeRepository, key: str, now: datetime) -> datetime | None:
        monkeypatch.setattr(ChallengeRepository, "expiry", expiry)
        found = await expiry(self, key, now)
        sent.append(await send())
        return found

    monkeypatch.setattr(ChallengeRepository, "expiry", look_early)
    sent.append(await send())
    assert sent[0] == sent[1]
    assert await database.collection(DEVELOPMENT_OUTBOX).count({}) == 1
    assert [each["count"] for each in await database.collection(RATE_COUNTS).find({})] == [1, 1, 1]
