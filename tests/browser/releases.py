"""Releases of the member app: a server in front of the real one, which says of which its files are."""

import asyncio
import hashlib
import json
import re
import socket

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.listeners import take_no_more
from tests.patience import PATIENCE_SECONDS

WORKER = "/app/service-worker.js"
FILES_OF = re.compile(r"const FILES = (\[.*?\]);", re.DOTALL)
VERSION_OF = re.compile(r'const VERSION = "(\w+)";')
# Each script says of which release it is: a page must have those of one alone.
STAMP = '\n(globalThis.releases ??= new Set()).add("{release}");\n'
SENT_ON = ("content-type", "authorization", "accept-language")
GIVEN_BACK = ("content-type", "cache-control", "content-security-policy", "service-worker-allowed", "date")


class Releases:
    """Gives out the files of `release`; while it `is_torn`, some files are still those of the one before."""

    def __init__(self, behind: str) -> None:
        self.release = 1
        self.is_torn = False
        self._behind = behind

    async def __aenter__(self) -> "Releases":
        self._client = httpx.AsyncClient(base_url=self._behind, timeout=PATIENCE_SECONDS)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        application = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])
        self._server = uvicorn.Server(uvicorn.Config(application, log_level="warning", date_header=False))
        self._task = asyncio.create_task(self._server.serve([self._listener]))
        return self

    async def __aexit__(self, *error: object) -> None:
        await take_no_more(self._listener.fileno())
        self._server.should_exit = True
        await self._task
        await self._client.aclose()

    async def _answer(self, request: Request) -> Response:
        sent = await self._client.request(
            request.method,
            request.url.path,
            params=dict(request.query_params),
            content=await request.body(),
            headers={name: value for name, value in request.headers.items() if name in SENT_ON},
        )
        if request.url.path == WORKER:
            content = (await self._worker(sent.text)).encode()
        else:
            content = self._stamped(request.url.path, sent.content, self.is_torn)
        given = {name: value for name, value in sent.headers.items() if name in GIVEN_BACK}
        return Response(content, sent.status_code, given)

    async def _worker(self, script: str) -> str:
        """The real one, with the version that the files of this release have."""
        (files,), (version,) = FILES_OF.findall(script), VERSION_OF.findall(script)
        whole = hashlib.sha256()
        for file in json.loads(files):
            found = (await self._client.get(file)).raise_for_status()
            whole.update(self._stamped(file, found.content, is_torn=False))
        return script.replace(version, whole.hexdigest()[: len(version)])

    def _stamped(self, path: str, content: bytes, is_torn: bool) -> bytes:
        if not path.startswith("/assets/app/") or not path.endswith(".js"):
            return content
        release = self.release - (is_torn and len(path) % 2)
        return content + STAMP.format(release=release).encode()
