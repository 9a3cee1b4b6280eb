"""The pictures of the README: those that it shows are there, no others, and none is large."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
MOST_BYTES = 60 * 1024
MOST_BYTES_IN_ALL = 400 * 1024


def test_the_pictures_are_those_that_the_readme_shows() -> None:
    shown = set(re.findall(r"\(docs/pictures/([\w.]+)\)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert shown == {path.name for path in PICTURES.iterdir()}
    sizes = [path.stat().st_size for path in PICTURES.iterdir()]
    assert max(sizes) <= MOST_BYTES
    assert sum(sizes) <= MOST_BYTES_IN_ALL
