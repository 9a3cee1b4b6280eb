"""What members searched for: a sign of what interests them."""

from dataclasses import dataclass
from datetime import datetime

from app.shared.texts import folded


@dataclass(frozen=True, slots=True)
class Search:
    """A search of products: the words, which may be none, and the category and brands that were chosen."""

    words: str
    category_id: str | None
    brands: tuple[str, ...]
    searched_at: datetime

    @property
    def key(self) -> str:
        """What is the same for the same search, however its words are written."""
        return "\n".join([" ".join(folded(self.words).split()), self.category_id or "", *self.brands])
