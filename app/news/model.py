"""News: what the retailer tells its members, for a while, all of them or some."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.members.model import Rank
from app.shared.i18n import Language


@dataclass(frozen=True, slots=True)
class NewsAudience:
    """Whom news is for: members of one of these ranks, who marked or lately visited one of these stores.

    None stands for all ranks, or for members of any store or none.
    """

    ranks: frozenset[Rank] | None = None
    store_ids: frozenset[str] | None = None

    @property
    def is_everybody(self) -> bool:
        return self.ranks is None and self.store_ids is None


class NewsPush(StrEnum):
    """When news is pushed to those it is for: never, as it begins, or when they check in at a store."""

    NONE = "NONE"
    AT_START = "AT_START"
    AT_CHECK_IN = "AT_CHECK_IN"


@dataclass(frozen=True, slots=True)
class NewsDraft:
    """News as headquarters wants it to be; without `starts_at` it begins as it is published."""

    titles: dict[Language, str]
    texts: dict[Language, str]
    picture_url: str | None
    audience: NewsAudience
    starts_at: datetime | None
    ends_at: datetime
    push: NewsPush

    def fingerprint(self) -> dict[str, Any]:
        """The content that a repetition of the request must equal."""
        ranks, store_ids = self.audience.ranks, self.audience.store_ids
        return {
            "titles": {language.value: text for language, text in self.titles.items()},
            "texts": {language.value: text for language, text in self.texts.items()},
            "picture_url": self.picture_url,
            "ranks": None if ranks is None else sorted(ranks),
            "store_ids": None if store_ids is None else sorted(store_ids),
            "starts_at": self.starts_at.isoformat() if self.starts_at else None,
            "ends_at": self.ends_at.isoformat(),
            "push": self.push.value,
        }


@dataclass(frozen=True, slots=True)
class News:
    """News that was published. It is shown from `starts_at` until just before `ends_at`."""

    id: str
    titles: dict[Language, str]
    texts: dict[Language, str]
    picture_url: str | None
    audience: NewsAudience
    starts_at: datetime
    ends_at: datetime
    push: NewsPush
    published_at: datetime
    published_by: str

    def is_on(self, now: datetime) -> bool:
        return self.starts_at <= now < self.ends_at


@dataclass(frozen=True, slots=True)
class NewsReader:
    """A member, as far as it decides on which news is for her."""

    rank: Rank
    store_ids: frozenset[str]
