"""``workflow doctor``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from workflow_runtime.cli._exits import ExitCode
from workflow_runtime.cli._options import Address, AsJson
from workflow_runtime.cli._output import emit

if TYPE_CHECKING:
    from workflow_runtime.cli._checkup import Finding

_MARKS = {"ok": "ok  ", "note": "note", "bad": "BAD "}


def doctor(address: Address = None, as_json: AsJson = False) -> None:
    """Look at versions, environment, address, credentials and broker; say what to do."""
    from workflow_runtime.cli._checkup import examine  # noqa: PLC0415 - costs start-up time

    findings = examine(address)
    emit(as_json, [asdict(finding) for finding in findings], "\n".join(map(_line, findings)))
    raise typer.Exit(_verdict(findings))


def _line(finding: Finding) -> str:
    remedy = f"\n       -> {finding.remedy}" if finding.remedy else ""
    return f"{_MARKS[finding.state]} {finding.subject}: {finding.detail}{remedy}"


def _verdict(findings: Sequence[Finding]) -> int:
    bad = [finding for finding in findings if finding.state == "bad"]
    return int(bad[0].code) if bad else int(ExitCode.OK)
