"""What a running server tells of itself: figures of all its processes, and traces on request."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.examples import DEVICE_ID
from tests.process.servers import BALANCE, serving, wait_until

pytestmark = pytest.mark.process

REQUESTS = 20


def test_the_figures_of_all_processes_stand_together(data_folder: Path) -> None:
    with serving(data_folder, "--workers", "2") as server:
        _, token = server.register(DEVICE_ID)
        for _ in range(REQUESTS):
            server.send(BALANCE, token=token)
        told = server.get("/metrics").text
        counted = [line for line in told.splitlines() if line.startswith("tsunagu_operation_seconds_count")]
        assert sum(float(line.rsplit(" ", 1)[1]) for line in counted) == REQUESTS + 1


@contextmanager
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """Something that takes traces: its address, and what was posted there."""
    posted: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", posted
        server.shutdown()


def test_traces_are_sent_where_the_setting_says_the_last_ones_at_the_end(data_folder: Path) -> None:
    with collector() as (address, posted):
        with serving(data_folder, TSUNAGU_OTLP_URL=address) as server:
            server.register(DEVICE_ID)
            server.end(signal.SIGTERM)
        wait_until(lambda: any(b"POST /graphql" in body for _, body in posted))
    assert {path for path, _ in posted} == {"/v1/traces"}
    told = b"".join(body for _, body in posted)
    assert b"MemberService.register_guest" in told
    assert DEVICE_ID.encode() not in told
