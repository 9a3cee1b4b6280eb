"""Time that passes for two server processes at once, on a real socket."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from tests.process.servers import Server, serving, wait_until

pytestmark = pytest.mark.process


def told_ahead(server: Server) -> timedelta:
    """By how much an answer is ahead, to the minute: of any of the processes, as the connection is new."""
    answer = server.client.get(f"{server.address}/healthz", headers={"Connection": "close"})
    (said,) = answer.headers.get_list("Date")
    ahead = parsedate_to_datetime(said) - datetime.now(UTC)
    return timedelta(minutes=round(ahead / timedelta(minutes=1)))


def test_every_process_goes_by_the_same_time(retailer: Path) -> None:
    with serving(retailer, "--workers", "2") as server:
        assert told_ahead(server) == timedelta(0)
        ours = {"Origin": server.address}
        server.client.post(f"{server.address}/dev/clock?forwardSeconds=3600", headers=ours)
        wait_until(lambda: {told_ahead(server) for _ in range(12)} == {timedelta(hours=1)})
        server.client.delete(f"{server.address}/dev/clock", headers=ours)
        wait_until(lambda: {told_ahead(server) for _ in range(12)} == {timedelta(0)})
