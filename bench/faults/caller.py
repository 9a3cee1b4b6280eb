"""A client as apps and tills should be: it asks with the same key until it has its answer."""

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx

PATIENCE_SECONDS = 90.0  # for one answer, through fail-overs; who waits for longer has found a fault
ANSWER_SECONDS = 30.0
PAUSE_SECONDS = 0.2
OPERATIONS = Path(__file__).parents[2] / "graphql_schema" / "operations"
PASSING = {"UNAVAILABLE", "PAYMENT_PENDING"}


class Fault(Exception):
    """Something that must not be; the text says what."""


@dataclass(slots=True)
class Tally:
    """What became of all requests."""

    requests: int = 0
    retried: int = 0
    acknowledged: Counter[str] = field(default_factory=Counter)  # of each mutation
    last_acknowledged_at: float = 0.0
    longest_silence: float = 0.0  # since the last look

    def acknowledge(self, mutation: str) -> None:
        now = time.monotonic()
        if self.last_acknowledged_at:
            self.longest_silence = max(self.longest_silence, now - self.last_acknowledged_at)
        self.last_acknowledged_at = now
        self.acknowledged[mutation] += 1


class Client:
    """Asks one of several servers, and another one when no answer comes."""

    def __init__(self, ports: Sequence[int], tally: Tally, chance: Random) -> None:
        self._urls = [f"http://127.0.0.1:{port}" for port in ports]
        self._tally = tally
        self._chance = chance
        self._http = httpx.AsyncClient(
            timeout=ANSWER_SECONDS, limits=httpx.Limits(max_connections=None), trust_env=False
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def mutate(
        self, name: str, given: dict[str, Any] | None, token: str | None, done_already: Collection[str]
    ) -> dict[str, Any]:
        """What an official mutation answers, at last. Raises Fault when it is refused.

        A repeated request may be refused with the codes of `done_already`: then the first one was done, its
        answer was lost, and what is returned is empty.
        """
        field, document = name, _official(_snake(name))
        repeated = 0
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            self._tally.requests += 1
            answer = await self._post(document, {"input": given} if given is not None else {}, token)
            codes = _codes(answer, field)
            if not codes:
                self._tally.acknowledge(field)
                result: dict[str, Any] = (answer or {})["data"][field]
                return result
            if repeated and codes <= set(done_already):
                self._tally.acknowledge(field)
                return {}
            if not codes <= PASSING | {"THROTTLED"}:
                raise Fault(f"{field} is refused after {repeated} repetitions: {answer}")
            if time.monotonic() > deadline:
                raise Fault(f"{field} has no answer in {PATIENCE_SECONDS:g} s: {answer}")
            repeated += codes != {"THROTTLED"}
            self._tally.retried += codes != {"THROTTLED"}
            await asyncio.sleep(PAUSE_SECONDS * (0.5 + self._chance.random()))

    async def ask(self, query: str, variables: dict[str, Any] | None, token: str | None) -> dict[str, Any]:
        """What a query answers, at last. Raises Fault."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            answer = await self._post(query, variables or {}, token)
            codes = _codes(answer, "")
            if not codes:
                data: dict[str, Any] = (answer or {})["data"]
                return data
            if not codes <= PASSING | {"THROTTLED"}:
                raise Fault(f"a query is refused: {answer}; {query}")
            await asyncio.sleep(PAUSE_SECONDS)
        raise Fault(f"no answer in {PATIENCE_SECONDS:g} s: {query}")

    async def official(
        self, name: str, variables: dict[str, Any] | None, token: str | None
    ) -> dict[str, Any]:
        """What an official query answers."""
        return await self.ask(_official(name), variables, token)

    async def get(self, path: str) -> Any:
        """The JSON at this path of any server."""
        while True:
            try:
                answer = await self._http.get(self._url() + path, headers={"Accept": "application/json"})
            except httpx.TransportError:
                continue
            if answer.status_code == httpx.codes.OK:
                return answer.json()
            await asyncio.sleep(PAUSE_SECONDS)

    async def _post(
        self, document: str, variables: dict[str, Any], token: str | None
    ) -> dict[str, Any] | None:
        """The answer; None when it was lost."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            answer = await self._http.post(
                self._url() + "/graphql",
                json={"query": document, "variables": variables},
                headers=headers,
            )
        except httpx.TransportError:
            return None
        told: dict[str, Any] = answer.json()
        return told

    def _url(self) -> str:
        return self._chance.choice(self._urls)


def _codes(answer: dict[str, Any] | None, field: str) -> set[str]:
    """Why there is no answer to go by; nobody knows is like being unavailable."""
    if answer is None:
        return {"UNAVAILABLE"}
    if "errors" in answer:
        return {error.get("extensions", {}).get("code", "NONE") for error in answer["errors"]}
    result = answer["data"].get(field) or {}
    return {error["code"] for error in result["errors"]} if result.get("__typename") == "Rejected" else set()


def _official(name: str) -> str:
    return (OPERATIONS / f"{name}.graphql").read_text(encoding="utf-8")


def _snake(name: str) -> str:
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name)
