"""What the domains below stores need to know of them."""

from collections.abc import Sequence
from typing import Protocol


class StoreDirectory(Protocol):
    """Knows which stores there are."""

    async def require_all(self, store_ids: Sequence[str], path: Sequence[str]) -> None:
        """Raises the refusal for a store that does not exist."""
        ...
