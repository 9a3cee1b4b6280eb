"""The servers of the tests leave nothing open: what they did would be blamed on any later test."""

import asyncio
import gc
import socket
import warnings
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from tests.listeners import listening, say_nothing
from tests.mail_servers import MailHouse, mail_server

Serve = Callable[[], AbstractAsyncContextManager[int]]  # gives the port


@pytest.mark.parametrize(
    "serve", [lambda: listening(say_nothing), lambda: mail_server(MailHouse())], ids=["anything", "mail"]
)
async def test_a_server_that_ends_closes_who_has_just_connected(serve: Serve) -> None:
    gc.collect()  # what others have left is not told of here
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", ResourceWarning)
        for turns in [0, 1, 2, 3] * 8:
            async with serve() as port:
                with socket.socket() as caller:
                    caller.setblocking(False)
                    caller.connect_ex(("127.0.0.1", port))
                    for _ in range(turns):
                        await asyncio.sleep(0)
        for _ in range(3):
            await asyncio.sleep(0)
        gc.collect()
    assert told == []
