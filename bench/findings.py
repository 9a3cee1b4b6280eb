"""What a run of the bench has found so far, and what it could not measure."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from bench.tables import Table

SHOWN = 500  # characters of an error


def say(what: str) -> None:
    """What we are at, for who waits."""
    print(f"{datetime.now(UTC):%H:%M:%S} {what}", file=sys.stderr, flush=True)


@dataclass(slots=True)
class Findings:
    """Tables and figures, written to their files whenever there are more: what breaks later loses nothing."""

    json: Path | None
    markdown: Path | None
    figures: dict[str, Any]
    tables: list[Table] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def add(self, name: str, figures: Any, *tables: Table) -> None:
        """Keeps what was measured, by the name that it has in the JSON."""
        self.figures[name] = figures
        self.tables.extend(tables)
        self._write()

    def fail(self, what: str) -> None:
        """Keeps that something could not be measured, and why."""
        say(f"failed: {what}")
        self.failures.append(what)
        self._write()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """A part of the run: when it breaks, that is kept, and the next one begins."""
        say(name)
        try:
            yield
        except Exception as error:
            for note in getattr(error, "__notes__", []):
                say(note)
            self.fail(f"{name}: {type(error).__name__}: {str(error)[:SHOWN]}")

    def _write(self) -> None:
        if self.json is not None:
            found = {**self.figures, "failures": self.failures}
            self.json.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        if self.markdown is not None:
            tables = [table.markdown() for table in self.tables]
            self.markdown.write_text("\n".join([*tables, *self.failures]), encoding="utf-8")
