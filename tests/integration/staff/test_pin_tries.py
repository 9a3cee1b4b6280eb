"""Staff who fail to sign in are counted, have to wait, and leave a trace."""

import asyncio
from datetime import timedelta

import pytest
import structlog
from argon2 import PasswordHasher
from structlog.testing import capture_logs

from app.auth.roles import Role
from app.services import Services
from app.shared.errors import Refusal
from app.shared.lockouts import LOCKOUTS, Lockout, Lockouts
from app.shared.mongodb.database import Database
from app.staff import pin_tries
from app.staff.errors import (
    TooManyPinTries,
)
from app.stores.model import Store
from tests.arrangements import (
    NEW_PIN,
    PIN,
    WRONG_PIN,
    a_device,
    a_shift,
    a_staff_member,
    on_shift,
    signing_in,
)
from tests.conftest import MovableClock


async def test_nothing_tells_which_codes_there_are(services: Services, store: Store) -> None:
    member = await a_staff_member(services, Role.COUNTER, store.id)
    token = await a_device(services, store.id)
    known = [await signing_in(services, token, member.code, WRONG_PIN) for _ in range(7)]
    unknown = [await signing_in(services, token, "NOBODY", WRONG_PIN) for _ in range(7)]
    assert known == unknown == ["STAFF_SIGN_IN_FAILED"] * 5 + ["TOO_MANY_PIN_TRIES"] * 2


async def test_an_unknown_code_takes_the_same_work(
    services: Services, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = await a_staff_member(services, Role.COUNTER, store.id)
    token = await a_device(services, store.id)
    verified: list[str] = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, pin_hash: str, pin: str) -> bool:
        verified.append(pin)
        return verify(self, pin_hash, pin)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    for code in (member.code, "NOBODY"):
        assert await signing_in(services, token, code, WRONG_PIN) == "STAFF_SIGN_IN_FAILED"
    assert verified == [WRONG_PIN] * 2


async def test_what_is_no_code_counts_on_its_device_and_for_nobody(
    services: Services, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pin_tries, "DEVICE_TRIES", Lockout("device", 10))
    tokens = [await a_device(services, store.id) for _ in range(2)]
    outcomes = [await signing_in(services, tokens[0], "no code", WRONG_PIN) for _ in range(11)]
    assert outcomes == ["STAFF_SIGN_IN_FAILED"] * 10 + ["TOO_MANY_PIN_TRIES"]
    assert await signing_in(services, tokens[1], "no code", WRONG_PIN) == "STAFF_SIGN_IN_FAILED"


async def test_one_who_hammers_on_a_locked_code_does_not_lock_the_device(
    services: Services, store: Store
) -> None:
    member, other = [await a_staff_member(services, Role.COUNTER, store.id) for _ in range(2)]
    token = await a_device(services, store.id)
    for _ in range(40):
        await signing_in(services, token, member.code, WRONG_PIN)
    assert await signing_in(services, token, other.code, PIN) == "signed in"


async def test_64_guesses_at_once_are_five_a_device_and_20_in_all(
    services: Services, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = await a_staff_member(services, Role.COUNTER, store.id)
    tokens = [await a_device(services, store.id) for _ in range(8)]
    verified: list[str] = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, pin_hash: str, pin: str) -> bool:
        verified.append(pin)
        return verify(self, pin_hash, pin)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    outcomes = await asyncio.gather(
        *(signing_in(services, tokens[number % 8], member.code, f"62{number:04d}") for number in range(64))
    )
    assert (outcomes.count("STAFF_SIGN_IN_FAILED"), outcomes.count("TOO_MANY_PIN_TRIES")) == (20, 44)
    assert len(verified) == 20


async def test_who_fails_with_one_code_waits_longer_each_time(
    services: Services, store: Store, clock: MovableClock
) -> None:
    member = await a_staff_member(services, Role.COUNTER, store.id)
    token = await a_device(services, store.id)
    outcomes = await asyncio.gather(
        *(signing_in(services, token, member.code, f"62{number:04d}") for number in range(64))
    )
    assert (outcomes.count("STAFF_SIGN_IN_FAILED"), outcomes.count("TOO_MANY_PIN_TRIES")) == (5, 59)
    with pytest.raises(TooManyPinTries) as refused:
        await on_shift(services, member, token)
    assert refused.value.numbers == {"wait_seconds": 30}
    clock.advance(timedelta(seconds=30))
    assert await signing_in(services, token, member.code, WRONG_PIN) == "STAFF_SIGN_IN_FAILED"
    clock.advance(timedelta(seconds=59))
    assert await signing_in(services, token, member.code, PIN) == "TOO_MANY_PIN_TRIES"
    clock.advance(timedelta(seconds=1))
    await on_shift(services, member, token)
    assert [await signing_in(services, token, member.code, WRONG_PIN) for _ in range(5)] == [
        "STAFF_SIGN_IN_FAILED"
    ] * 5


async def test_success_takes_back_the_tries_with_her_own_code_and_no_others(
    services: Services, store: Store
) -> None:
    member = await a_staff_member(services, Role.COUNTER, store.id)
    token = await a_device(services, store.id)
    guessed: list[str] = []
    for turn in range(4):
        for number in range(4):
            guessed.append(await signing_in(services, token, f"NOBODY{turn}{number}", WRONG_PIN))
        assert await signing_in(services, token, member.code, WRONG_PIN) == "STAFF_SIGN_IN_FAILED"
        assert await signing_in(services, token, member.code, PIN) == "signed in"
    for number in range(12):
        guessed.append(await signing_in(services, token, f"NOBODY9{number}", WRONG_PIN))
    assert guessed == ["STAFF_SIGN_IN_FAILED"] * 20 + ["TOO_MANY_PIN_TRIES"] * 8


async def test_a_success_that_has_nothing_to_take_back_ends_no_wait(
    services: Services, database: Database, clock: MovableClock
) -> None:
    tries = pin_tries.PinTries(Lockouts(database, clock))
    for number in range(18):
        await tries.count("device", f"NOBODY{number}")
    await tries.count("device", "MORI")
    await tries.count("device", "MORI")
    await tries.succeed("device", "MORI")
    await tries.count("device", "NOBODY18")
    await tries.count("device", "NOBODY19")
    await tries.succeed("device", "MORI")
    with pytest.raises(TooManyPinTries):
        await tries.count("device", "NOBODY20")


async def test_a_locked_device_locks_nobody_elsewhere_and_writes_nothing(
    services: Services, database: Database, store: Store
) -> None:
    member = await a_staff_member(services, Role.COUNTER, store.id)
    locked, other = [await a_device(services, store.id) for _ in range(2)]
    for number in range(20):
        await signing_in(services, locked, f"NOBODY{number}", WRONG_PIN)
    before = await database.collection(LOCKOUTS).count({})
    for _ in range(10):
        assert await signing_in(services, locked, member.code, WRONG_PIN) == "TOO_MANY_PIN_TRIES"
    assert await database.collection(LOCKOUTS).count({}) == before
    for _ in range(4):
        assert await signing_in(services, other, member.code, WRONG_PIN) == "STAFF_SIGN_IN_FAILED"
    assert await signing_in(services, other, member.code, PIN) == "signed in"


async def test_one_device_does_not_lock_headquarters_elsewhere(
    services: Services, store: Store, clock: MovableClock
) -> None:
    director = await a_staff_member(services, Role.HEADQUARTERS)
    token, office = await a_device(services, store.id), await a_device(services)
    for _ in range(60):  # an hour of it
        await signing_in(services, token, director.code, WRONG_PIN)
        clock.advance(timedelta(minutes=1))
    assert await signing_in(services, office, director.code, PIN) == "signed in"


async def test_a_failed_sign_in_is_told_in_the_log_without_what_was_typed(
    services: Services, store: Store
) -> None:
    shift = await a_shift(services, Role.COUNTER, store.id)
    member, token, device_id = shift.member, shift.device_token, shift.actor.device_id
    structlog.reset_defaults()
    with capture_logs() as logs:
        await signing_in(services, "none", member.code, WRONG_PIN)
        await signing_in(services, token, "NOBODY", WRONG_PIN)
        await signing_in(services, token, "no code", WRONG_PIN)
        for _ in range(6):
            await signing_in(services, token, member.code, WRONG_PIN)
        await on_shift(services, await a_staff_member(services, Role.COUNTER, store.id), token)
    told = [(line["outcome"], line["device_id"], line["staff_id"]) for line in logs]
    assert told == [
        ("device_unknown", None, None),
        ("code_unknown", device_id, None),
        ("code_unknown", device_id, None),
        *[("pin_wrong", device_id, member.id)] * 5,
        ("too_many_tries", device_id, None),
    ]
    assert {line["event"] for line in logs} == {"staff_sign_in_failed"}
    for typed in (WRONG_PIN, "NOBODY", "no code", token):
        assert typed not in str(logs)


async def test_a_device_on_which_many_codes_fail_must_wait(
    services: Services, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pin_tries, "DEVICE_TRIES", Lockout("device", 3))
    member = await a_staff_member(services, Role.COUNTER, store.id)
    token, other = await a_device(services, store.id), await a_device(services, store.id)
    for code in ("AAAA", "BBBB", member.code):
        assert await signing_in(services, token, code, WRONG_PIN) == "STAFF_SIGN_IN_FAILED"
    assert await signing_in(services, token, member.code, PIN) == "TOO_MANY_PIN_TRIES"
    assert await signing_in(services, other, member.code, PIN) == "signed in"


async def test_a_device_left_alone_lets_nobody_guess_the_old_pin(services: Services, store: Store) -> None:
    shift = await a_shift(services, Role.COUNTER, store.id)

    async def guess(number: int) -> str:
        try:
            await services.staff_sign_in.change_pin(shift.actor, f"62{number:04d}", NEW_PIN)
        except Refusal as refusal:
            return refusal.code
        return "changed"

    outcomes = await asyncio.gather(*(guess(number) for number in range(64)))
    assert (outcomes.count("PIN_WRONG"), outcomes.count("TOO_MANY_PIN_TRIES")) == (5, 59)
