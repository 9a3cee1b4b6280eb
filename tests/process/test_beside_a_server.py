"""What happens, or is done, beside a server that goes on."""

import os
import signal
from pathlib import Path

import pytest

from app.main import READY_SECONDS
from tests.examples import DEVICE_ID
from tests.process.servers import BALANCE, Server, mongod_of, run, wait_until

pytestmark = pytest.mark.process


@pytest.mark.parametrize("same_port", [True, False])
def test_a_second_start_on_the_same_folder_says_so(server: Server, same_port: bool) -> None:
    port = server.address.rpartition(":")[2] if same_port else "0"
    status, output = run("serve", "--port", port, "--data-dir", str(server.folder))
    assert status == 2
    assert f"another Tsunagu (process {server.process.pid}) is running on" in output
    assert "Traceback" not in output
    wait_until(server.is_ready)


def test_a_mongodb_that_hangs_is_not_waited_for(server: Server) -> None:
    assert READY_SECONDS < 2
    mongod = mongod_of(server)
    os.kill(mongod, signal.SIGSTOP)
    try:
        assert server.get("/readyz").status_code == 503
    finally:
        os.kill(mongod, signal.SIGCONT)
    wait_until(server.is_ready)


def test_the_server_runs_on_uvloop_and_httptools(server: Server) -> None:
    assert server.send("{ __typename }") == {"__typename": "Query"}
    loaded = Path(f"/proc/{server.process.pid}/maps").read_text()
    for library in ("uvloop/loop", "httptools/parser", "orjson"):
        assert library in loaded


@pytest.mark.parametrize("command", ["verify-points", "verify-stock"])
def test_data_can_be_verified_beside_a_running_server(server: Server, command: str) -> None:
    status, output = run(command, "--data-dir", str(server.folder))
    assert status == 0
    assert "none with faults" in output


def test_the_keys_can_be_changed_beside_a_running_server(server: Server) -> None:
    _, token = server.register(DEVICE_ID)
    before = keys_of(server).count("signs from")
    assert run("keys", "--data-dir", str(server.folder), "rotate")[0] == 0
    after = keys_of(server)
    assert (after.count("signs from"), after.count("signs now")) == (before + 1, 1)
    assert server.send(BALANCE, token=token)["me"]
    status, output = run("keys", "--data-dir", str(server.folder / "mistyped"), "rotate")
    assert status == 2
    assert "there are no keys in" in output


def keys_of(server: Server) -> str:
    status, output = run("keys", "--data-dir", str(server.folder), "list")
    assert status == 0
    return output
