"""Starting and ending the server: nothing is lost, nothing is left behind."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from app.main import READY_SECONDS
from tests.examples import DEVICE_ID
from tests.patience import PATIENCE_SECONDS
from tests.process.servers import (
    BALANCE,
    CHECK_IN,
    ROOT,
    Server,
    a_wish,
    command_of,
    mongod_of,
    processes_of,
    run,
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
def test_each_way_to_end_it_leaves_no_process(
    data_folder: Path, number: signal.Signals, workers: str
) -> None:
    with serving(data_folder, "--workers", workers, TSUNAGU_ENVIRONMENT="development") as server:
        wait_until(server.is_ready)
        assert len(processes_of(server)) >= 2
        assert server.end(number) == 0
        wait_until(lambda: not processes_of(server))


def test_new_processes_take_the_places_of_the_old_ones_one_after_another(data_folder: Path) -> None:
    with serving(data_folder, "--workers", "2", TSUNAGU_DRAIN_SECONDS="0.5") as server:
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


def test_a_server_that_drains_answers_until_it_ends(data_folder: Path) -> None:
    with serving(data_folder, TSUNAGU_DRAIN_SECONDS="300") as server:
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: server.get("/readyz").status_code == 503)
        answer = server.get("/healthz")
        assert (answer.status_code, answer.headers["Connection"]) == (200, "close")
        assert server.end() == 0  # a second signal ends the wait


def test_ctrl_c_in_a_terminal_reaches_the_whole_group(data_folder: Path) -> None:
    with serving(data_folder, "--workers", "2") as server:
        os.killpg(server.process.pid, signal.SIGINT)
        assert server.process.wait(PATIENCE_SECONDS) == 0
        wait_until(lambda: not processes_of(server))


def test_a_killed_server_takes_its_workers_and_mongodb_with_it(data_folder: Path) -> None:
    with serving(data_folder, "--workers", "2") as server:
        assert len(processes_of(server)) >= 4
        server.end(signal.SIGKILL)
        wait_until(lambda: not processes_of(server))


def test_several_workers_serve_one_retailer(data_folder: Path) -> None:
    with serving(data_folder, "--workers", "2") as server:
        numbers = {server.register(DEVICE_ID)[0] for _ in range(8)}
        assert len(numbers) == 1


@pytest.mark.parametrize("same_port", [True, False])
def test_a_second_start_on_the_same_folder_says_so(data_folder: Path, same_port: bool) -> None:
    with serving(data_folder) as server:
        port = server.address.rpartition(":")[2] if same_port else "0"
        status, output = run("serve", "--port", port, "--data-dir", str(data_folder))
        assert status == 2
        assert f"another Tsunagu (process {server.process.pid}) is running on" in output
        assert "Traceback" not in output
        wait_until(server.is_ready)


def test_a_start_while_the_last_mongodb_still_closes_waits_for_it(data_folder: Path) -> None:
    with serving(data_folder) as server:
        server.end(signal.SIGKILL)
        with serving(data_folder) as again:
            wait_until(again.is_ready)


def test_a_port_in_use_is_said(data_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        status, output = run("serve", "--port", str(port), "--data-dir", str(data_folder))
    assert status == 2
    assert output == f"tsunagu: cannot listen on 127.0.0.1:{port}: Address already in use\n"


def test_an_address_that_is_none_is_said(data_folder: Path) -> None:
    status, output = run("serve", "--host", "no.such.host.invalid", "--data-dir", str(data_folder))
    assert status == 2
    assert output.startswith("tsunagu: cannot listen on no.such.host.invalid:8000: ")
    assert output.count("\n") == 1
    status, output = run("serve", "--port", "70000", "--data-dir", str(data_folder))
    assert status == 2
    assert "must lie between 0 and 65535" in output


def test_another_address_can_be_listened_on(data_folder: Path) -> None:
    with serving(data_folder, "--host", "127.0.0.2") as server:
        assert server.address.startswith("http://127.0.0.2:")
        wait_until(server.is_ready)


def test_a_data_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    status, output = run("serve", "--port", "0", "--data-dir", str(tmp_path / "file"))
    assert status == 2
    assert output.startswith("tsunagu: the data folder ")
    assert output.count("\n") == 1


@pytest.mark.parametrize("uri", ["", "postgres://127.0.0.1/", "mongodb://user:secret@/"])
def test_an_address_of_mongodb_that_is_none_is_said(data_folder: Path, uri: str) -> None:
    status, output = run("serve", "--port", "0", "--data-dir", str(data_folder), MONGODB_URI=uri)
    assert status == 2
    assert output.startswith("tsunagu: MONGODB_URI: ")
    assert output.count("\n") == 1
    assert "secret" not in output


def test_a_bad_setting_stops_the_start_with_one_line(data_folder: Path) -> None:
    status, output = run("serve", "--data-dir", str(data_folder), TSUNAGU_CHECK_IN_POINTS="many")
    assert status == 2
    assert output.startswith("tsunagu: TSUNAGU_CHECK_IN_POINTS: ")
    assert output.count("\n") == 1


def test_without_any_mongodb_three_ways_out_are_named(data_folder: Path) -> None:
    """A PATH without mongod, and an environment in which the wheel is not installed."""
    code = (
        "import sys, app.shared.mongod as m; m.WHEEL = 'no-such-wheel';"
        "from app.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, "serve", "--port", "0", "--data-dir", str(data_folder)],
        cwd=ROOT, env={"PATH": "/nowhere"},
        capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    assert answer.returncode == 2
    for way_out in ("MONGODB_URI", "`embedded`", "PATH"):
        assert way_out in answer.stderr


def test_a_mongodb_that_dies_is_reported_and_the_server_not_ready(data_folder: Path) -> None:
    with serving(data_folder) as server:
        os.kill(mongod_of(server), signal.SIGKILL)
        report = server.wait_for_output("MongoDB ended by itself")
        assert "signal 9" in report.string
        assert "Its last words: {" in report.string
        assert server.get("/readyz").status_code == 503
        assert server.get("/healthz").status_code == 200
        assert server.end() == 0


def test_a_mongodb_that_hangs_is_not_waited_for(data_folder: Path) -> None:
    assert READY_SECONDS < 2
    with serving(data_folder) as server:
        mongod = mongod_of(server)
        os.kill(mongod, signal.SIGSTOP)
        try:
            assert server.get("/readyz").status_code == 503
        finally:
            os.kill(mongod, signal.SIGCONT)
        wait_until(server.is_ready)


def test_the_server_runs_on_uvloop_and_httptools(data_folder: Path) -> None:
    with serving(data_folder) as server:
        assert server.send("{ __typename }") == {"__typename": "Query"}
        loaded = Path(f"/proc/{server.process.pid}/maps").read_text()
    for library in ("uvloop/loop", "httptools/parser", "orjson"):
        assert library in loaded


def test_json_logs_are_json(data_folder: Path) -> None:
    with serving(data_folder, TSUNAGU_LOG_FORMAT="json") as server:
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


def test_a_mongodb_that_does_not_answer_stops_the_start_with_one_line(data_folder: Path) -> None:
    uri = "mongodb://user:secret@127.0.0.1:9/?replicaSet=none"
    status, output = run("serve", "--port", "0", "--data-dir", str(data_folder), MONGODB_URI=uri)
    assert status == 2
    assert output.startswith("tsunagu: MONGODB_URI: MongoDB does not answer: ")
    assert output.count("\n") == 1
    assert "secret" not in output


VERIFICATIONS = pytest.mark.parametrize("command", ["verify-points", "verify-stock"])


@VERIFICATIONS
def test_data_can_be_verified_beside_a_running_server(data_folder: Path, command: str) -> None:
    with serving(data_folder):
        status, output = run(command, "--data-dir", str(data_folder))
        assert status == 0
        assert "none with faults" in output


@VERIFICATIONS
def test_a_folder_without_a_database_is_not_called_sound(data_folder: Path, command: str) -> None:
    status, output = run(command, "--data-dir", str(data_folder))
    assert status == 2
    assert "there is no database in" in output
    assert not data_folder.exists()


def test_production_gets_no_demo_retailer(mongodb_uri: str) -> None:
    settings = {"MONGODB_URI": mongodb_uri, "TSUNAGU_ENVIRONMENT": "production"}
    assert run("demo-data", TSUNAGU_MONGODB_DATABASE="test_production", **settings)[0] == 1


def test_the_keys_can_be_changed_beside_a_running_server(data_folder: Path) -> None:
    with serving(data_folder) as server:
        _, token = server.register(DEVICE_ID)
        assert run("keys", "--data-dir", str(data_folder), "rotate")[0] == 0
        status, output = run("keys", "--data-dir", str(data_folder), "list")
        assert (status, output.count("signs from"), output.count("signs now")) == (0, 2, 1)
        assert server.send(BALANCE, token=token)["me"]
    status, output = run("keys", "--data-dir", str(data_folder / "mistyped"), "rotate")
    assert status == 2
    assert "there are no keys in" in output


def test_a_larger_demo_retailer_can_be_loaded(data_folder: Path) -> None:
    settings = {"TSUNAGU_DATA_DIR": str(data_folder)}
    status, output = run("demo-data", "--members", "700", "--stores", "120", "--skus", "200", **settings)
    assert status == 0, output
    assert "700 members, 120 stores and 200 SKUs are loaded; they take " in output
    assert run("demo-data", **settings)[0] == 1
    assert run("index-products", **settings) == (0, "86 products are indexed.\n")
    for verification in ("verify-points", "verify-stock"):
        status, output = run(verification, **settings)
        assert status == 0
        assert "none with faults" in output


def test_many_processes_load_the_same_as_one(mongodb_uri: str) -> None:
    hashes = []
    for processes in ("1", "3"):
        name = f"test_loaded_by_{processes}"
        settings = {"MONGODB_URI": mongodb_uri, "TSUNAGU_MONGODB_DATABASE": name}
        wanted = ("--members", "3700", "--skus", "1", "--processes", processes)
        with MongoClient[dict[str, Any]](mongodb_uri) as client:
            client.drop_database(name)
            status, output = run("demo-data", *wanted, **settings)
            assert status == 0, output
            hashes.append(client[name].command("dbHash")["collections"])
            client.drop_database(name)
    one, many = hashes
    assert one.keys() == many.keys()
    assert {name for name, of_one in one.items() if of_one != many[name]} == {
        "staff"
    }  # whose PINs are salted
