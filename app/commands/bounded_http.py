"""HTTP as uvicorn takes it, with bounds: how large a head may be, how slow a request may come."""

from asyncio import TimerHandle, Transport

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from app.commands.ignored_upgrades import UpgradeIgnoringHttp

MAXIMUM_HEAD_BYTES = 64 * 1024  # what a single read brings as a whole is taken, however large
RECEIVE_SECONDS = 60  # the largest body comes in time by half a megabit a second

_HEAD_TOO_LARGE = STATUS_LINE[431] + b"content-length: 0\r\nconnection: close\r\n\r\n"


class BoundedHttp(UpgradeIgnoringHttp):
    """One connection. A head that is too large is answered with 431, and the connection closed.

    It is closed, too, when a request has not come as a whole so many seconds after it began, and when no
    first one comes for as long as it may stay open between two.
    """

    _is_in_head = True
    _is_received = False
    _head_bytes = 0
    _last_moment: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_last_moment()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._is_received or self.transport.is_closing():
            self._forget_last_moment()
        elif self._is_in_head and self._head_bytes > MAXIMUM_HEAD_BYTES:
            self.transport.write(_HEAD_TOO_LARGE)
            self.transport.close()
        elif self._last_moment is None:
            self._last_moment = self.loop.call_later(RECEIVE_SECONDS, self.transport.close)

    def _forget_last_moment(self) -> None:
        if self._last_moment is not None:
            self._last_moment.cancel()
            self._last_moment = None

    def on_message_begin(self) -> None:
        self._is_received = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._is_in_head, self._is_received, self._head_bytes = True, True, 0
        super().on_message_complete()
