"""PINs: hashed at a cost, verified with the same work whether there is one or not."""

import asyncio
import subprocess
import sys

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import CHEAPEST, RFC_9106_LOW_MEMORY

from app.staff import pins
from app.staff.pins import PinHasher


async def test_a_pin_is_known_by_its_hash() -> None:
    hasher = PinHasher()
    pin_hash = await hasher.hash("620471")
    assert "620471" not in pin_hash
    assert pin_hash != await hasher.hash("620471")
    assert await hasher.verify(pin_hash, "620471")
    for wrong in ("620472", "", "6204710"):
        assert not await hasher.verify(pin_hash, wrong)


async def test_nobodys_hash_costs_as_much_as_anybodys(monkeypatch: pytest.MonkeyPatch) -> None:
    for parameters in (CHEAPEST, RFC_9106_LOW_MEMORY):
        monkeypatch.setattr(pins, "PARAMETERS", parameters)
        hasher = PinHasher()
        for pin_hash in (hasher._nobodys, await hasher.hash("620471")):
            assert extract_parameters(pin_hash) == parameters
        assert not await hasher.verify(None, "620471")


def test_pins_are_hashed_at_the_recommended_cost_outside_the_tests() -> None:
    command = "from app.staff.pins import PARAMETERS; print(PARAMETERS.memory_cost, PARAMETERS.time_cost)"
    shown = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["65536", "3"]


async def test_a_hash_of_other_parameters_is_outdated() -> None:
    hasher = PinHasher()
    assert not hasher.is_outdated(await hasher.hash("620471"))
    assert hasher.is_outdated(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash("620471"))


async def test_few_are_worked_on_at_once_and_the_loop_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = PinHasher()
    running = most = 0

    async def in_a_thread(work: object, *arguments: object) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return "hash"

    monkeypatch.setattr(pins.asyncio, "to_thread", in_a_thread)
    await asyncio.gather(*(hasher.hash("620471") for _ in range(32)))
    assert most == pins.AT_ONCE
