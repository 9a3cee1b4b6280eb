"""Starting and ending the server: nothing is lost, nothing is left behind."""

import json
import os
import signal
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.examples import DEVICE_ID
from tests.patience import PATIENCE_SECONDS
from tests.process.servers import (
    BALANCE,
    CHECK_IN,
    Server,
    a_wish,
    command_of,
    mongod_of,
    processes_of,
    serving,
    wait_until,
)

pytestmark = pytest.mark.process


def test_from_the_first_start_to_the_points_and_back_after_a_kill(data_folder: Path) -> None:
    """A new user's way: get a card, check in, see the points, be told why not; kill -9; nothing is lost."""
    with serving(data_folder) as server:
        number, token = server.register(DEVICE_ID)
        result = server.send(CHECK_IN, {"input": a_wish(server)}, token)["checkIn"]
        assert (result["__typename"], result["pointBalance"]) == ("CheckedIn", 10)
        again = server.send(CHECK_IN, {"input": a_wish(server)}, token)["checkIn"]
        assert again["errors"] == [{"code": "ALREADY_CHECKED_IN"}]
        before = server.send(BALANCE, token=token)
        server.end(signal.SIGKILL)
        wait_until(lambda: not processes_of(server))
    with serving(data_folder) as server:
        assert server.register(DEVICE_ID)[0] == number
        assert server.send(BALANCE, token=token) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_each_way_to_end_it_leaves_no_process(retailer: Path, number: signal.Signals, workers: str) -> None:
    with serving(retailer, "--workers", workers, TSUNAGU_ENVIRONMENT="development") as server:
        wait_until(server.is_ready)
        assert len(processes_of(server)) >= 2
        assert server.end(number) == 0
        wait_until(lambda: not processes_of(server))


def test_new_processes_take_the_places_of_the_old_ones_one_after_another(retailer: Path) -> None:
    with serving(retailer, "--workers", "2", TSUNAGU_DRAIN_SECONDS="0.5") as server:
        number, _ = server.register(DEVICE_ID)
        before = workers_of(server)
        server.process.send_signal(signal.SIGUSR1)

        def are_old(several: int) -> bool:
            with suppress(httpx.TransportError):  # one that ends may hang up on who has just connected
                assert server.register(DEVICE_ID)[0] == number
            return len(before & workers_of(server)) == several

        wait_until(lambda: are_old(1))
        wait_until(lambda: are_old(0))
        wait_until(lambda: len(workers_of(server)) == 2)
        assert server.register(DEVICE_ID)[0] == number
        assert server.end() == 0


def workers_of(server: Server) -> set[int]:
    """The processes that answer, of a server with several."""
    return {pid for pid in processes_of(server) if b"multiprocessing-fork" in command_of(pid)}


def test_a_server_that_drains_answers_until_it_ends(retailer: Path) -> None:
    with serving(retailer, TSUNAGU_DRAIN_SECONDS="300") as server:
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: server.get("/readyz").status_code == 503)
        answer = server.get("/healthz")
        assert (answer.status_code, answer.headers["Connection"]) == (200, "close")
        assert server.end() == 0  # a second signal ends the wait


def test_ctrl_c_in_a_terminal_reaches_the_whole_group(retailer: Path) -> None:
    with serving(retailer, "--workers", "2") as server:
        os.killpg(server.process.pid, signal.SIGINT)
        assert server.process.wait(PATIENCE_SECONDS) == 0
        wait_until(lambda: not processes_of(server))


def test_a_killed_server_takes_its_workers_and_mongodb_with_it(retailer: Path) -> None:
    with serving(retailer, "--workers", "2") as server:
        assert len(processes_of(server)) >= 4
        server.end(signal.SIGKILL)
        wait_until(lambda: not processes_of(server))


def test_several_workers_serve_one_retailer(retailer: Path) -> None:
    with serving(retailer, "--workers", "2") as server:
        numbers = {server.register(DEVICE_ID)[0] for _ in range(8)}
        assert len(numbers) == 1


def test_a_start_while_the_last_mongodb_still_closes_waits_for_it(retailer: Path) -> None:
    with serving(retailer) as server:
        server.end(signal.SIGKILL)
        with serving(retailer) as again:
            wait_until(again.is_ready)


def test_another_address_can_be_listened_on(retailer: Path) -> None:
    with serving(retailer, "--host", "127.0.0.2") as server:
        assert server.address.startswith("http://127.0.0.2:")
        wait_until(server.is_ready)


def test_a_mongodb_that_dies_is_reported_and_the_server_not_ready(retailer: Path) -> None:
    with serving(retailer) as server:
        os.kill(mongod_of(server), signal.SIGKILL)
        report = server.wait_for_output("MongoDB ended by itself")
        assert "signal 9" in report.string
        assert "Its last words: {" in report.string
        assert server.get("/readyz").status_code == 503
        assert server.get("/healthz").status_code == 200
        assert server.end() == 0


def test_json_logs_are_json(retailer: Path) -> None:
    with serving(retailer, TSUNAGU_LOG_FORMAT="json") as server:
        server.end()
    logged = [json.loads(line) for line in server.output if line.startswith("{")]
    assert any(each["event"] == "ready" and each["level"] == "info" for each in logged)


def test_a_mongodb_of_ones_own_can_be_named(data_folder: Path, mongodb_uri: str) -> None:
    settings = {"MONGODB_URI": mongodb_uri, "TSUNAGU_MONGODB_DATABASE": f"test_own_{os.getpid()}"}
    for driver in ("pymongo", "motor"):
        with serving(data_folder, TSUNAGU_MONGO_DRIVER=driver, **settings) as server:
            assert len(processes_of(server)) == 1
            assert server.register(DEVICE_ID)[0]
            server.end()
