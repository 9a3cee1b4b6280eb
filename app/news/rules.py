"""Pure decisions about news: what it may say, and whom it is for."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from app.members.model import Rank
from app.news.errors import NewsAudienceInvalid, NewsPictureInvalid, NewsTextInvalid, NewsWindowInvalid
from app.news.model import News, NewsAudience, NewsDraft, NewsReader
from app.shared.errors import Refusal
from app.shared.i18n import Language
from app.shared.texts import normal_line, normal_paragraphs

MAXIMUM_TITLE_LENGTH = 80
MAXIMUM_TEXT_LENGTH = 2_000
MAXIMUM_URL_LENGTH = 500
MAXIMUM_STORES = 100
LONGEST_WINDOW = timedelta(days=366)
VISITS_COUNT_FOR = timedelta(days=90)


def checked(draft: NewsDraft, now: datetime) -> tuple[NewsDraft, list[Refusal]]:
    """The draft as it is kept, and all that is wrong with it."""
    refusals: list[Refusal] = []
    titles = {language: normal_line(text, MAXIMUM_TITLE_LENGTH) for language, text in draft.titles.items()}
    if not _are_whole(titles):
        refusals.append(NewsTextInvalid(path=["input", "title"], maximum=MAXIMUM_TITLE_LENGTH))
    texts = {language: normal_paragraphs(text, MAXIMUM_TEXT_LENGTH) for language, text in draft.texts.items()}
    if not _are_whole(texts):
        refusals.append(NewsTextInvalid(path=["input", "text"], maximum=MAXIMUM_TEXT_LENGTH))
    if draft.picture_url is not None and not _is_picture_url(draft.picture_url):
        refusals.append(NewsPictureInvalid(path=["input", "pictureUrl"], maximum=MAXIMUM_URL_LENGTH))
    starts_at = draft.starts_at or now
    if not max(starts_at, now) < draft.ends_at <= starts_at + LONGEST_WINDOW:
        refusals.append(NewsWindowInvalid(path=["input", "endsAt"], maximum=LONGEST_WINDOW.days))
    if not _is_audience(draft.audience):
        refusals.append(NewsAudienceInvalid(path=["input"], maximum=MAXIMUM_STORES))
    written = {language: (titles.get(language) or "", texts.get(language) or "") for language in Language}
    return (
        replace(
            draft,
            titles={language: title for language, (title, _) in written.items()},
            texts={language: text for language, (_, text) in written.items()},
        ),
        refusals,
    )


def is_for(news: News, reader: NewsReader | None) -> bool:
    """Whether the reader belongs to the audience; a stranger does when it is everybody."""
    audience = news.audience
    if reader is None:
        return audience.is_everybody
    has_rank = audience.ranks is None or reader.rank in audience.ranks
    return has_rank and (audience.store_ids is None or not audience.store_ids.isdisjoint(reader.store_ids))


def shown(on: Iterable[News], reader: NewsReader | None) -> list[News]:
    """Those of this news that are for the reader, what began last first."""
    return sorted((each for each in on if is_for(each, reader)), key=newest_first, reverse=True)


def newest_first(news: News) -> tuple[datetime, str]:
    """What news is sorted by, in reverse."""
    return news.starts_at, news.id


def _are_whole(texts: Mapping[Language, str | None]) -> bool:
    """Whether something is said in each language."""
    return all(texts.get(language) for language in Language)


def _is_picture_url(text: str) -> bool:
    if (
        not 1 <= len(text) <= MAXIMUM_URL_LENGTH
        or not text.isascii()
        or not text.isprintable()
        or " " in text
    ):
        return False
    try:
        url = urlsplit(text)
        return url.scheme == "https" and bool(url.hostname) and url.username is None
    except ValueError:
        return False


def _is_audience(audience: NewsAudience) -> bool:
    """Whether somebody can belong to it, and no more stores are named than may be."""
    named: list[frozenset[Rank] | frozenset[str]] = [
        each for each in (audience.ranks, audience.store_ids) if each is not None
    ]
    return all(named) and len(audience.store_ids or ()) <= MAXIMUM_STORES
