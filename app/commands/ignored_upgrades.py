"""Requests that ask for another protocol than WebSockets: they are answered as HTTP/1.1 (RFC 9110, 7.8)."""

from array import array
from asyncio import AbstractEventLoop

from httptools import HttpParserUpgrade, HttpRequestParser
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState


class UpgradeIgnoringHttp(HttpToolsProtocol):
    """One connection. The parser leaves a request that wants another protocol without its body.

    So it is given the same head once more, without the wish, and then whatever came after it.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.parser = _Parser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn has it

    @property
    def ignores_upgrade(self) -> bool:
        """Whether the request, whose headers are known, is to be read again."""
        is_upgrade = self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"
        return is_upgrade and not self._should_upgrade()

    def head_without_upgrade(self) -> bytes:
        version = self.parser.get_http_version().encode()
        lines = [self.parser.get_method() + b" " + self.url + b" HTTP/" + version]
        lines += [name + b": " + value for name, value in self.headers if name != b"upgrade"]
        return b"\r\n".join([*lines, b"", b""])

    def on_headers_complete(self) -> None:
        if not self.ignores_upgrade:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        if not self.ignores_upgrade:
            super().on_message_complete()


class _Parser(HttpRequestParser):
    def __init__(self, protocol: UpgradeIgnoringHttp) -> None:
        super().__init__(protocol)
        self._protocol = protocol

    def feed_data(self, data: "bytes | bytearray | memoryview | array[int]") -> None:
        rest = memoryview(data)
        while rest:
            try:
                super().feed_data(rest)
                return
            except HttpParserUpgrade as upgrade:
                if not self._protocol.ignores_upgrade:
                    raise
                super().feed_data(self._protocol.head_without_upgrade())
                rest = rest[upgrade.args[0] :]
