"""GraphiQL's page: its files come from the address that Strawberry names, or from a folder of ours."""

import re
from pathlib import Path

from strawberry.http.ides import get_graphql_ide_html

OWN_ADDRESS = "/graphiql/"

_HTML = get_graphql_ide_html(graphql_ide="graphiql")
_LOADED = re.compile(r'"https://[^/"]+/((?:@[^/"]+/)?[^/@"]+@[^/"]+)/([^"]+)"')

# Each file that the page loads: its npm package with the version, and its path in there.
FILES: list[tuple[str, str]] = _LOADED.findall(_HTML)


def graphiql_page(folder: Path) -> str:
    """The page; it loads its files from the folder when `scripts/graphiql` has put them there."""
    complete = all((folder / package / path).is_file() for package, path in FILES)
    return _LOADED.sub(rf'"{OWN_ADDRESS}\1/\2"', _HTML) if complete else _HTML
