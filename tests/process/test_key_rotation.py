"""Rotating the signing key while members are at it: nobody is refused."""

import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

import jwt
import pytest

from app.auth.keys import KEYS_FOLDER, KNOWN_BEFORE_IT_SIGNS, rotate
from app.shared.clock import SystemClock
from tests.patience import PATIENCE_SECONDS
from tests.process.servers import Server, serving, wait_until

CALLERS = 8
PAUSE_SECONDS = 0.9  # all callers share one address, whose budget this keeps within
KNOWN_BEFORE = timedelta(seconds=5)  # is enough here, and spares the test most of the minute
TOKENS_OF_A_KEY = 8  # that each phone gets, at least
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

    def tokens_of(self, key_number: int) -> int:
        """How many it got by the first key that it saw, or the second."""
        uses = list(Counter(self.signed_by).values())
        return uses[key_number] if key_number < len(uses) else 0


@pytest.mark.process
def test_no_valid_request_is_refused_while_the_key_changes(data_folder: Path) -> None:
    with serving(data_folder, "--workers", "2") as server:
        phones = [Phone(server, f"{number:04}") for number in range(CALLERS)]
        is_over = threading.Event()
        threads = [threading.Thread(target=phone.use, args=(is_over,), daemon=True) for phone in phones]
        for thread in threads:
            thread.start()
        try:
            wait_until(lambda: all(phone.tokens_of(0) >= TOKENS_OF_A_KEY for phone in phones))
            rotate(data_folder / KEYS_FOLDER, SystemClock().now() - KNOWN_BEFORE_IT_SIGNS + KNOWN_BEFORE)
            wait_until(lambda: all(phone.tokens_of(1) >= TOKENS_OF_A_KEY for phone in phones))
        finally:
            is_over.set()
            for thread in threads:
                thread.join(PATIENCE_SECONDS)
    answers = sum((phone.answers for phone in phones), Counter[str]())
    assert set(answers) == {"known"}
    assert {len(set(phone.signed_by)) for phone in phones} == {2}
