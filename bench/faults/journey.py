"""A journey: what one caller of a scenario does, and what must be true of it afterwards."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from app.shared.ids import new_id
from bench.faults.caller import Fault
from bench.faults.world import World

Check = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Told:
    """An event that the feed must have exactly once: of this type, with this value in its data."""

    type: str
    field: str
    value: str


@dataclass(slots=True)
class Journey:
    """One caller's way. What it is told of it keeps, to look for it when all faults are over."""

    world: World
    mutations: frozenset[str]
    name: str = field(default_factory=lambda: new_id()[-20:])
    checks: list[Check] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)

    async def do(
        self,
        mutation: str,
        given: dict[str, Any] | None = None,
        token: str | None = None,
        done_already: Collection[str] = (),
    ) -> dict[str, Any]:
        """What the mutation answers; see `Client.mutate`."""
        if mutation not in self.mutations:
            raise Fault(f"{mutation} is not one of this scenario's mutations")
        return await self.world.client.mutate(mutation, given, token, done_already)

    async def read(self, query: str, variables: dict[str, Any] | None, token: str | None) -> dict[str, Any]:
        """What an official query answers."""
        return await self.world.client.official(query, variables, token)

    async def guest(self) -> tuple[dict[str, Any], str]:
        """A new member, and her token."""
        given = {"deviceId": f"phone-{self.name}", "deviceName": "Phone"}
        registered = await self.world.client.mutate("registerGuest", given, None, ())
        return registered["member"], registered["accessToken"]

    def key(self, what: str) -> str:
        """The idempotency key of a wish: the same each time that it is sent."""
        return f"{what}-{self.name}"

    def is_told_once(self, type: str, field: str, value: str) -> None:
        self.told.append(Told(type, field, value))

    def must_read(
        self,
        query: str,
        variables: dict[str, Any] | None,
        token: str,
        is_right: Callable[[dict[str, Any]], bool],
    ) -> None:
        """Afterwards, this official query answers so."""

        async def check() -> None:
            data = await self.read(query, variables, token)
            if not is_right(data):
                raise Fault(f"{query} of journey {self.name} is not as it was acknowledged: {data}")

        self.checks.append(check)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a kind of caller does, and the mutations that it sends."""

    name: str
    mutations: frozenset[str]
    act: Callable[[Journey], Awaitable[None]]


SCENARIOS: dict[str, Scenario] = {}


def scenario(*mutations: str) -> Callable[[Callable[[Journey], Awaitable[None]]], None]:
    """Puts the function into the table of scenarios."""

    def add(act: Callable[[Journey], Awaitable[None]]) -> None:
        SCENARIOS[act.__name__] = Scenario(act.__name__, frozenset(mutations), act)

    return add
