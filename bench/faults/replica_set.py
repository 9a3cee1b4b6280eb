"""A replica set of three MongoDB servers, whose primary can be killed as a power cut kills it."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from app.shared.mongodb.embedded import free_port
from app.shared.mongodb.mongod import find_mongod
from app.shared.processes.children import dies_with_this_process
from bench.faults.proxy import Proxy

NAME = "faults"
MEMBERS = 3
CACHE_GIGABYTES = 0.25
START_SECONDS = 120.0
FIRST_ELECTION_SECONDS = 2.0
PATIENT_ELECTION_SECONDS = 60.0  # while nobody is killed: a busy machine may silence a primary for a while
PAUSE_SECONDS = 0.05
ABANDONED_SECONDS = 20  # as README says: then nobody waits any more for the transaction of whoever is gone


class NoPrimary(Exception):
    """The replica set has no primary in time."""


class Member:
    """One `mongod` on a folder of its own; everybody reaches it through its proxy."""

    def __init__(self, folder: Path, proxy: Proxy) -> None:
        self._folder = folder
        self.proxy = proxy
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it, for the first time or again on what it has written."""
        (self._folder / "db").mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [
                str(find_mongod()),
                *("--dbpath", str(self._folder / "db")),
                *("--port", str(self.proxy.target_port)),
                *("--bind_ip", "127.0.0.1"),
                "--nounixsocket",
                *("--replSet", NAME),
                *("--oplogSize", "256"),
                *("--wiredTigerCacheSizeGB", f"{CACHE_GIGABYTES}"),
                *("--logpath", str(self._folder / "mongod.log")),
                "--logappend",
                *("--setParameter", "diagnosticDataCollectionEnabled=false"),
                *("--setParameter", f"transactionLifetimeLimitSeconds={ABANDONED_SECONDS}"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=dies_with_this_process(),
        )

    def kill(self) -> None:
        """Ends it at once: nothing is closed, nothing is flushed."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    async def hello(self) -> dict[str, Any] | None:
        """What it says of itself; None while it does not answer."""
        async with _client(self) as client:
            try:
                answer: dict[str, Any] = await client.admin.command("hello")
                return answer
            except PyMongoError:
                return None


class ReplicaSet:
    """The members, of whom one is primary most of the time."""

    def __init__(self, members: list[Member]) -> None:
        self.members = members

    @property
    def uri(self) -> str:
        hosts = ",".join(f"127.0.0.1:{each.proxy.port}" for each in self.members)
        return f"mongodb://{hosts}/?replicaSet={NAME}"

    async def initiate(self) -> None:
        """Makes the set of them, and returns when it has a primary, which it keeps through long silences."""
        await _within_time(self._all_answer)
        members = [
            {"_id": number, "host": f"127.0.0.1:{each.proxy.port}"}
            for number, each in enumerate(self.members)
        ]
        config = {
            "_id": NAME,
            "members": members,
            "settings": {"electionTimeoutMillis": round(FIRST_ELECTION_SECONDS * 1000)},
        }
        async with _client(self.members[0]) as client:
            await client.admin.command("replSetInitiate", config)
        await self.elect_after(PATIENT_ELECTION_SECONDS)

    async def elect_after(self, seconds: float) -> None:
        """Has the others miss a primary that was silent for so long."""

        async def is_changed() -> bool:
            async with _client(await self.primary()) as client:
                config = (await client.admin.command("replSetGetConfig"))["config"]
                config["version"] += 1
                config["settings"]["electionTimeoutMillis"] = round(seconds * 1000)
                await client.admin.command("replSetReconfig", config)
            return True

        await _within_time(is_changed)

    async def primary(self) -> Member:
        """The member that takes writes, as soon as there is one. Raises NoPrimary."""
        found: list[Member] = []

        async def look() -> bool:
            for each in self.members:
                if ((await each.hello()) or {}).get("isWritablePrimary"):
                    found.append(each)
            return bool(found)

        await _within_time(look)
        return found[-1]

    async def settle(self) -> None:
        """Returns when all members are up again, and one of them takes writes."""

        async def is_settled() -> bool:
            told = [await each.hello() or {} for each in self.members]
            return all(each.get("isWritablePrimary") or each.get("secondary") for each in told)

        await _within_time(is_settled)
        await self.primary()

    async def _all_answer(self) -> bool:
        return all([await each.hello() is not None for each in self.members])


def _client(member: Member) -> AsyncMongoClient[dict[str, Any]]:
    """A connection to this member alone, past its proxy."""
    return AsyncMongoClient(
        f"127.0.0.1:{member.proxy.target_port}", directConnection=True, serverSelectionTimeoutMS=3_000
    )


async def _within_time(condition: Any) -> None:
    try:
        async with asyncio.timeout(START_SECONDS):
            while True:
                try:
                    if await condition():
                        return
                except PyMongoError:
                    pass  # it is still starting, or another one is primary by now
                await asyncio.sleep(PAUSE_SECONDS)
    except TimeoutError:
        raise NoPrimary(f"the replica set was not ready in {START_SECONDS:g} s") from None


@asynccontextmanager
async def running_replica_set(folder: Path, proxies: Iterable[Proxy]) -> AsyncIterator[ReplicaSet]:
    """Three members, until the end of the block; then nothing of them is left running."""
    members = [Member(folder / f"member-{number}", proxy) for number, proxy in enumerate(proxies)]
    async with AsyncExitStack() as running:
        for each in members:
            running.callback(each.kill)
            each.start()
        replica_set = ReplicaSet(members)
        await replica_set.initiate()
        yield replica_set


def target_ports() -> list[int]:
    """A free port for each member."""
    return [free_port() for _ in range(MEMBERS)]
