"""Workers that are killed while pushes go out: none is lost, and what is sent twice collapses."""

import json
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from app.collections import COLLECTIONS
from app.composition import build_services
from app.inbox.model import MessageClass, OwnMessage
from app.push.device_repository import PUSH_DEVICES
from app.push.model import PushState, PushWish
from app.push.push_repository import PUSHES
from app.services import Services
from app.shared.clock import SystemClock
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.shared.mongodb.database import Database, Session
from app.shared.settings.model import Settings
from tests.process.servers import wait_until
from tests.process.test_worker import working
from tests.push_arrangements import PushDesk, google_file

pytestmark = pytest.mark.process

DATABASE = "test-push-kills"
MEMBERS = 40


class Google:
    """Stands in for Firebase Cloud Messaging; answers nobody until it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []  # of each push the token and the collapse key
        self.may_answer = threading.Event()
        google = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                answer: dict[str, object] = {"access_token": "access", "expires_in": 3600}
                if self.path != "/token":
                    message = json.loads(body)["message"]
                    google.asked.append((message["token"], message["android"]["collapse_key"]))
                    google.may_answer.wait()
                    answer = {"name": "sent"}
                content = json.dumps(answer).encode()
                try:
                    self.send_response(200)
                    self.send_header("content-length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                except ConnectionError:
                    self.close_connection = True  # whoever asked is dead

            def log_message(self, format: str, *arguments: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def listening(self) -> Iterator["Google"]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield self
        finally:
            self.may_answer.set()
            self._server.shutdown()
            thread.join()
            self._server.server_close()


@pytest.fixture
async def database(mongodb_uri: str) -> AsyncIterator[Database]:
    database = Database.connect(mongodb_uri, DATABASE)
    await database.prepare(COLLECTIONS)
    yield database
    await database.close()
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        client.drop_database(DATABASE)


async def told(services: Services, desk: PushDesk) -> str:
    """A member who is to be told something; her device's token."""
    member = await desk.member()
    now = services.clock.now()
    texts = dict.fromkeys(Language, "text")
    message = OwnMessage(
        new_id(), "OrderReady", member.member_id, MessageClass.SERVICE, texts, texts, told_at=now
    )
    wish = PushWish(
        member_id=member.member_id,
        message_id=message.source_id,
        message_class=MessageClass.SERVICE,
        collapse_key=message.source_id,
        due_at=now,
        expires_at=now + timedelta(hours=12),
    )

    async def act(session: Session) -> None:
        await services.inbox.add([message], session)
        await desk.push.wish([wish], session)

    await services.database.transaction(act)
    (device,) = await services.database.collection(PUSH_DEVICES).find({"member_id": member.member_id})
    return str(device["token"])


async def test_a_killed_worker_loses_no_push(
    database: Database, mongodb_uri: str, data_folder: Path, tmp_path: Path
) -> None:
    settings = Settings(MONGODB_URI=mongodb_uri, mongodb_database=DATABASE, data_dir=data_folder)
    services = build_services(settings, database, SystemClock())
    tokens = {await told(services, PushDesk(services)) for _ in range(MEMBERS)}
    with ExitStack() as stack:
        google = stack.enter_context(Google().listening())
        account = google_file(tmp_path, f"{google.url}/token")
        worker = {
            "MONGODB_URI": mongodb_uri,
            "TSUNAGU_MONGODB_DATABASE": DATABASE,
            "TSUNAGU_FCM_ACCOUNT_FILE": str(account),
            "TSUNAGU_FCM_API_BASE": google.url,
        }
        victim = stack.enter_context(working(data_folder, **worker))
        wait_until(lambda: len(google.asked) >= MEMBERS // 4)
        victim.kill()
        victim.wait()
        in_flight = {token for token, _ in google.asked}
        google.may_answer.set()
        stack.enter_context(working(data_folder, **worker))
        wait_until(lambda: {token for token, _ in google.asked} == tokens)
        wait_until(lambda: all(times > 1 for times in _times(google, in_flight)))
        keys = Counter(token for token, _ in set(google.asked))
        assert set(keys.values()) == {1}  # what was sent twice has the key that it had
        client = stack.enter_context(MongoClient[dict[str, Any]](mongodb_uri))
        pushes = client[DATABASE][PUSHES.name]
        wait_until(lambda: pushes.count_documents({"state": PushState.SENT.value}) == MEMBERS)


def _times(google: Google, tokens: set[str]) -> list[int]:
    sent = Counter(token for token, _ in list(google.asked))
    return [sent[token] for token in tokens]
