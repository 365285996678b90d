"""The pytest plugin: options and fixtures.

Every run of pytest where the package is installed loads it: the imports inside of functions keep it
from loading anything else before a test asks for it.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from workflow_devkit.testing._environments.process_environment import ProcessEnvironment
    from workflow_devkit.testing._environments.task_environment import TaskEnvironment
    from workflow_runtime.config import WorkflowSettings


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
        const="",  # the option without PATHS: measure what the tests deploy
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


_KIT = frozenset({"process_environment", "task_environment"})
"""Fixtures whose tests bring the gateway themselves."""


def pytest_configure(config: pytest.Config) -> None:
    """Switches coverage on where it was asked for."""
    if _coverage_wanted(config):
        from workflow_devkit.testing._coverage.coverage_plugin import (  # noqa: PLC0415 - start-up time
            NAME,
            CoveragePlugin,
        )

        config.pluginmanager.register(CoveragePlugin(config), NAME)


def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Runs an async test that uses the kit, unless another plugin does.

    So these tests need no pytest-asyncio and no ``asyncio_mode``. What asks to be called first,
    as such plugins do for the tests that are theirs, has been asked before.
    """
    wanted = {"task_environment", "process_environment"} & {*pyfuncitem.fixturenames}
    if not wanted or not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    import asyncio  # noqa: PLC0415 - start-up time

    # A test is given fixtures that it does not take, such as those of its marks.
    names = inspect.signature(pyfuncitem.obj).parameters
    given = {name: pyfuncitem.funcargs[name] for name in names if name in pyfuncitem.funcargs}
    asyncio.run(pyfuncitem.obj(**given))
    return True


def _coverage_wanted(config: pytest.Config) -> bool:
    options = ("bpmn_cov", "bpmn_cov_fail_under")
    asked = any(config.getoption(name) is not None for name in options)
    return asked or bool(config.getoption("bpmn_cov_report"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Lets tests of the kit make builders whatever the environment says of another gateway."""
    if not _KIT.intersection(getattr(item, "fixturenames", ())):
        return (yield)
    from workflow_runtime.gateway.connect import nothing_connects  # noqa: PLC0415 - start-up time

    with nothing_connects():
        return (yield)


@pytest.fixture
def task_environment() -> TaskEnvironment:
    """Runs single handlers: ``outcome = await task_environment.run(handler, scope={...})``."""
    from workflow_devkit.testing._environments.task_environment import TaskEnvironment  # noqa: PLC0415 - start-up time

    return TaskEnvironment()


@pytest.fixture
def process_environment(request: pytest.FixtureRequest) -> ProcessEnvironment:
    """Runs whole processes on the embedded engine, or on the broker at ``--workflow-address``.

    ``async with process_environment(builder) as process:``
    """
    from workflow_devkit.testing._environments.backends import (  # noqa: PLC0415 - start-up time
        BrokerBackend,
    )
    from workflow_devkit.testing._environments.process_environment import (  # noqa: PLC0415
        ProcessEnvironment,
    )

    address = _option(request, "--workflow-address", "ZEEBE_ADDRESS")
    if not address:
        return ProcessEnvironment()
    records = _option(request, "--workflow-records", "ZEEBE_RECORDS")
    monitoring = _option(request, "--workflow-monitoring", "ZEEBE_MONITORING")

    def broker(settings: WorkflowSettings) -> BrokerBackend:
        # Only the address is the test run's: credentials come from the service's own settings.
        there = settings.model_copy(update={"address": address})
        return BrokerBackend(there, records, monitoring, pytest.skip)

    return ProcessEnvironment(broker)


def _option(request: pytest.FixtureRequest, option: str, variable: str) -> str:
    return request.config.getoption(option) or os.environ.get(variable, "").strip()
