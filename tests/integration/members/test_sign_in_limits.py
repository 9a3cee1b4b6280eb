"""How many codes are sent and tried: by address, by network, and in all processes together."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.composition import build_services
from app.services import Services
from app.shared.mongodb.database import Database
from app.shared.rate_limits import RATE_COUNTS, RateLimit, RateLimits
from app.shared.settings.model import Settings
from app.sign_in.codes import CODES_TO_DESTINATION
from app.sign_in.errors import (
    TooManySignInCodes,
    TooManySignInTries,
)
from tests.arrangements import a_code
from tests.conftest import MovableClock
from tests.integration.members.test_sign_in import HANA, give, outcome, wrong


async def test_codes_to_one_address_are_limited_in_every_process(
    services: Services, database: Database, settings: Settings, clock: MovableClock
) -> None:
    other_process = build_services(settings, database, clock)
    for turn in range(CODES_TO_DESTINATION.allowed):
        await a_code(services if turn % 2 else other_process, HANA, f"192.0.2.{turn % 4}")
    clock.advance(timedelta(minutes=20))
    for process in (services, other_process):
        with pytest.raises(TooManySignInCodes) as refused:
            await a_code(process, HANA.upper(), "198.51.100.1")
        assert refused.value.numbers == {"wait_seconds": 40 * 60}
    await a_code(services, "ken@example.com")
    clock.advance(timedelta(minutes=40))
    await a_code(services, HANA)


@pytest.fixture
def strict(database: Database, settings: Settings, clock: MovableClock) -> Services:
    """Services that give one network ten codes an hour."""
    few = settings.model_copy(update={"sign_in_codes_per_network": 10})
    return build_services(few, database, clock)


async def test_codes_from_one_network_are_limited(strict: Services) -> None:
    for number in range(10):
        await a_code(strict, f"{number}@example.com")
    with pytest.raises(TooManySignInCodes):
        await a_code(strict, HANA)
    await a_code(strict, HANA, "another network")


async def test_tries_from_one_network_are_limited(strict: Services) -> None:
    given = await a_code(strict, HANA)
    codes = [await a_code(strict, f"{number}@example.com") for number in range(6)]
    results = await asyncio.gather(*(outcome(strict, wrong(code)) for code in codes for _ in range(5)))
    assert (results.count("SIGN_IN_CODE_INVALID"), results.count("TOO_MANY_SIGN_IN_TRIES")) == (20, 10)
    with pytest.raises(TooManySignInTries):
        await give(strict, given)
    await give(strict, replace(given, network="another network"))


async def test_challenges_that_never_were_use_up_nobodys_network(strict: Services) -> None:
    given = await a_code(strict, HANA)
    made_up = replace(given, challenge_id="none")
    assert {await outcome(strict, made_up) for _ in range(30)} == {"SIGN_IN_CODE_INVALID"}
    await give(strict, given)


async def test_a_stranger_does_not_use_up_the_codes_of_an_address(services: Services) -> None:
    for _ in range(5):
        await a_code(services, HANA, "198.51.100.1")
    for _ in range(20):
        with pytest.raises(TooManySignInCodes):
            await a_code(services, HANA, "198.51.100.1")
    await give(services, await a_code(services, HANA))


@pytest.mark.parametrize(("networks", "allowed"), [(1, 15), (5, 40)])
async def test_tries_for_one_address_are_limited_by_network_and_in_all(
    services: Services, networks: int, allowed: int
) -> None:
    codes = [await a_code(services, HANA, f"192.0.2.{number % 4}") for number in range(15)]
    guesses = [
        replace(wrong(code), network=f"198.51.100.{number % networks}")
        for code in codes
        for number in range(5)
    ]
    results = await asyncio.gather(*(outcome(services, guess) for guess in guesses))
    assert results.count("SIGN_IN_CODE_INVALID") == allowed
    assert results.count("TOO_MANY_SIGN_IN_TRIES") == 75 - allowed


async def test_a_rate_is_counted_exactly_by_64_callers(database: Database, clock: MovableClock) -> None:
    limit = RateLimit("test", 20, timedelta(minutes=1))
    waits = await asyncio.gather(*(RateLimits(database, clock).take(limit, "somebody") for _ in range(64)))
    assert waits.count(0) == 20
    assert set(waits) == {0, 60}
    (kept,) = await database.collection(RATE_COUNTS).find({})
    assert "somebody" not in kept["_id"]
    clock.advance(timedelta(minutes=1))
    assert await RateLimits(database, clock).take(limit, "somebody") == 0
