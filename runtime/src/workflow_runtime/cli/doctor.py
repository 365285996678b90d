"""``workflow doctor``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import typer

from workflow_runtime.cli._checkup import examine
from workflow_runtime.cli._finding import Finding
from workflow_runtime.cli.exits import ExitCode
from workflow_runtime.cli.options import Address, AsJson
from workflow_runtime.cli.output import emit, write_styled

_WIDTH = len("environment")
"""Of the longest subject."""
_MARKS = {"ok": ("ok  ", "green"), "note": ("note", "yellow"), "bad": ("BAD ", "bold red")}


def doctor(address: Address = None, as_json: AsJson = False) -> None:
    """Look at versions, environment and every server that a service needs; say what to do.

    Tries gateway, token server, Operate, the outbox's database and the channels of alerts, each
    for some seconds; sends no alert, changes nothing.

    Exit codes: 0 nothing wrong, 1 something wrong, 2 usage error, 3 no answer,
    4 credentials refused.
    """
    found = examine(address)
    findings = list(found if as_json else map(_print, found))
    if as_json:
        emit(True, [asdict(finding) for finding in findings], "")
    raise typer.Exit(_verdict(findings))


def _print(finding: Finding) -> Finding:
    """Prints it at once: the next one may take seconds."""
    subject = (f" {finding.subject:<{_WIDTH}}  ", "bold")
    write_styled(_MARKS[finding.state], subject, finding.detail)
    # Below the detail: a mark of 4 and three spaces stand before it, beside the subject.
    if finding.remedy:
        write_styled(f"{'':{_WIDTH + 7}}-> {finding.remedy}")
    return finding


def _verdict(findings: Sequence[Finding]) -> int:
    # The first decides: later checks may be bad because of it.
    bad = [finding for finding in findings if finding.state == "bad"]
    return int(bad[0].code) if bad else int(ExitCode.OK)
