"""The pages: what their files name is there, and each word is there in both languages."""

import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "app" / "web"
SCRIPTS = sorted(WEB.glob("assets/**/*.js"))
PAGES = sorted(WEB.glob("*.html"))


def words(language: str) -> list[str]:
    text = (WEB / "assets" / "counter" / f"words.{language}.js").read_text(encoding="utf-8")
    return re.findall(r"^  (\w+):", text, re.MULTILINE)


@pytest.mark.parametrize("file", SCRIPTS + PAGES, ids=lambda file: file.name)
def test_what_a_file_names_is_there(file: Path) -> None:
    named = re.findall(r'"(/assets/[^"{]+)"', file.read_text(encoding="utf-8"))
    assert [each for each in named if not (WEB / each.removeprefix("/")).is_file()] == []


def test_the_counter_has_each_word_in_both_languages() -> None:
    assert words("ja") == words("en")
    assert len(words("ja")) == len(set(words("ja")))


def test_the_counter_says_no_word_that_it_has_not() -> None:
    files = [*(WEB / "assets" / "counter").glob("*.js"), WEB / "counter.html"]
    texts = "\n".join(file.read_text(encoding="utf-8") for file in files)
    said = set(re.findall(r'say\("(\w+)"', texts))
    said |= set(re.findall(r'data-(?:say|label|placeholder)="(\w+)"', texts))
    assert len(said) > 80
    assert said <= set(words("ja"))


def test_no_word_is_left_that_nobody_says() -> None:
    files = [file for file in (WEB / "assets" / "counter").glob("*.js") if ".ja." not in file.name]
    texts = "\n".join(file.read_text(encoding="utf-8") for file in files if ".en." not in file.name)
    texts += (WEB / "counter.html").read_text(encoding="utf-8")
    by_state = re.compile(r"(do)?[A-Z_]+|(column|empty)[A-Z]\w+")
    unsaid = [word for word in words("ja") if f'"{word}"' not in texts and not by_state.fullmatch(word)]
    assert unsaid == []
