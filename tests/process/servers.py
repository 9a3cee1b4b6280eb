"""Real server processes, started and ended as people and accidents do it."""

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

from app.shared.ids import new_id
from tests.patience import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]


Result = TypeVar("Result")


class Unavailable(Exception):
    """The server says that it cannot be done now."""


class Server:
    """`python -m app serve` on a data folder of its own."""

    def __init__(self, folder: Path, *arguments: str, **settings: str) -> None:
        self.folder = folder
        self._settings = settings
        self.process = start("serve", "--port", "0", "--data-dir", str(folder), *arguments, **settings)
        self.output: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.address = ""
        self.client = httpx.Client(timeout=PATIENCE_SECONDS, verify=False)

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stdout:
            for line in stdout:
                self.output.append(line)
                self._lines.put(line)
        self._lines.put(None)

    def wait_for_output(self, pattern: str) -> re.Match[str]:
        """The first line that matches, from here on."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            line = self._lines.get(timeout=PATIENCE_SECONDS)
            if line is None:
                break
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"no {pattern!r} in:\n{''.join(self.output)}")

    def wait_until_ready(self) -> "Server":
        self.address = self.wait_for_output(r"Tsunagu is ready: (http://\S+)")[1]
        return self

    def get(self, path: str) -> httpx.Response:
        return self.client.get(self.address + path)

    def is_ready(self) -> bool:
        """Whether it says so; a busy machine may keep its MongoDB from answering in time."""
        return self.get("/readyz").status_code == httpx.codes.OK

    def send(self, query: str, variables: dict[str, Any] | None = None, token: str | None = None) -> Any:
        answer = self.client.post(
            self.address + "/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {token}"} if token else {},
        ).json()
        codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
        if codes == {"UNAVAILABLE"}:
            raise Unavailable
        assert not codes, answer
        return answer["data"]

    def register(self, device_id: str) -> tuple[str, str]:
        """The member number of the device's guest and a token."""
        query = """mutation ($id: String!) { registerGuest(input: {deviceId: $id}) {
          ... on GuestRegistered { accessToken member { number } } } }"""
        registered = self.send(query, {"id": device_id})["registerGuest"]
        return registered["member"]["number"], registered["accessToken"]

    def sign_in_staff(self, code: str, pin: str, store: str) -> str:
        """The token of a staff member on a new device of the store."""
        status, output = run(
            "devices",
            "--data-dir",
            str(self.folder),
            "enrolment-code",
            "--store",
            store,
            "Counter",
            **self._settings,
        )
        assert status == 0, output
        enrolment_code = re.findall(r"code\s+(\S+)", output)[0]
        enrol = """mutation ($code: String!) { enrolDevice(input: {code: $code}) {
          ... on DeviceEnrolled { deviceToken } } }"""
        device_token = self.send(enrol, {"code": enrolment_code})["enrolDevice"]["deviceToken"]
        sign_in = """mutation ($input: SignInStaffInput!) { signInStaff(input: $input) {
          ... on StaffSignedIn { accessToken } } }"""
        given = {"deviceToken": device_token, "staffCode": code, "pin": pin}
        token: str = self.send(sign_in, {"input": given})["signInStaff"]["accessToken"]
        return token

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


def start(*arguments: str, stdin: int = subprocess.DEVNULL, **settings: str) -> "subprocess.Popen[str]":
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TSUNAGU_", "COV_")) and name != "MONGODB_URI"
    }
    return subprocess.Popen(
        [sys.executable, "-m", "app", *arguments],
        cwd=ROOT,
        env={**environment, **settings},
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def run(*arguments: str, line: str = "", **settings: str) -> tuple[int, str]:
    """The exit status and output of a command that ends by itself; it reads the line, if it reads any."""
    process = start(*arguments, stdin=subprocess.PIPE, **settings)
    output, _ = process.communicate(line, timeout=PATIENCE_SECONDS)
    return process.returncode, output


@contextmanager
def serving(folder: Path, *arguments: str, **settings: str) -> Iterator[Server]:
    """A server that is ready; whatever becomes of it, nothing of it is left in the end."""
    server = Server(folder, *arguments, **settings)
    try:
        yield server.wait_until_ready()
    finally:
        server.client.close()
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()
        wait_until(lambda: not processes_of(server))


def processes_of(server: Server) -> list[int]:
    """The processes of this server that live: its session's, and the MongoDB on its folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            status, _, _, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        is_ours = (
            str(server.folder).encode() in command_of(int(entry.name)) or int(session) == server.process.pid
        )
        if is_ours and status != "Z":
            found.append(int(entry.name))
    return found


def mongod_of(server: Server) -> int:
    (found,) = [pid for pid in processes_of(server) if b"mongod\0" in command_of(pid)]
    return found


def command_of(pid: int) -> bytes:
    """The command of a process and its arguments; nothing of one that has ended meanwhile."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def in_the_end(act: Callable[[], Result]) -> Result:
    """What comes of it, tried again while the server says that it cannot be done now."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return act()
        except Unavailable:
            assert time.monotonic() < deadline, "it never could be done"


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


OPEN_STORE = '{ stores(query: "umeda", first: 1) { nodes { id location { latitude longitude } } } }'
CHECK_IN = """mutation ($input: CheckInInput!) { checkIn(input: $input) {
  __typename
  ... on CheckedIn { pointsAwarded pointBalance checkIn { id } }
  ... on Rejected { errors { code } }
} }"""
BALANCE = "{ me { number points { balance entries { nodes { id amount } } } } }"


def a_wish(server: Server) -> dict[str, Any]:
    """The input of a check-in at Umeda, which is always open."""
    (store,) = server.send(OPEN_STORE)["stores"]["nodes"]
    return {
        "storeId": store["id"],
        "idempotencyKey": new_id(),
        "location": {
            **store["location"],
            "accuracyMeters": 10,
            "measuredAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        },
    }
