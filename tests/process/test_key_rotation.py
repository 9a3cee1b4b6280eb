"""Rotating the signing key while members are at it: nobody is refused."""

import threading
import time
from collections import Counter
from pathlib import Path

import jwt
import pytest

from tests.process.servers import Server, run, serving

CALLERS = 8
PAUSE_SECONDS = 0.9  # all callers share one address, whose budget this keeps within
LONGEST_SECONDS = 150  # a new key signs 60 s after it was made, and is read within a second
REFRESH = """mutation ($token: String!) { refreshSession(input: {refreshToken: $token}) {
  ... on SessionRefreshed { accessToken refreshToken } } }"""
REGISTER = """mutation ($id: String!) { registerGuest(input: {deviceId: $id}) {
  ... on GuestRegistered { accessToken refreshToken } } }"""


class Phone:
    """A phone that gets new tokens all the time and shows each of them."""

    def __init__(self, server: Server, name: str) -> None:
        self._server = server
        self._tokens = server.send(REGISTER, {"id": f"a-phone-that-refreshes-{name}"})["registerGuest"]
        self.answers: Counter[str] = Counter()
        self.signed_by: list[str] = []

    def use(self, is_over: threading.Event) -> None:
        while not is_over.is_set():
            me = self._server.send("{ me { id } }", token=self._tokens["accessToken"])["me"]
            self.answers["known" if me else "unknown"] += 1
            self._tokens = self._server.send(REFRESH, {"token": self._tokens["refreshToken"]})[
                "refreshSession"
            ]
            self.signed_by.append(jwt.get_unverified_header(self._tokens["accessToken"])["kid"])
            is_over.wait(PAUSE_SECONDS)


@pytest.mark.process
def test_no_valid_request_is_refused_while_the_key_changes(data_folder: Path) -> None:
    with serving(data_folder, "--workers", "2") as server:
        phones = [Phone(server, f"{number:04}") for number in range(CALLERS)]
        is_over = threading.Event()
        threads = [threading.Thread(target=phone.use, args=(is_over,), daemon=True) for phone in phones]
        for thread in threads:
            thread.start()
        try:
            assert run("keys", "--data-dir", str(data_folder), "rotate")[0] == 0
            ends_at = time.monotonic() + LONGEST_SECONDS
            while time.monotonic() < ends_at and not all(len(set(phone.signed_by)) == 2 for phone in phones):
                time.sleep(0.5)
        finally:
            is_over.set()
            for thread in threads:
                thread.join(30)
    answers = sum((phone.answers for phone in phones), Counter[str]())
    assert set(answers) == {"known"}
    assert sum(answers.values()) > 50 * CALLERS
    assert {len(set(phone.signed_by)) for phone in phones} == {2}
