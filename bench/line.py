"""One connection to a server, on which requests are sent one after the other, whenever one wants."""

import asyncio
import re
import time
from dataclasses import dataclass

from bench.load import GRACE_SECONDS, REFUSED, SHOWN_BYTES, UnexpectedAnswer

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """A connection that is there already: what is timed is the answer alone."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def to(cls, port: int) -> "Line":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: bytes, marker: bytes) -> float:
        """The seconds until the answer was there. Raises UnexpectedAnswer unless it is a good one."""
        asked_at = time.perf_counter()
        self.writer.write(request)
        try:
            async with asyncio.timeout(GRACE_SECONDS):
                head = await self.reader.readuntil(b"\r\n\r\n")
                length = LENGTH.search(head)
                answer = await self.reader.readexactly(int(length[1]) if length else 0)
        except (TimeoutError, asyncio.IncompleteReadError) as error:
            raise UnexpectedAnswer(f"none: {error}") from None
        seconds = time.perf_counter() - asked_at
        if not head.startswith(b"HTTP/1.1 200 ") or marker not in answer or REFUSED in answer:
            raise UnexpectedAnswer(f"{head[:15]!r}: {answer[:SHOWN_BYTES].decode(errors='replace')}")
        return seconds

    def close(self) -> None:
        self.writer.close()
