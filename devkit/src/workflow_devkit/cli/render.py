"""``workflow render``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from workflow_devkit.cli._overlay import ask_overlay, read_overlay
from workflow_devkit.render import Overlay, render_svg
from workflow_devkit.render.png import fitting_scale, png_of
from workflow_runtime.bpmn.parser import parse_file
from workflow_runtime.cli.exits import UsageError
from workflow_runtime.cli.files import expand
from workflow_runtime.cli.operate import Operate
from workflow_runtime.cli.options import AsJson, Files
from workflow_runtime.cli.output import emit, note, write_content

_FORMATS = (".svg", ".png")
_STDOUT = Path("-")


Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="picture.svg, picture.png, a folder for several, or - for stdout. "
        "Without it, an SVG is written beside each diagram.",
    ),
]
Counts = Annotated[
    Path | None,
    typer.Option(
        metavar="JSON",
        help="Counts to draw over the diagram: the JSON report of pytest --bpmn-cov, or "
        '{"counts": {"id": 3}, "tokens": {"id": 1}, "incidents": {"id": 1}}.',
    ),
]
Instance = Annotated[
    int, typer.Option(help="Draw over the diagram what this process instance did; asks Operate.")
]
Scale = Annotated[
    float,
    typer.Option(min=0.1, max=10, help="How much larger a PNG is than the diagram, in pixels."),
]


def render(
    files: Files,
    output: Output = None,
    counts: Counts = None,
    instance: Instance = 0,
    operate: Operate = "",
    scale: Scale = 2,
    as_json: AsJson = False,
) -> None:
    """Draw diagrams as SVG or PNG, by their own layout; a diagram without one is laid out.

    For example: workflow render bpmn/order.bpmn -o order.png

    Exit codes: 0 drawn, 1 cannot be drawn, 2 usage error, 3 no answer, 4 credentials refused.
    """
    found = expand(files)
    # All are drawn before the first is written: one that cannot be drawn leaves no file behind.
    targets = _targets(found, output)
    drawn = [_draw(file, _overlay(file, counts, instance, operate)) for file in found]
    for svg, target in zip(drawn, targets, strict=True):
        _write(svg, target, scale)
    if _STDOUT not in targets:
        pairs = zip(found, targets, strict=True)
        data = [{"file": str(file), "picture": str(target)} for file, target in pairs]
        emit(as_json, data, [f"{each['picture']}: written" for each in data])


def _draw(file: Path, overlay: Overlay | None) -> str:
    return render_svg(parse_file(file), overlay)


def _targets(files: Sequence[Path], output: Path | None) -> list[Path]:
    if output is None:
        return [file.with_suffix(".svg") for file in files]
    if output == _STDOUT or (output.suffix and not output.is_dir()):
        return [_single(files, output)]
    targets = [output / f"{file.stem}.svg" for file in files]
    twice = [target for target in targets if targets.count(target) > 1]
    if twice:
        raise UsageError(f"two of the files would be drawn to {twice[0]}: draw them one by one.")
    return targets


def _single(files: Sequence[Path], output: Path) -> Path:
    if len(files) > 1:
        raise UsageError(f"{len(files)} files cannot be drawn to {output}: name a folder with -o.")
    if output != _STDOUT and output.suffix.lower() not in _FORMATS:
        raise UsageError(f"{output}: expected a name that ends in {' or '.join(_FORMATS)}.")
    return output


def _overlay(file: Path, counts: Path | None, instance: int, operate: str) -> Overlay | None:
    if counts and instance:
        raise UsageError("--counts and --instance: one of them can be drawn over a diagram.")
    if counts:
        return read_overlay(counts, file)
    return ask_overlay(instance, file, operate) if instance else None


def _write(svg: str, target: Path, scale: float) -> None:
    if target == _STDOUT:
        write_content(svg)
        return
    content = svg.encode()
    if target.suffix.lower() == ".png":
        content = _png(svg, target, scale)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def _png(svg: str, target: Path, scale: float) -> bytes:
    fitting = fitting_scale(svg, scale)
    if fitting < scale:
        note(f"{target}: drawn at scale {fitting:.2g}; a larger one would not fit into a PNG")
    return png_of(svg, fitting)
