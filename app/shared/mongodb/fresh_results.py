"""What goes with the result of a request that is done once: it need not be read when it was done just now."""

from typing import Generic, TypeVar

from app.shared.mongodb.collection import Document

Value = TypeVar("Value")


class FreshResult(Generic[Value]):
    """Keeps the value that a request's work has made, by the very result that it gave.

    The work may run several times, and another process may have been first: a result that was read from the
    record is another document, and has no value here.
    """

    def __init__(self) -> None:
        self._made: tuple[Document, Value] | None = None

    def keep(self, result: Document, value: Value) -> Document:
        """The result, to be given by the work."""
        self._made = (result, value)
        return result

    def of(self, result: Document) -> Value | None:
        """What was made with this result; None when it is of an earlier time."""
        return self._made[1] if self._made and self._made[0] is result else None
