"""``workflow doctor``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import typer

from workflow_runtime.cli._checkup import Finding, examine
from workflow_runtime.cli.exits import ExitCode
from workflow_runtime.cli.options import Address, AsJson
from workflow_runtime.cli.output import emit, write_styled

_MARKS = {"ok": ("ok  ", "green"), "note": ("note", "yellow"), "bad": ("BAD ", "bold red")}


def doctor(address: Address = None, as_json: AsJson = False) -> None:
    """Look at versions, environment, address, credentials and broker; say what to do.

    Exit codes: 0 nothing wrong, 1 something wrong, 2 usage error, 3 no answer,
    4 credentials refused.
    """
    findings = examine(address)
    if as_json:
        emit(True, [asdict(finding) for finding in findings], "")
    else:
        _print(findings)
    raise typer.Exit(_verdict(findings))


def _print(findings: Sequence[Finding]) -> None:
    width = max(len(finding.subject) for finding in findings)
    for finding in findings:
        subject = (f" {finding.subject:<{width}}  ", "bold")
        write_styled(_MARKS[finding.state], subject, finding.detail)
        # Below the detail: a mark of 4 and three spaces stand before it, beside the subject.
        if finding.remedy:
            write_styled(f"{'':{width + 7}}-> {finding.remedy}")


def _verdict(findings: Sequence[Finding]) -> int:
    # The first decides: later checks may be bad because of it.
    bad = [finding for finding in findings if finding.state == "bad"]
    return int(bad[0].code) if bad else int(ExitCode.OK)
