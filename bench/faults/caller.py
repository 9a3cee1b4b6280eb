"""A client as apps and tills should be: it asks with the same key until it has its answer."""

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from bench.faults.twins import Told, difference
from graphql_schema.documents import TEXTS

PATIENCE_SECONDS = 90.0  # for one answer, through fail-overs; who waits for longer has found a fault
ANSWER_SECONDS = 30.0
PAUSE_SECONDS = 0.2
LATE_SECONDS = 0.05  # how much later a request is sent for the second time, at the most
PASSING = {"UNAVAILABLE", "PAYMENT_PENDING"}


class Fault(Exception):
    """Something that must not be; the text says what."""


@dataclass(slots=True)
class Tally:
    """What became of all requests."""

    requests: int = 0
    twins: int = 0  # mutations that were sent twice at once
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


@dataclass(frozen=True, slots=True)
class _Wish:
    """A mutation as it is sent, each time."""

    mutation: str
    given: dict[str, Any] | None
    token: str | None
    done_already: frozenset[str]


class Client:
    """Asks one of several servers, and another one when no answer comes.

    `twice` is the share of mutations that are sent to two servers at once, as a double tap does.
    """

    def __init__(self, ports: Sequence[int], tally: Tally, chance: Random) -> None:
        self.twice = 0.0
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
        answer was lost, and what is returned is empty. So may one of two that are sent at once.
        """
        wish = _Wish(name, given, token, frozenset(done_already))
        if self._chance.random() >= self.twice:
            return (await self._told(wish, self._url())).answer
        return await self._told_twice(wish)

    async def _told_twice(self, wish: _Wish) -> dict[str, Any]:
        """What both of two requests are answered that are sent at once, to different servers."""
        self._tally.twins += 1
        one_url, other_url = self._chance.sample(self._urls, 2)

        async def late() -> Told:
            await asyncio.sleep(LATE_SECONDS * self._chance.random())
            return await self._told(wish, other_url, has_twin=True)

        first = self._told(wish, one_url, has_twin=True)
        one, other = await asyncio.gather(first, late(), return_exceptions=True)
        if isinstance(one, BaseException) or isinstance(other, BaseException):
            raise Fault(f"{wish.mutation} is sent twice at once: {one} / {other}")
        is_keyed = "idempotencyKey" in (wish.given or {})
        if different := difference(wish.mutation, is_keyed, one, other):
            raise Fault(f"{wish.mutation} is sent twice at once, and answers differ: {different}")
        return one.answer or other.answer

    async def _told(self, wish: _Wish, url: str, has_twin: bool = False) -> Told:
        """What one request is answered at last, by this server or, if it does not answer, by any."""
        document = TEXTS[_snake(wish.mutation)]
        variables = {"input": wish.given} if wish.given is not None else {}
        repeated = 0
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            self._tally.requests += 1
            answer = await self._post(document, variables, wish.token, url)
            codes = _codes(answer, wish.mutation)
            if not codes:
                self._tally.acknowledge(wish.mutation)
                return Told((answer or {})["data"][wish.mutation], repeated)
            if (repeated or has_twin) and codes <= wish.done_already:
                self._tally.acknowledge(wish.mutation)
                return Told({}, repeated)
            if not codes <= PASSING | {"THROTTLED"}:
                raise Fault(f"{wish.mutation} is refused after {repeated} repetitions: {answer}")
            if time.monotonic() > deadline:
                raise Fault(f"{wish.mutation} has no answer in {PATIENCE_SECONDS:g} s: {answer}")
            repeated += codes != {"THROTTLED"}
            self._tally.retried += codes != {"THROTTLED"}
            await asyncio.sleep(PAUSE_SECONDS * (0.5 + self._chance.random()))
            url = self._url()

    async def ask(self, query: str, variables: dict[str, Any] | None, token: str | None) -> dict[str, Any]:
        """What a query answers, at last. Raises Fault."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            answer = await self._post(query, variables or {}, token, self._url())
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
        return await self.ask(TEXTS[name], variables, token)

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
        self, document: str, variables: dict[str, Any], token: str | None, url: str
    ) -> dict[str, Any] | None:
        """This server's answer; None when it was lost."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            answer = await self._http.post(
                url + "/graphql",
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


def _snake(name: str) -> str:
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name)
