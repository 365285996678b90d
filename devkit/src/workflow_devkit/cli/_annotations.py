"""Findings in the formats of code hosts: GitHub's workflow commands, and SARIF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from workflow_devkit.findings import Finding, Severity

_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def github(finding: Finding) -> str:
    """A line that GitHub Actions shows at the file (docs: "Workflow commands")."""
    places = {"file": finding.file, "line": finding.line, "col": finding.column}
    where = [f"{key}={_property(str(value))}" for key, value in places.items() if value]
    head = ",".join([*where, f"title={_property(finding.rule)}"])
    return f"::{_COMMANDS[finding.severity]} {head}::{_data(_sentence(finding))}"


def sarif(findings: Sequence[Finding], rules: Mapping[str, str]) -> dict[str, Any]:
    """A SARIF 2.1.0 log.

    Args:
        findings: the results.
        rules: by name, what each rule demands.
    """
    driver = {
        "name": "workflow",
        "rules": [{"id": name, "shortDescription": {"text": text}} for name, text in rules.items()],
    }
    run = {"tool": {"driver": driver}, "results": [_result(finding) for finding in findings]}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(finding: Finding) -> dict[str, Any]:
    # SARIF counts lines from 1; a finding about a whole file has line 0.
    region = {"startLine": max(finding.line, 1)}
    if finding.column:
        region["startColumn"] = finding.column
    place = {
        "artifactLocation": {"uri": Path(finding.file).as_posix()},
        "region": region,
    }
    location: dict[str, Any] = {"physicalLocation": place}
    if finding.element:
        location["logicalLocations"] = [{"name": finding.element, "kind": "element"}]
    return {
        "ruleId": finding.rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": _sentence(finding)},
        "locations": [location],
    }


def _sentence(finding: Finding) -> str:
    name = f" ({' '.join(finding.name.split())})" if finding.name else ""
    element = f"{finding.element}{name}: " if finding.element else ""
    remedy = f"; {finding.remedy}" if finding.remedy else ""
    return f"{element}{finding.message}{remedy}"


# As GitHub's actions/toolkit escapes them: % first, since every escape begins with it.
def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
