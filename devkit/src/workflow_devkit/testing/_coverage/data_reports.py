"""Coverage for programs: JSON, and the XML that CI systems read as Cobertura."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from workflow_devkit.testing._coverage.measure import (
    DiagramCoverage,
    Part,
    percent_of,
    total_percent,
)


def write_json(diagrams: Sequence[DiagramCoverage], path: Path) -> None:
    """Writes every diagram with every element and flow and its count."""
    report = {
        "percent": round(total_percent(diagrams), 2),
        "diagrams": [_diagram_data(diagram) for diagram in diagrams],
    }
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _diagram_data(diagram: DiagramCoverage) -> dict[str, Any]:
    return {
        "file": diagram.path,
        "percent": round(diagram.percent, 2),
        "elements": [_part_data(part) for part in diagram.parts if not part.is_flow],
        "flows": [_part_data(part) for part in diagram.parts if part.is_flow],
    }


def _part_data(part: Part) -> dict[str, Any]:
    return {
        "process": part.process_id,
        "id": part.id,
        "name": part.name,
        "type": part.tag,
        "line": part.line,
        "hits": part.hits,
    }


def write_xml(diagrams: Sequence[DiagramCoverage], path: Path) -> None:
    """Writes Cobertura's layout: a diagram is a class, elements are lines, flows are branches."""
    # The DTD (coverage-04.dtd) wants every attribute and element, those without a meaning here too:
    # timestamp, sources, methods, complexity.
    root = ET.Element("coverage", _rates(diagrams), version="workflow", timestamp="0")
    ET.SubElement(ET.SubElement(root, "sources"), "source").text = "."
    package = ET.SubElement(ET.SubElement(root, "packages"), "package", _rates(diagrams), name="")
    classes = ET.SubElement(package, "classes")
    for diagram in diagrams:
        _add_class(classes, diagram)
    ET.indent(root)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _add_class(classes: ET.Element, diagram: DiagramCoverage) -> None:
    names = {"name": Path(diagram.path).stem, "filename": diagram.path}
    node = ET.SubElement(classes, "class", {**names, **_rates([diagram])})
    ET.SubElement(node, "methods")
    lines = ET.SubElement(node, "lines")
    for part in sorted(diagram.parts, key=lambda part: part.line):
        ET.SubElement(lines, "line", number=str(part.line), hits=str(part.hits))


def _rates(diagrams: Sequence[DiagramCoverage]) -> dict[str, str]:
    parts = [part for diagram in diagrams for part in diagram.parts]
    elements = [part.hits > 0 for part in parts if not part.is_flow]
    flows = [part.hits > 0 for part in parts if part.is_flow]
    return {
        "line-rate": f"{percent_of(sum(elements), len(elements)) / 100:.4f}",
        "branch-rate": f"{percent_of(sum(flows), len(flows)) / 100:.4f}",
        "lines-covered": str(sum(elements)),
        "lines-valid": str(len(elements)),
        "branches-covered": str(sum(flows)),
        "branches-valid": str(len(flows)),
        "complexity": "0",
    }
