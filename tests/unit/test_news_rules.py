"""What news may say, and whom it is for."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.members.model import Rank
from app.news import rules
from app.news.model import News, NewsAudience, NewsPush, NewsReader
from app.shared.i18n import Language
from tests.conftest import NOON_IN_TOKYO
from tests.news_arrangements import TEXTS, TITLES, a_draft

DAY = timedelta(days=1)
STORES = ["umeda", "namba", "sannomiya"]


def codes(**wishes: Any) -> list[str]:
    return [refusal.code for refusal in rules.checked(a_draft(NOON_IN_TOKYO, **wishes), NOON_IN_TOKYO)[1]]


def news_for(ranks: frozenset[Rank] | None, store_ids: frozenset[str] | None) -> News:
    draft = a_draft(NOON_IN_TOKYO)
    return News(
        "id", TITLES, TEXTS, None, NewsAudience(ranks, store_ids), draft.starts_at, draft.ends_at,
        NewsPush.NONE, NOON_IN_TOKYO, "hq",
    )  # fmt: skip


@pytest.mark.parametrize(
    "wishes",
    [
        {},
        {"starts_in": 30 * DAY},
        {"starts_in": -DAY},
        {"lasts": rules.LONGEST_WINDOW},
        {"picture_url": "https://pictures.example/sale.jpg"},
        {"titles": dict.fromkeys(Language, "あ" * 80)},
        {"ranks": frozenset(Rank), "store_ids": frozenset(map(str, range(100)))},
    ],
)
def test_what_may_be_published(wishes: dict[str, Any]) -> None:
    assert codes(**wishes) == []


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"titles": {**TITLES, Language.EN: ""}}, "NEWS_TEXT_INVALID"),
        ({"titles": {Language.JA: "セール"}}, "NEWS_TEXT_INVALID"),
        ({"titles": {**TITLES, Language.JA: "あ" * 81}}, "NEWS_TEXT_INVALID"),
        ({"titles": {**TITLES, Language.JA: "一\n二"}}, "NEWS_TEXT_INVALID"),
        ({"texts": {**TEXTS, Language.EN: "x" * 2_001}}, "NEWS_TEXT_INVALID"),
        ({"texts": {**TEXTS, Language.EN: "\u202e"}}, "NEWS_TEXT_INVALID"),
        ({"picture_url": "http://pictures.example/sale.jpg"}, "NEWS_PICTURE_INVALID"),
        ({"picture_url": "https://"}, "NEWS_PICTURE_INVALID"),
        ({"picture_url": "https://me@pictures.example/"}, "NEWS_PICTURE_INVALID"),
        ({"picture_url": "https://pictures.example/a b"}, "NEWS_PICTURE_INVALID"),
        ({"picture_url": "https://[/"}, "NEWS_PICTURE_INVALID"),
        ({"picture_url": "https://pictures.example/" + "x" * 500}, "NEWS_PICTURE_INVALID"),
        ({"lasts": timedelta(0)}, "NEWS_WINDOW_INVALID"),
        ({"starts_in": -2 * DAY, "lasts": DAY}, "NEWS_WINDOW_INVALID"),
        ({"lasts": rules.LONGEST_WINDOW + timedelta(seconds=1)}, "NEWS_WINDOW_INVALID"),
        ({"ranks": frozenset()}, "NEWS_AUDIENCE_INVALID"),
        ({"store_ids": frozenset()}, "NEWS_AUDIENCE_INVALID"),
        ({"store_ids": frozenset(map(str, range(101)))}, "NEWS_AUDIENCE_INVALID"),
    ],
)
def test_what_may_not_be_published(wishes: dict[str, Any], code: str) -> None:
    assert codes(**wishes) == [code]


def test_all_that_is_wrong_is_told_at_once() -> None:
    wrong = codes(titles={}, texts={}, picture_url="x", lasts=-DAY, ranks=frozenset())
    assert wrong == [
        "NEWS_TEXT_INVALID", "NEWS_TEXT_INVALID", "NEWS_PICTURE_INVALID", "NEWS_WINDOW_INVALID",
        "NEWS_AUDIENCE_INVALID",
    ]  # fmt: skip


@given(
    ranks=st.none() | st.frozensets(st.sampled_from(Rank), min_size=1),
    stores=st.none() | st.frozensets(st.sampled_from(STORES), min_size=1),
    rank=st.sampled_from(Rank),
    hers=st.frozensets(st.sampled_from(STORES)),
)
def test_news_is_for_those_who_fit_all_that_is_named(
    ranks: frozenset[Rank] | None, stores: frozenset[str] | None, rank: Rank, hers: frozenset[str]
) -> None:
    news = news_for(ranks, stores)
    fits = (ranks is None or rank in ranks) and (stores is None or bool(stores & hers))
    assert rules.is_for(news, NewsReader(rank, hers)) is fits
    assert rules.is_for(news, None) is (ranks is None and stores is None)


def test_news_is_on_from_its_beginning_until_just_before_its_end() -> None:
    news = news_for(None, None)
    news = replace(news, starts_at=NOON_IN_TOKYO, ends_at=NOON_IN_TOKYO + DAY)
    moments = [-timedelta(milliseconds=1), timedelta(0), DAY - timedelta(milliseconds=1), DAY]
    assert [news.is_on(NOON_IN_TOKYO + moment) for moment in moments] == [False, True, True, False]
