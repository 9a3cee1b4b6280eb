"""The results as a picture: how much of the plain route's rate each operation has."""

from pathlib import Path
from xml.sax.saxutils import escape

from bench.report import Report
from bench.servers import OURS, STOCK

WIDTH = 860
LEFT = 230  # for the names
ROW = 18
BAR = 6
TOP = 44
SCALE = (WIDTH - LEFT - 70) / 1.2  # pixels for 1.0
STYLE = """
text { font: 11px system-ui, sans-serif; fill: #222 }
.tsunagu { fill: #2563a8 } .strawberry { fill: #c2607c } line { stroke: #999 }
@media (prefers-color-scheme: dark) {
  text { fill: #ddd } .tsunagu { fill: #7db4f0 } .strawberry { fill: #f0a0b6 } line { stroke: #777 }
}
"""


def write_plot(path: Path, report: Report) -> None:
    """Writes an SVG that can be read on a light and on a dark page."""
    path.write_text(_drawn(report), encoding="utf-8")


def _drawn(report: Report) -> str:
    operations = sorted(report.operations, key=lambda each: -(report.ratio(each, OURS) or 0))
    height = TOP + ROW * len(operations) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>Requests a second, as a part of the plain route's</title><style>{STYLE}</style>",
        _bar(LEFT, 10, 20, "tsunagu"), _text(LEFT + 26, 17, "Tsunagu"),
        _bar(LEFT + 110, 10, 20, "strawberry"), _text(LEFT + 136, 17, "Strawberry as documented"),
    ]  # fmt: skip
    for part in (0.5, 1.0):
        x = LEFT + part * SCALE
        parts.append(f'<line x1="{x:.0f}" y1="{TOP - 8}" x2="{x:.0f}" y2="{height}"/>')
        parts.append(_text(x - 8, TOP - 12, f"{part:.1f}"))
    for number, operation in enumerate(operations):
        y = TOP + ROW * number
        parts.append(_text(4, y + 10, operation))
        for place, server in enumerate((OURS, STOCK)):
            ratio = report.ratio(operation, server)
            if ratio is not None:
                width = min(ratio, 1.2) * SCALE
                parts.append(_bar(LEFT, y + place * (BAR + 1), width, server))
                if server == OURS:
                    parts.append(_text(LEFT + width + 4, y + 9, f"{ratio:.2f}"))
    return "\n".join([*parts, "</svg>\n"])


def _bar(x: float, y: float, width: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{x:.0f}" y="{y:.0f}" width="{width:.1f}" height="{BAR}"/>'


def _text(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}">{escape(text)}</text>'
