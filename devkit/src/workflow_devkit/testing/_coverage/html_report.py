"""Coverage for people: every diagram drawn, with what was passed and how often."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from workflow_devkit.render import Overlay, render_svg
from workflow_devkit.render.png import size_of
from workflow_devkit.testing._coverage.measure import DiagramCoverage, Part, total_percent

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #1d232b; background: #fff; }
table { border-collapse: collapse; margin: 1rem 0 2rem; }
th, td { padding: .25rem .9rem .25rem 0; text-align: left; border-bottom: 1px solid #dde2e8; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 0 0 1rem; overflow-x: auto; border: 1px solid #dde2e8; }
figure svg { display: block; max-width: max(100%, calc(var(--natural) * .6)); height: auto; }
summary { cursor: pointer; }
.passed { color: #17643a; } .missed { color: #a32218; }
"""


def write_html(diagrams: Sequence[DiagramCoverage], path: Path) -> None:
    """Writes one page that needs nothing else."""
    body = "\n".join([_summary(diagrams), *map(_section, diagrams)])
    page = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>BPMN coverage</title><style>{_STYLE}</style></head>\n<body>{body}</body></html>\n"
    )
    path.write_text(page, encoding="utf-8")


def _summary(diagrams: Sequence[DiagramCoverage]) -> str:
    rows = "".join(
        f'<tr><td><a href="#{_anchor(each)}">{escape(each.path)}</a></td>'
        f'<td class="n">{each.passed}</td><td class="n">{len(each.parts)}</td>'
        f'<td class="n">{_cover(each)}</td></tr>'
        for each in diagrams
    )
    return (
        f"<h1>BPMN coverage: {total_percent(diagrams):.0f} %</h1>"
        "<table><tr><th>diagram<th>passed<th>elements and flows<th>cover</tr>" + rows + "</table>"
    )


def _cover(diagram: DiagramCoverage) -> str:
    return f"{diagram.percent:.0f} %" if diagram.parts else "nothing to run"


def _section(diagram: DiagramCoverage) -> str:
    missed = len(diagram.missed())
    return (
        f'<h2 id="{_anchor(diagram)}">{escape(diagram.path)}: {_cover(diagram)}</h2>'
        f"{_figure(diagram)}"
        f"<details{' open' if missed else ''}>"
        f"<summary>{len(diagram.parts)} elements and flows, {missed} never passed</summary>"
        "<table><tr><th>element or flow<th>name<th>type<th>line<th>passed</tr>"
        + "".join(_rows(diagram))
        + "</table></details>"
    )


def _figure(diagram: DiagramCoverage) -> str:
    counts = {part.id: part.hits for part in diagram.parts}
    # All are expected: what has no count is drawn as missed.
    svg = render_svg(diagram.definitions, Overlay(counts, expected=frozenset(counts)))
    width = size_of(svg)[0]
    return f'<figure style="--natural: {width:.0f}px">{svg}</figure>'


def _rows(diagram: DiagramCoverage) -> Iterator[str]:
    for part in sorted(diagram.parts, key=_missed_first):
        kind = "passed" if part.hits else "missed"
        yield (
            f'<tr class="{kind}"><td>{escape(part.id)}</td><td>{escape(part.name or "")}</td>'
            f'<td>{escape(part.tag)}</td><td class="n">{part.line}</td>'
            f'<td class="n">{part.hits or "never"}</td></tr>'
        )


def _missed_first(part: Part) -> tuple[bool, bool, int]:
    return part.hits > 0, part.is_flow, part.line


def _anchor(diagram: DiagramCoverage) -> str:
    return escape(diagram.path.replace("/", "-"), quote=True)
