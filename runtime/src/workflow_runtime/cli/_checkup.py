"""What ``workflow doctor`` looks at, one function each."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from importlib.metadata import version
from importlib.util import find_spec

from workflow_runtime.cli._checkup_gateway import look_at_gateway
from workflow_runtime.cli._checkup_others import look_at_alerts, look_at_operate, look_at_outbox
from workflow_runtime.cli._finding import Finding
from workflow_runtime.cli._variables import PREFIXES
from workflow_runtime.extras import EXTRAS, how_to_install
from workflow_runtime.urls import redacted

_PACKAGES = ("zeebe-workflow-runtime", "pyzeebe", "grpcio", "protobuf", "pydantic")


def examine(address: str | None) -> Iterator[Finding]:
    """What is found about this machine, its environment and the servers, as it is found."""
    # From near to far: what is wrong first may be the reason for what is wrong later.
    looks: Iterable[Callable[[], Iterator[Finding]]] = (
        _python,
        _packages,
        _extras,
        _environment,
        lambda: look_at_gateway(address),
        look_at_operate,
        look_at_outbox,
        look_at_alerts,
    )
    for look in looks:
        for finding in look():
            # Whatever is found may have a URL with a password in it.
            yield replace(finding, detail=redacted(finding.detail))


def _python() -> Iterator[Finding]:
    yield Finding("python", "ok", f"{platform.python_version()} at {sys.executable}")


def _packages() -> Iterator[Finding]:
    yield Finding("packages", "ok", ", ".join(f"{name} {version(name)}" for name in _PACKAGES))


def _extras() -> Iterator[Finding]:
    present = [extra for extra, module in EXTRAS.items() if find_spec(module)]
    absent = [extra for extra in EXTRAS if extra not in present]
    yield Finding("extras", "ok", f"present: {', '.join(present) or 'none'}")
    if absent:
        example = f"{how_to_install(absent[0])} if you need it"
        yield Finding("extras", "note", f"absent: {', '.join(absent)}", example)


def _environment() -> Iterator[Finding]:
    # Names only: passwords and secrets are among the values.
    names = sorted(name for name in os.environ if name.startswith(PREFIXES))
    yield Finding("environment", "ok", f"set: {', '.join(names) or 'nothing'} (values not shown)")
