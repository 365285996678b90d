"""A test in one line: diagrams and handlers fit each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow_devkit.check.service_findings import check_service
from workflow_devkit.findings import Severity
from workflow_runtime.visible import visible

if TYPE_CHECKING:
    from workflow_runtime.builder import WorkflowBuilder

__all__ = ["assert_contract"]


def assert_contract(builder: WorkflowBuilder) -> None:
    """Fails where ``workflow check`` finds errors or warnings; names each with its remedy.

    ``[tool.workflow.check]`` in pyproject.toml and `WorkflowBuilder.with_external` say what is
    of other services.

    Args:
        builder: the service, with its handlers and diagrams.

    Raises:
        AssertionError: something does not fit, or the builder declares no process.
    """
    __tracebackhide__ = True
    if not builder.diagrams:
        raise AssertionError("the builder declares no process: builder.with_process('bpmn')")
    found = [each for each in check_service(builder) if each.severity.at_least(Severity.WARNING)]
    if found:
        lines = "\n".join(f"  {finding.severity}: {finding}" for finding in found)
        raise AssertionError(visible(f"diagrams and handlers do not fit:\n{lines}"))
