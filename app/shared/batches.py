"""Batches: many rows in one mutation, each of which is taken or refused for itself."""

from collections.abc import Sized

from app.shared.errors import Refusal

MAXIMUM_BATCH_SIZE = 500


class BatchSizeInvalid(Refusal):
    """The batch has no rows, or too many."""

    code = "BATCH_SIZE_INVALID"
    ja = "一度に送る行数は{minimum}〜{maximum}件にしてください。"
    en = "Send {minimum} to {maximum} rows at once."


def require_batch(rows: Sized, field: str, maximum: int = MAXIMUM_BATCH_SIZE) -> None:
    """Raises BatchSizeInvalid unless there are 1 to so many rows."""
    if not 1 <= len(rows) <= maximum:
        raise BatchSizeInvalid(path=["input", field], minimum=1, maximum=maximum)
