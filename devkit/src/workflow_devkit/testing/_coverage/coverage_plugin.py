"""Coverage as a part of the pytest run: collect, merge xdist's workers, report, judge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from workflow_devkit.testing._coverage import collector
from workflow_devkit.testing._coverage.data_reports import write_json, write_xml
from workflow_devkit.testing._coverage.html_report import write_html
from workflow_devkit.testing._coverage.measure import DiagramCoverage, measure, total_percent
from workflow_devkit.testing._coverage.table import write_table
from workflow_runtime.gateway.values import Resource
from workflow_runtime.visible import one_line

NAME = "workflow_bpmn_cov"
_SENT = "workflow_bpmn_cov"
"""The key of what a worker of pytest-xdist sends to the controller."""

_Writer = Callable[[Sequence[DiagramCoverage], Path], None]
_REPORTS: dict[str, tuple[_Writer, str]] = {
    "html": (write_html, "bpmn-coverage.html"),
    "json": (write_json, "bpmn-coverage.json"),
    "xml": (write_xml, "bpmn-coverage.xml"),
}


class CoveragePlugin:
    """Registered when one of the ``--bpmn-cov`` options was given."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._collector = collector.Collector()
        self._reports = [_report(text) for text in config.getoption("bpmn_cov_report")]
        self._paths = _bpmn_files(config.getoption("bpmn_cov") or "", config.rootpath)
        # pytest-xdist gives this attribute to the configuration of its workers only.
        self._is_worker = hasattr(config, "workerinput")
        collector.activate(self._collector)

    def pytest_unconfigure(self) -> None:
        """Stops collecting: pytest may be run again in the same process."""
        collector.deactivate()

    # The hook is pytest-xdist's: without it pytest would refuse a name that it does not know.
    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Takes over what a worker of pytest-xdist collected."""
        # A worker that has crashed has sent nothing.
        self._collector.load(getattr(node, "workeroutput", {}).get(_SENT, []))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Writes the reports and fails the run when too little was passed."""
        # A worker of pytest-xdist only collects; the controller has the whole.
        if self._is_worker:
            self._config.workeroutput[_SENT] = self._collector.dump()  # type: ignore[attr-defined]
            return
        diagrams = self._measured()
        for write, path in self._reports:
            path.parent.mkdir(parents=True, exist_ok=True)
            write(diagrams, path)
        # A run that has failed for another reason keeps its own exit code.
        if self._shortfall(diagrams) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Prints the table, where the reports are, and the verdict."""
        diagrams = self._measured()
        terminalreporter.section("BPMN coverage")
        write_table(diagrams, lambda line: terminalreporter.write_line(one_line(line)))
        for _, path in self._reports:
            terminalreporter.write_line(one_line(f"written: {path}"))
        if shortfall := self._shortfall(diagrams):
            terminalreporter.write_line(shortfall, red=True)

    def _measured(self) -> list[DiagramCoverage]:
        # Two hooks come here: a diagram that is added once more counts nothing.
        for path in self._paths:
            self._collector.add_unused(Resource(path.name, path.read_bytes()))
        return measure(self._collector, self._paths)

    def _shortfall(self, diagrams: Sequence[DiagramCoverage]) -> str:
        wanted, got = self._config.getoption("bpmn_cov_fail_under"), total_percent(diagrams)
        if wanted is None or got >= wanted:
            return ""
        return f"FAILED: {got:.1f} % of elements and flows passed, --bpmn-cov-fail-under={wanted:g}"


def _report(text: str) -> tuple[_Writer, Path]:
    kind, _, path = text.partition(":")
    if kind not in _REPORTS:
        raise pytest.UsageError(
            f"--bpmn-cov-report: expected one of {', '.join(_REPORTS)}, got {kind!r}"
        )
    write, default = _REPORTS[kind]
    return write, Path(path or default)


def _bpmn_files(paths: str, root: Path) -> list[Path]:
    return [file for text in paths.split(",") if text for file in _files_at(Path(text), root)]


def _files_at(path: Path, root: Path) -> list[Path]:
    if not path.exists():
        raise pytest.UsageError(f"--bpmn-cov: no such file or folder: {path} (in {root})")
    return sorted(path.rglob("*.bpmn")) if path.is_dir() else [path]
