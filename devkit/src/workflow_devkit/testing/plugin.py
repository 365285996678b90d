"""The pytest plugin: options and fixtures. Imports nothing of the runtime until it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from workflow_devkit.testing._process import ProcessEnvironment
    from workflow_devkit.testing._task import TaskEnvironment


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options of the test kit."""
    group = parser.getgroup("workflow", "BPMN processes (zeebe-workflow-runtime)")
    group.addoption(
        "--workflow-address",
        help="run process tests on the broker at this address (also ZEEBE_ADDRESS); "
        "without it, on the embedded engine",
    )
    group.addoption(
        "--workflow-monitoring",
        help="the broker's management port, to move its clock (also ZEEBE_MONITORING), "
        "such as http://127.0.0.1:9600",
    )
    group.addoption(
        "--workflow-records",
        help="where the broker's exporter puts its records: the address of Elasticsearch, such as "
        "http://127.0.0.1:9200, or a file with one JSON object a line (also ZEEBE_RECORDS)",
    )
    group.addoption(
        "--bpmn-cov",
        nargs="?",
        const="",
        metavar="PATHS",
        help="measure which elements and flows of the diagrams were passed; PATHS (files or "
        "folders, comma-separated) adds diagrams that no test deployed",
    )
    group.addoption(
        "--bpmn-cov-report",
        action="append",
        default=[],
        metavar="KIND[:PATH]",
        help="html, json or xml (Cobertura), where to; may be repeated",
    )
    group.addoption(
        "--bpmn-cov-fail-under",
        type=float,
        metavar="PERCENT",
        help="fail the run when less than this share of elements and flows was passed",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Switches coverage on where it was asked for."""
    if _coverage_wanted(config):
        from workflow_devkit.testing._coverage import plugin  # noqa: PLC0415 - start-up time

        config.pluginmanager.register(plugin.CoveragePlugin(config), plugin.NAME)


def _coverage_wanted(config: pytest.Config) -> bool:
    options = ("bpmn_cov", "bpmn_cov_fail_under")
    asked = any(config.getoption(name) is not None for name in options)
    return asked or bool(config.getoption("bpmn_cov_report"))


@pytest.fixture
def task_environment() -> TaskEnvironment:
    """Runs single handlers: ``outcome = await task_environment.run(handler, scope={...})``."""
    from workflow_devkit.testing._task import TaskEnvironment  # noqa: PLC0415 - start-up time

    return TaskEnvironment()


@pytest.fixture
def process_environment(request: pytest.FixtureRequest) -> ProcessEnvironment:
    """Runs whole processes; see `ProcessEnvironment` for how."""
    from workflow_devkit.testing._process import environment_for  # noqa: PLC0415 - start-up time

    return environment_for(request)
