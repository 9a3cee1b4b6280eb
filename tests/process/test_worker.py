"""Workers that are killed while events flow: the receiver is told of each at least once."""

import base64
import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.patience import PATIENCE_SECONDS
from tests.process.servers import (
    Server,
    a_wish,
    mongod_of,
    run,
    serving,
    start,
    wait_until,
)
from tests.process.test_faults import PHONES, Phone, all_act, all_act_until_a_kill

pytestmark = pytest.mark.process

CREATE = """mutation ($url: String!) { createWebhookEndpoint(input: {url: $url, eventTypes: [CheckedIn]}) {
  ... on WebhookEndpointCreated { endpoint { id } } ... on Rejected { errors { code message } } } }"""
EVENTS = """query ($after: String) { events(first: 100, after: $after) {
  nodes { type data } pageInfo { hasNextPage endCursor } } }"""
PRIVATE = {"TSUNAGU_WEBHOOK_PRIVATE_ADDRESSES": "true"}


class Receiver:
    """Takes webhooks in a thread of its own, but each only when it comes the second time."""

    def __init__(self) -> None:
        self.refused: set[str] = set()
        self.taken: list[str] = []
        lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                event = json.loads(self.rfile.read(int(self.headers["content-length"])))
                with lock:
                    is_new = event["id"] not in receiver.refused
                    receiver.refused.add(event["id"])
                    if not is_new:
                        receiver.taken.append(event["data"]["checkInId"])
                self.send_response(500 if is_new else 204)
                self.end_headers()

            def log_message(self, format: str, *arguments: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hooks"

    @contextmanager
    def listening(self) -> Iterator["Receiver"]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


@contextmanager
def working(folder: Path, **settings: str) -> Iterator["subprocess.Popen[str]"]:
    """A worker that is ready, beside a server on this folder unless the settings name a MongoDB."""
    process = start("worker", "--data-dir", str(folder), **PRIVATE, **settings)
    is_ready = threading.Event()

    def read() -> None:
        assert process.stdout is not None
        with process.stdout as stdout:
            for line in stdout:
                if "worker is ready" in line:
                    is_ready.set()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        assert is_ready.wait(PATIENCE_SECONDS)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        reader.join()


def listener_token(server: Server, folder: Path) -> str:
    """The token of a new partner that is told of check-ins."""
    _, output = run("partners", "--data-dir", str(folder), "create", "CRM", "events:read", "check_ins:read")
    given = dict(line.split() for line in output.splitlines() if line.startswith("client_"))
    credentials = base64.b64encode(f"{given['client_id']}:{given['client_secret']}".encode()).decode()
    answer = server.client.post(
        server.address + "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {credentials}"},
    )
    return str(answer.json()["access_token"])


def check_in_of(phone: Phone) -> str:
    assert phone.result is not None
    return str(phone.result["checkIn"]["id"])


def test_a_killed_worker_loses_no_event(data_folder: Path) -> None:
    settings = {**PRIVATE, "TSUNAGU_WORKER": "false"}
    with ExitStack() as stack:
        server = stack.enter_context(serving(data_folder, **settings))
        receiver = stack.enter_context(Receiver().listening())
        victim, other = (stack.enter_context(working(data_folder)) for _ in range(2))
        token = listener_token(server, data_folder)
        made = server.send(CREATE, {"url": receiver.url}, token)["createWebhookEndpoint"]
        assert "endpoint" in made, made
        phones = [Phone(number, a_wish(server)) for number in range(PHONES)]
        all_act_until_a_kill(phones, server, victim.pid)
        expected = {check_in_of(phone) for phone in phones}
        assert len(expected) == PHONES
        wait_until(lambda: expected <= set(receiver.taken))
        assert set(receiver.taken) == expected
        other.terminate()
        assert other.wait(PATIENCE_SECONDS) == 0


def test_a_killed_mongodb_loses_no_event(data_folder: Path) -> None:
    """The servers do the worker's work themselves here, as they do in development."""
    with Receiver().listening() as receiver:
        with serving(data_folder, **PRIVATE) as server:
            token = listener_token(server, data_folder)
            server.send(CREATE, {"url": receiver.url}, token)
            phones = [Phone(number, a_wish(server)) for number in range(PHONES)]
            all_act_until_a_kill(phones, server, mongod_of(server))
            acknowledged = [phone for phone in phones if phone.result]
            assert 0 < len(acknowledged) < len(phones)
        with serving(data_folder, **PRIVATE) as server:
            all_act(phones, server)
            expected = {check_in_of(phone) for phone in phones}
            wait_until(lambda: expected <= set(receiver.taken))
            assert set(receiver.taken) == expected
            page = server.send(EVENTS, token=token)["events"]
            told = [event["data"]["checkInId"] for event in page["nodes"] if event["type"] == "CheckedIn"]
            assert sorted(told) == sorted(expected)
            assert server.end() == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_signal_ends_a_worker_in_order(retailer: Path, number: signal.Signals) -> None:
    """This one runs alone, with a MongoDB of its own."""
    with working(retailer) as worker:
        worker.send_signal(number)
        assert worker.wait(PATIENCE_SECONDS) == 0
