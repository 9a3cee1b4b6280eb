"""Tables of what was measured, for a terminal and for a page in Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

Row = Sequence[str]
NONE = "–"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings: a name, and then figures. Notes are sentences for below it."""

    title: str
    headings: Row
    rows: Sequence[Row]
    notes: Sequence[str] = ()

    def text(self) -> str:
        """The table in columns of equal width."""
        lines = [self.headings, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.headings))]
        shown = [
            "  ".join(
                cell.rjust(width) if column else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        return "\n".join([f"{self.title}\n", *shown, *self.notes])

    def markdown(self) -> str:
        """The table as Markdown has it, its figures to the right."""
        ruler = ["---", *("---:" for _ in self.headings[1:])]
        lines = [f"| {' | '.join(line)} |" for line in (self.headings, ruler, *self.rows)]
        return "\n".join([f"**{self.title}**\n", *lines, "", *(f"{note}\n" for note in self.notes)])


def figure(value: float | None, places: int = 0) -> str:
    """A number with so many places; a dash where there is none."""
    return NONE if value is None else f"{value:,.{places}f}"
