"""Prints findings: as text by file, as JSON, or in the format of a code host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import groupby

from workflow_devkit.cli._annotations import github, sarif
from workflow_devkit.cli._options import Format
from workflow_devkit.findings import Finding, Severity
from workflow_runtime.cli.exits import ExitCode
from workflow_runtime.cli.output import counted, emit, write_line, write_styled

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def report(
    findings: Sequence[Finding], output: Format, summaries: Mapping[str, str], *, clean: str
) -> None:
    """Prints findings.

    Args:
        findings: what was found.
        output: the format.
        summaries: by name, what each rule is about; SARIF lists the rules.
        clean: the text where nothing was found.
    """
    if output is Format.json:
        emit(True, [asdict(finding) for finding in findings], "")
    elif output is Format.sarif:
        emit(True, sarif(findings, summaries), "")
    elif output is Format.github:
        for finding in findings:
            write_line(github(finding))
    else:
        _print_text(findings, clean)


def _print_text(findings: Sequence[Finding], clean: str) -> None:
    # `groupby` needs them in the order of their files, as `workflow_devkit.findings` sorts them.
    for file, group in groupby(findings, key=lambda finding: finding.file):
        write_styled((file, "bold underline"))
        _print_file(list(group))
        write_line("")
    write_line(_summary(findings) or clean)


def verdict(findings: Sequence[Finding]) -> ExitCode:
    """The exit code: ``FAILED`` where a finding is an error."""
    errors = any(finding.severity is Severity.ERROR for finding in findings)
    return ExitCode.FAILED if errors else ExitCode.OK


def _print_file(findings: Sequence[Finding]) -> None:
    width = max(len(_place(finding)) for finding in findings)
    for finding in findings:
        write_styled(
            (f"  {_place(finding):>{width}}  ", "dim"),
            (f"{finding.severity:<8}", _COLOURS[finding.severity]),
            f"{_who(finding)}{finding.message}  ",
            (finding.rule, "dim"),
        )
        # Below the message: two spaces stand beside the place, and 8 columns are the severity.
        if finding.remedy:
            write_styled(f"{'':{width + 12}}-> {finding.remedy}")


def _place(finding: Finding) -> str:
    return f"{finding.line}:{finding.column}" if finding.column else str(finding.line or "")


def _who(finding: Finding) -> str:
    if not finding.element:
        return ""
    name = " ".join(finding.name.split())
    return f"{finding.element} ({name}): " if name else f"{finding.element}: "


def _summary(findings: Sequence[Finding]) -> str:
    counts = {each: sum(f.severity is each for f in findings) for each in Severity}
    # "2 info", not "2 infos".
    infos = counts.pop(Severity.INFO)
    parts = [counted(number, str(each)) for each, number in counts.items() if number]
    return ", ".join([*parts, f"{infos} info"] if infos else parts)
