"""Signing in by a code: once, few tries, counted whatever the concurrency."""

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest

from app.auth.actor import MemberActor
from app.auth.sessions import SESSIONS
from app.composition import build_services
from app.members.errors import DeviceNameInvalid, DeviceSignedUp
from app.members.repository import MEMBERS
from app.messages.errors import MessageNotSent
from app.messages.model import Message, MessageChannel
from app.messages.outbox import DEVELOPMENT_OUTBOX
from app.services import Services
from app.shared.errors import Refusal, Unauthenticated
from app.shared.events import EVENTS
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.shared.mongodb.database import Database
from app.shared.rate_limits import RATE_COUNTS
from app.shared.settings.model import Settings
from app.sign_in.answers import MemberSignedIn
from app.sign_in.errors import (
    ChannelUnavailable,
    DestinationInvalid,
    SignInCodeInvalid,
)
from app.sign_in.model import CodeGiven
from app.sign_in.repository import SIGN_IN_ADDRESSES, SIGN_IN_CHALLENGES
from app.sign_in.rules import TRIES
from tests.arrangements import A_NETWORK, a_code, a_member
from tests.conftest import MovableClock

HANA = "hana@example.com"


async def give(
    services: Services, given: CodeGiven, caller: MemberActor | None = None, device_name: str | None = None
) -> MemberSignedIn:
    return await services.sign_in.sign_in(given, device_name, Language.JA, caller)


async def outcome(services: Services, given: CodeGiven) -> str:
    try:
        await give(services, given)
    except Refusal as refusal:
        return refusal.code
    return "signed in"


async def guest(services: Services, device_id: str = "the-phone-of-a-guest-0001") -> MemberActor:
    registered = await services.members.register_guest(device_id, None, Language.JA, A_NETWORK)
    (device,) = await services.sessions.of_member(registered.member.id)
    return MemberActor(registered.member.id, device.id, Language.JA)


def wrong(given: CodeGiven) -> CodeGiven:
    return replace(given, code=f"{(int(given.code) + 1) % 10**6:06d}")


async def test_an_unknown_address_becomes_a_member(services: Services, database: Database) -> None:
    signed_in = await give(services, await a_code(services, HANA), device_name="Hana's phone")
    assert (signed_in.is_new, signed_in.member.is_guest, signed_in.merge) == (True, False, None)
    (device,) = await services.sessions.of_member(signed_in.member.id)
    assert device.device_name == "Hana's phone"
    (proven,) = await services.sign_in.addresses_of(signed_in.member.id)
    assert (proven.address.channel, proven.address.destination) == ("EMAIL", HANA)
    events = await database.collection(EVENTS).find({}, sort=[("written_at", 1)])
    assert [event["type"] for event in events] == ["MemberRegistered", "MemberSignedIn"]


async def test_a_known_address_is_the_same_member_on_every_device(services: Services) -> None:
    first = await give(services, await a_code(services, HANA))
    second = await give(services, await a_code(services, HANA.upper()))
    assert second.member == first.member
    assert not second.is_new
    assert len(await services.sessions.of_member(first.member.id)) == 2


async def test_a_guest_who_signs_up_keeps_her_card_and_loses_the_device_id(services: Services) -> None:
    actor = await guest(services)
    before = await services.members.get(actor.member_id)
    assert before is not None
    signed_in = await give(services, await a_code(services, HANA), actor)
    assert signed_in.member == replace(before, is_guest=False)
    assert (signed_in.is_new, signed_in.merge) == (True, None)
    assert not await services.sessions.is_live(actor.session_id)
    assert len(await services.sessions.of_member(actor.member_id)) == 1
    with pytest.raises(DeviceSignedUp):
        await guest(services)


async def test_the_answer_is_the_same_whether_the_address_is_known_or_not(
    services: Services, database: Database
) -> None:
    await a_member(services, HANA)
    known, unknown = await a_code(services, HANA), await a_code(services, "nobody@example.com")
    assert len(known.challenge_id) == len(unknown.challenge_id)
    assert await database.collection(SIGN_IN_CHALLENGES).count({}) == 2


async def test_a_code_is_good_once(services: Services) -> None:
    given = await a_code(services, HANA)
    await give(services, given)
    with pytest.raises(SignInCodeInvalid):
        await give(services, given)


async def test_a_code_is_good_for_ten_minutes(services: Services, clock: MovableClock) -> None:
    one, other = await a_code(services, HANA), await a_code(services, HANA)
    clock.advance(timedelta(minutes=10) - timedelta(milliseconds=1))
    await give(services, one)
    clock.advance(timedelta(milliseconds=1))
    with pytest.raises(SignInCodeInvalid):
        await give(services, other)


async def test_a_code_is_good_for_its_own_challenge_only(services: Services) -> None:
    hers, his = await a_code(services, HANA), await a_code(services, "ken@example.com")
    for challenge_id in (his.challenge_id, new_id(), "", "😀", "x" * 100_000):
        with pytest.raises(SignInCodeInvalid):
            await give(services, replace(hers, challenge_id=challenge_id))
    await give(services, hers)


async def test_after_five_wrong_tries_the_right_code_is_none(services: Services) -> None:
    given = await a_code(services, HANA)
    for _ in range(TRIES):
        with pytest.raises(SignInCodeInvalid):
            await give(services, wrong(given))
    with pytest.raises(SignInCodeInvalid):
        await give(services, given)


async def test_64_guesses_at_once_are_64_tries(services: Services, database: Database) -> None:
    given = await a_code(services, HANA)
    results = await asyncio.gather(*(outcome(services, wrong(given)) for _ in range(64)))
    assert set(results) == {"SIGN_IN_CODE_INVALID"}
    (challenge,) = await database.collection(SIGN_IN_CHALLENGES).find({})
    assert challenge["tries_left"] == 0
    assert await outcome(services, given) == "SIGN_IN_CODE_INVALID"


async def test_of_64_with_the_right_code_one_gets_in(services: Services, database: Database) -> None:
    given = await a_code(services, HANA)
    results = await asyncio.gather(*(outcome(services, given) for _ in range(64)))
    assert sorted(results) == ["SIGN_IN_CODE_INVALID"] * 63 + ["signed in"]
    assert await database.collection(SESSIONS).count({}) == 1


async def test_two_first_codes_of_one_address_make_one_member(services: Services, database: Database) -> None:
    codes = [await a_code(services, HANA) for _ in range(4)]
    members = {each.member.id for each in await asyncio.gather(*(give(services, given) for given in codes))}
    assert len(members) == 1
    assert await database.collection(MEMBERS).count({}) == 1
    assert await database.collection(SIGN_IN_ADDRESSES).count({}) == 1


async def test_a_guest_signs_up_once(services: Services) -> None:
    """Two codes for two new addresses, given at once with one guest's token."""
    actor = await guest(services)
    codes = [await a_code(services, f"{name}@example.com") for name in ("one", "two", "three", "four")]

    async def sign_up(given: CodeGiven) -> str:
        try:
            return (await give(services, given, actor)).member.id
        except Unauthenticated:
            return "out"

    members = await asyncio.gather(*map(sign_up, codes))
    assert members.count(actor.member_id) == 1


async def test_a_device_id_opens_nothing_while_its_guest_signs_up(
    services: Services, database: Database
) -> None:
    actor = await guest(services)
    given = await a_code(services, HANA)

    async def open_again() -> None:
        with contextlib.suppress(DeviceSignedUp):
            await services.members.register_guest("the-phone-of-a-guest-0001", None, Language.JA, A_NETWORK)

    await asyncio.gather(give(services, given, actor), *(open_again() for _ in range(16)))
    sessions = await database.collection(SESSIONS).find({"member_id": actor.member_id})
    assert len(sessions) == 1


async def test_who_is_signed_up_signs_in_as_whose_code_it_is(services: Services) -> None:
    hana, ken = await a_member(services, HANA), await a_member(services, "ken@example.com")
    (device,) = await services.sessions.of_member(hana)
    signed_in = await give(
        services, await a_code(services, "ken@example.com"), MemberActor(hana, device.id, Language.JA)
    )
    assert signed_in.member.id == ken
    assert await services.sessions.is_live(device.id)


async def test_what_is_no_address_gets_no_code(services: Services, database: Database) -> None:
    for channel, destination in ((MessageChannel.EMAIL, "hana"), (MessageChannel.SMS, "+1 202 456 1111")):
        with pytest.raises(DestinationInvalid):
            await services.sign_in.send_code(channel, destination, "network", Language.EN)
    assert await database.collection(DEVELOPMENT_OUTBOX).count({}) == 0
    assert await database.collection(RATE_COUNTS).count({}) == 0


async def test_without_a_sender_there_is_no_code(
    database: Database, settings: Settings, clock: MovableClock
) -> None:
    production = settings.model_copy(update={"environment": "production"})
    services = build_services(production, database, clock)
    with pytest.raises(ChannelUnavailable):
        await services.sign_in.send_code(MessageChannel.EMAIL, HANA, "network", Language.EN)


async def test_a_code_that_could_not_be_sent_says_so(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(message: Message) -> None:
        raise MessageNotSent(reason="the server hangs")

    monkeypatch.setattr(services.messages, "send", fail)
    with pytest.raises(MessageNotSent):
        await services.sign_in.send_code(MessageChannel.EMAIL, HANA, "network", Language.EN)


async def test_a_bad_device_name_costs_no_try(services: Services, database: Database) -> None:
    given = await a_code(services, HANA)
    with pytest.raises(DeviceNameInvalid):
        await give(services, given, device_name="\n")
    (challenge,) = await database.collection(SIGN_IN_CHALLENGES).find({})
    assert challenge["tries_left"] == TRIES
    await give(services, given)


async def test_our_records_do_not_tell_the_code(services: Services, database: Database) -> None:
    given = await a_code(services, HANA)
    (challenge,) = await database.collection(SIGN_IN_CHALLENGES).find({})
    assert given.challenge_id not in str(challenge)
    assert given.code not in {str(value) for value in challenge.values()}
