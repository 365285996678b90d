"""What does not fit between a service's diagrams and its handlers, as the project wants it told."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from workflow_devkit.check.check_config import CheckConfig, config_at
from workflow_devkit.check.compare import compare
from workflow_devkit.check.read_service import read_service
from workflow_devkit.findings import Finding, Severity, in_order
from workflow_runtime.bpmn.parser import parse_file
from workflow_runtime.builder import WorkflowBuilder
from workflow_runtime.diagrams import identities

__all__ = ["check_service"]


def check_service(
    builder: WorkflowBuilder, config: CheckConfig | None = None
) -> tuple[Finding, ...]:
    """What does not fit between a service's diagrams and its handlers, by file and line.

    Nothing of the service is started or run for it.

    Args:
        builder: the service, with its processes and handlers.
        config: what the project wants; None takes it from the nearest pyproject.toml, from the
            working directory upwards, or where that says nothing, from the handlers' code upwards.

    Raises:
        DiagramError: a file is no BPMN diagram any more.
        ConfigurationError: the configuration cannot be read, or names a model that is not there.
    """
    config = config or _config_of(builder)
    external = (*builder.external, *config.external)
    service = read_service(builder.subscriptions, external, config.start_models())
    linked = (identities(each) for each in builder.resources if not each.is_diagram)
    service = dataclasses.replace(service, linked=frozenset().union(*linked))
    found = compare([parse_file(path) for path in builder.diagrams], service)
    wanted = (_as_configured(_near(finding), config) for finding in found)
    return in_order(finding for finding in wanted if finding)


def _config_of(builder: WorkflowBuilder) -> CheckConfig:
    """What the project says in which one works, or else the one that the service's code is of."""
    # A service is started anywhere: what its project says of it holds there too.
    functions = (each.handler.function for each in builder.subscriptions)
    names = (str(getattr(each, "__module__", "")) for each in functions)
    files = (getattr(sys.modules.get(name), "__file__", None) for name in names)
    homes = dict.fromkeys(Path(file).parent for file in files if file)
    said = (config_at(folder) for folder in (Path.cwd(), *homes))
    return next((config for config in said if config.model_fields_set), CheckConfig())


def _near(finding: Finding) -> Finding:
    """The file as seen from the working directory, if it is below it."""
    # Python knows handlers by absolute paths; people read and click relative ones.
    file = Path(finding.file)
    if not file.is_absolute() or not file.is_relative_to(Path.cwd()):
        return finding
    return dataclasses.replace(finding, file=str(file.relative_to(Path.cwd())))


def _as_configured(finding: Finding, config: CheckConfig) -> Finding | None:
    wanted = config.rules.get(finding.rule)
    if wanted is None:
        return finding
    # The severity may depend on the case (`unawaited-event`); what the project says counts for all.
    return None if wanted == "off" else dataclasses.replace(finding, severity=Severity(wanted))
