"""WebSockets as uvicorn takes them, with bounds where it has none: what piles up for or of a client."""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame


class BoundedWebSocket(WebSocketsSansIOProtocol):
    """One connection. Who pings and takes no answers gets none: not all need one (RFC 6455, 5.5.3)."""

    def handle_ping(self) -> None:
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()  # forgets what was to be sent: else it would wait here, without end

    def handle_cont(self, event: Frame) -> None:
        """Empty pieces of a message count for nothing in its size, so they are not collected."""
        if event.data or event.fin:
            super().handle_cont(event)
