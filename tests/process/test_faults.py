"""Accidents in the midst of work: what was acknowledged is there, what was not may be tried again."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.patience import PATIENCE_SECONDS
from tests.process.servers import (
    BALANCE,
    CHECK_IN,
    Server,
    Unavailable,
    a_wish,
    in_the_end,
    mongod_of,
    run,
    serving,
    wait_until,
)

pytestmark = pytest.mark.process

CALLERS = 32
PHONES = CALLERS + 16  # the last of them begin when the kill is done
ENOUGH = 8  # answers before the kill
STALE = [{"code": "LOCATION_STALE"}]  # measured too long ago


class Phone:
    """Registers and checks in, as often as it is told to; the wish stays the same while it is believed."""

    def __init__(self, number: int, wish: dict[str, Any]) -> None:
        self.device_id = f"phone-{number:03d}-of-the-fault-tests"
        self.wish = {**wish, "idempotencyKey": f"wish-of-phone-{number}"}
        self.result: dict[str, Any] | None = None

    def act(self, server: Server) -> None:
        _, token = server.register(self.device_id)
        result = server.send(CHECK_IN, {"input": self.wish}, token)["checkIn"]
        if result.get("errors") == STALE:
            # Nothing came of the wish, and to start a server again took a busy machine minutes.
            self.wish = a_wish(server)
            result = server.send(CHECK_IN, {"input": self.wish}, token)["checkIn"]
        self.result = result

    def must_have_its_points_once(self, server: Server) -> None:
        _, token = server.register(self.device_id)
        points = server.send(BALANCE, token=token)["me"]["points"]
        assert (points["balance"], [entry["amount"] for entry in points["entries"]["nodes"]]) == (10, [10])


def all_act(phones: list[Phone], server: Server) -> None:
    """Each until it is answered: a busy server may say that it cannot be done now."""
    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(lambda phone: in_the_end(lambda: phone.act(server)), phones))


def all_act_until_a_kill(phones: list[Phone], server: Server, victim: int) -> None:
    """When some are answered, this process is killed; as many as are called at once are in the midst then."""
    is_killed = threading.Event()

    def act(number: int) -> None:
        if number >= CALLERS:
            assert is_killed.wait(PATIENCE_SECONDS)
        with suppress(httpx.HTTPError, Unavailable):
            phones[number].act(server)

    def kill_when_some_are_answered() -> None:
        try:
            wait_until(lambda: sum(phone.result is not None for phone in phones) >= ENOUGH)
        finally:
            os.kill(victim, signal.SIGKILL)
            is_killed.set()

    with ThreadPoolExecutor(CALLERS + 1) as pool:
        killing = pool.submit(kill_when_some_are_answered)
        list(pool.map(act, range(len(phones))))
        killing.result()


@pytest.mark.parametrize("victim", ["server", "mongodb"])
def test_a_kill_in_the_midst_of_check_ins_loses_and_doubles_nothing(data_folder: Path, victim: str) -> None:
    with serving(data_folder) as server:
        wish = a_wish(server)
        phones = [Phone(number, wish) for number in range(PHONES)]
        all_act_until_a_kill(phones, server, server.process.pid if victim == "server" else mongod_of(server))
        acknowledged = [phone for phone in phones if phone.result]
        assert acknowledged
        assert len(acknowledged) < len(phones)
        server.process.kill()
    with serving(data_folder) as server:
        for phone in acknowledged:
            phone.must_have_its_points_once(server)
        first_results = {phone.device_id: phone.result for phone in acknowledged}
        all_act(phones, server)
        for phone in phones:
            assert phone.result is not None
            assert phone.result["__typename"] == "CheckedIn"
            assert phone.result == first_results.get(phone.device_id, phone.result)
            phone.must_have_its_points_once(server)
        status, output = run("verify-points", TSUNAGU_DATA_DIR=str(data_folder))
        assert status == 0, output
