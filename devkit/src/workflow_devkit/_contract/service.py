"""A service as its diagrams see it, and what does not fit."""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from types import ModuleType
from typing import Any

from workflow_devkit._contract.config import CheckConfig, config_at
from workflow_devkit._contract.errors import codes_in, codes_of
from workflow_devkit._contract.events import named_events, typed_events
from workflow_devkit._contract.models import given_by_result, needed_by
from workflow_devkit._contract.source import module_piece
from workflow_devkit.contract import Code, HandlerFacts, check
from workflow_devkit.findings import Finding, Severity, in_order
from workflow_runtime._worker.subscription import Subscription
from workflow_runtime.bpmn.parser import parse_file
from workflow_runtime.builder import WorkflowBuilder
from workflow_runtime.handlers import plain_function

__all__ = ["check_service", "findings_of"]


def check_service(
    builder: WorkflowBuilder, config: CheckConfig | None = None
) -> tuple[Finding, ...]:
    """What does not fit between a service's diagrams and handlers; nothing is started for it.

    Without ``config`` the nearest pyproject.toml, from the working directory upwards, says what
    is wanted.

    Raises:
        ConfigurationError: the project's configuration cannot be read.
    """
    return findings_of(
        builder.diagrams,
        builder.subscriptions,
        builder.external,
        config or config_at(Path.cwd()),
    )


def findings_of(
    paths: Sequence[Path],
    subscriptions: Sequence[Subscription],
    external: Iterable[str],
    config: CheckConfig,
) -> tuple[Finding, ...]:
    """What does not fit between these diagrams and these handlers.

    Raises:
        DiagramError: a file is no BPMN diagram.
        ConfigurationError: the configuration names a model that is not there.
    """
    modules = list(_modules(subscriptions))
    pieces = [piece for module in modules if (piece := module_piece(module))]
    events = [*named_events(pieces), *typed_events(modules)]
    code = Code(
        handlers={each.job_type: _facts(each) for each in subscriptions},
        events={event.name: event for event in events},
        external=(*external, *config.external),
        starts=config.start_models(),
        raised=codes_in(pieces),
    )
    found = (_near(finding) for finding in check([parse_file(path) for path in paths], code))
    return in_order(each for finding in found if (each := _as_configured(finding, config)))


def _facts(subscription: Subscription) -> HandlerFacts:
    handler = subscription.handler
    function = plain_function(handler.function)
    place = getattr(_innermost(function), "__code__", None)
    return HandlerFacts(
        job_type=subscription.job_type,
        name=handler.name,
        file=place.co_filename if place else "",
        line=place.co_firstlineno if place else 0,
        asks=tuple(names for _, model in handler.models for names in needed_by(model)),
        gives=given_by_result(handler.result),
        raises=codes_of(function),
        attempts=subscription.config.incident_max_retries,
    )


def _innermost(function: Callable[..., Any]) -> Any:
    return inspect.unwrap(getattr(function, "__func__", function))


def _modules(subscriptions: Iterable[Subscription]) -> Iterator[ModuleType]:
    """Everything that is loaded of the packages in which the handlers are."""
    names = {plain_function(each.handler.function).__module__ for each in subscriptions}
    packages = tuple(f"{_package(name)}." for name in names if name)
    for name, module in sorted(sys.modules.items()):
        if isinstance(module, ModuleType) and f"{name}.".startswith(packages):
            yield module


def _package(name: str) -> str:
    """The outermost package of a module; folders without ``__init__`` bind nothing together."""
    homes = accumulate(name.split("."), "{}.{}".format)
    return next((each for each in homes if getattr(sys.modules.get(each), "__file__", None)), name)


def _near(finding: Finding) -> Finding:
    """The file as seen from the working directory, if it is below it."""
    file = Path(finding.file)
    if not file.is_absolute() or not file.is_relative_to(Path.cwd()):
        return finding
    return dataclasses.replace(finding, file=str(file.relative_to(Path.cwd())))


def _as_configured(finding: Finding, config: CheckConfig) -> Finding | None:
    wanted = config.rules.get(finding.rule)
    if wanted is None:
        return finding
    return None if wanted == "off" else dataclasses.replace(finding, severity=Severity(wanted))
