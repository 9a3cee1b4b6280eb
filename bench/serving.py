"""How the bench's own servers serve: as the real one does, on a free port of the loopback address."""

import socket

import uvicorn
from starlette.types import ASGIApp

from app.commands.serve import KEEP_ALIVE_SECONDS


def serve(application: ASGIApp, tells_the_time: bool = False) -> None:
    """Serves until the process is asked to end, and says where. uvicorn tells the time where we do not."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(f"ready: http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(
        application,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        server_header=False,
        date_header=not tells_the_time,
        proxy_headers=False,
    )
    uvicorn.Server(config).run(sockets=[listener])
