"""``workflow render``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workflow_runtime.cli._exits import UsageError
from workflow_runtime.cli._files import expand
from workflow_runtime.cli._options import AsJson, Files
from workflow_runtime.cli._output import emit, note

if TYPE_CHECKING:
    from workflow_runtime.bpmn.picture import Overlay

_FORMATS = (".svg", ".png")
_STDOUT = Path("-")


def render(
    files: Files,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="picture.svg, picture.png, a folder for several, or - for stdout. "
            "Without it, an SVG beside each diagram.",
        ),
    ] = None,
    counts: Annotated[
        Path | None,
        typer.Option(
            metavar="JSON",
            help="What happened, drawn over it: the JSON report of pytest --bpmn-cov, or "
            '{"counts": {"id": 3}, "tokens": {"id": 1}, "incidents": {"id": 1}}.',
        ),
    ] = None,
    scale: Annotated[
        float, typer.Option(min=0.1, max=10, help="Pixels of a PNG for each of the diagram.")
    ] = 2,
    as_json: AsJson = False,
) -> None:
    """Draw diagrams as SVG or PNG, by their own layout; a diagram without one is laid out.

    For example: workflow render bpmn/order.bpmn -o order.png
    """
    from workflow_runtime.bpmn.parser import parse_file  # noqa: PLC0415 - costs start-up time
    from workflow_runtime.bpmn.picture import render_svg  # noqa: PLC0415

    found = expand(files)
    targets = _targets(found, output)
    drawn = [
        (file, target, render_svg(parse_file(file), _overlay(counts, file)))
        for file, target in zip(found, targets, strict=True)
    ]
    for _, target, svg in drawn:
        _write(svg, target, scale)
    if _STDOUT not in targets:
        data = [{"file": str(file), "picture": str(target)} for file, target, _ in drawn]
        emit(as_json, data, "\n".join(f"{each['picture']}: written" for each in data))


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


def _overlay(counts: Path | None, file: Path) -> Overlay | None:
    from workflow_runtime.cli._overlay import read_overlay  # noqa: PLC0415 - costs start-up time

    return None if counts is None else read_overlay(counts, file)


def _write(svg: str, target: Path, scale: float) -> None:
    if target == _STDOUT:
        sys.stdout.write(svg)
        return
    content = svg.encode()
    if target.suffix.lower() == ".png":
        content = _png(svg, target, scale)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def _png(svg: str, target: Path, scale: float) -> bytes:
    from workflow_runtime.bpmn.picture.png import fitting_scale, png_of  # noqa: PLC0415

    fitting = fitting_scale(svg, scale)
    if fitting < scale:
        note(f"{target}: drawn at scale {fitting:.2g}; a larger one would not fit into a PNG")
    return png_of(svg, fitting)
