"""What a running server tells of itself: figures of all its processes, and traces on request."""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from tests.examples import DEVICE_ID
from tests.patience import PATIENCE_SECONDS
from tests.process.servers import BALANCE, serving, start, wait_until

pytestmark = pytest.mark.process

REQUESTS = 20


def test_the_figures_of_all_processes_stand_together(retailer: Path) -> None:
    with serving(retailer, "--workers", "2") as server:
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


def test_traces_are_sent_where_the_setting_says_the_last_ones_at_the_end(retailer: Path) -> None:
    with collector() as (address, posted):
        with serving(retailer, TSUNAGU_OTLP_URL=address) as server:
            server.register(DEVICE_ID)
            server.end(signal.SIGTERM)
        wait_until(lambda: any(b"POST /graphql" in body for _, body in posted))
    assert {path for path, _ in posted} == {"/v1/traces"}
    told = b"".join(body for _, body in posted)
    assert b"MemberService.register_guest" in told
    assert DEVICE_ID.encode() not in told


def test_a_worker_tells_of_its_jobs(data_folder: Path) -> None:
    with collector() as (address, posted):
        settings = {"TSUNAGU_OTLP_URL": address}
        worker = start("worker", "--data-dir", str(data_folder), "--metrics-port", "0", **settings)
        try:
            assert worker.stdout is not None
            found = re.search(r"figures are at (http://127\.0\.0\.1:\d+/metrics)", worker.stdout.readline())
            assert found is not None
            led = 'tsunagu_job_seconds_count{job="lead",outcome="DONE"}'
            wait_until(lambda: led in httpx.get(found[1], timeout=PATIENCE_SECONDS).text)
        finally:
            worker.terminate()
            worker.communicate(timeout=PATIENCE_SECONDS)
        assert worker.returncode == 0
        wait_until(lambda: any(b"job lead" in body for _, body in posted))
