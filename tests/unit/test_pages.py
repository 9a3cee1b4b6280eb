"""The pages: what their files name is there, and each word is there in both languages."""

import gzip
import re
from pathlib import Path

import pytest

from app.web.member_app import FILES

WEB = Path(__file__).parents[2] / "app" / "web"
SCRIPTS = sorted(WEB.glob("assets/**/*.js"))
PAGES = sorted(WEB.glob("*.html"))


# The words of each page that has any, in files of their own.
SPEAKERS = {
    "counter": ("counter.html", ["words"]),
    "app": ("app.html", ["words", "shop.words"]),
}


def words(page: str, language: str) -> list[str]:
    folder, (_, groups) = WEB / "assets" / page, SPEAKERS[page]
    texts = [(folder / f"{group}.{language}.js").read_text(encoding="utf-8") for group in groups]
    return re.findall(r"^  (\w+):", "\n".join(texts), re.MULTILINE)


def text_of(page: str) -> str:
    """All that the page and its scripts are made of, but for the words themselves."""
    scripts = sorted((WEB / "assets" / page).glob("*.js"))
    files = [file for file in scripts if not re.search(r"\.(ja|en)\.js$", file.name)]
    return "\n".join(file.read_text(encoding="utf-8") for file in [*files, WEB / SPEAKERS[page][0]])


@pytest.mark.parametrize("file", SCRIPTS + PAGES, ids=lambda file: file.name)
def test_what_a_file_names_is_there(file: Path) -> None:
    named = re.findall(r'"(/assets/[^"{]+)"', file.read_text(encoding="utf-8"))
    assert [each for each in named if not (WEB / each.removeprefix("/")).is_file()] == []


@pytest.mark.parametrize("page", SPEAKERS)
def test_a_page_has_each_word_in_both_languages(page: str) -> None:
    assert words(page, "ja") == words(page, "en")
    assert len(words(page, "ja")) == len(set(words(page, "ja")))


@pytest.mark.parametrize("page", SPEAKERS)
def test_a_page_says_no_word_that_it_has_not(page: str) -> None:
    said = set(re.findall(r'say\("(\w+)"', text_of(page)))
    said |= set(re.findall(r'data-(?:say|label|placeholder)="(\w+)"', text_of(page)))
    assert len(said) > 10
    assert said <= set(words(page, "ja"))


@pytest.mark.parametrize("page", SPEAKERS)
def test_no_word_is_left_that_nobody_says(page: str) -> None:
    """What is said by a state or a code of the API has its name."""
    by_state = re.compile(r"(do)?[A-Z_]+|(column|empty)[A-Z]\w+")
    unnamed = [
        word
        for word in words(page, "ja")
        if not re.search(rf'["`]{word}["`]|^  {word}: \{{', text_of(page), re.MULTILINE)
    ]
    assert [word for word in unnamed if not by_state.fullmatch(word)] == []


def test_the_app_is_light_enough_for_a_first_visit() -> None:
    """All that the service worker fetches too, as it is sent: compressed."""
    page = WEB / "app.html"
    assert sum(len(gzip.compress(file.read_bytes())) for file in [page, *FILES]) < 150_000


def test_the_client_is_small_enough_to_be_ported() -> None:
    client = (WEB / "assets" / "client" / "tsunagu.js").read_text(encoding="utf-8")
    assert len(client.splitlines()) < 300
    assert "import " not in client
