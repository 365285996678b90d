"""Which SVG pictures the documentation shows, and what they are drawn from."""

from __future__ import annotations

import asyncio
import copy
import re
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tools.pictures.terminal import terminals
from workflow_devkit.render import Overlay, render_svg
from workflow_devkit.render.gateway_flows import taken_behind_gateways
from workflow_devkit.testing import Process, ProcessEnvironment
from workflow_devkit.testing._observed.entries import InstanceEntry
from workflow_devkit.testing._observed.instance_picture import draw
from workflow_runtime import WorkflowBuilder, WorkflowIncident, WorkflowTask
from workflow_runtime.bpmn.model import Definitions, Diagram
from workflow_runtime.bpmn.parser import parse

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "docs" / "pictures"
_TEMPLATE = "{{cookiecutter.service_name}}/bpmn/{{cookiecutter.__package}}_process.bpmn"
_PLACEHOLDER = re.compile(r"\{\{\s*cookiecutter\.__process_id\s*\}\}")
_PREFIX = "registrationService"
_LATE = ("Ann", "Bob")
_CONFIRMED = ("Cat", "Dan", "Gus")
_WAITING = ("Eve", "Fay")


def pictures() -> Mapping[str, str]:
    """The SVG pictures by file name."""
    process = _registration()
    unplaced = Definitions("registration.bpmn", process.processes, diagram=Diagram())
    entries = asyncio.run(_play())
    return {
        "registration.svg": render_svg(process),
        "registration-laid-out.svg": render_svg(unplaced),
        "registration-instances.svg": draw(process, entries),
        "registration-coverage.svg": render_svg(process, _coverage(process, entries)),
    }


def write() -> list[Path]:
    """Draws all of them; returns those that changed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, svg in {**pictures(), **terminals()}.items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != svg:
            path.write_text(svg, encoding="utf-8", newline="\n")
            changed.append(path)
    return changed


def _text() -> str:
    text = (ROOT / _TEMPLATE).read_text(encoding="utf-8")
    return _PLACEHOLDER.sub(_PREFIX, text)


def _registration() -> Definitions:
    return parse(_text().encode(), "registration.bpmn")


async def _play() -> Sequence[InstanceEntry]:
    """What the users' instances do on the embedded engine."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "registration.bpmn"
        path.write_text(_text(), encoding="utf-8")
        async with ProcessEnvironment()(_service(path)) as process:
            for user in (*_LATE, *_CONFIRMED, *_WAITING):
                await _register(process, user)
            await process.clock.advance(hours=2)
            await process.wait_idle()
            return copy.deepcopy([*process.journal.instances.values()])


async def _register(process: Process, user: str) -> None:
    timeout = "PT1H" if user in _LATE else "P1D"
    plan = "premium" if user == "Cat" else "basic"
    scope = {"userId": user, "confirmationTimeout": timeout, "plan": plan}
    await process.start(_PREFIX, scope)
    await process.wait_idle()
    if user in _CONFIRMED:
        await process.publish(f"{_PREFIX}_emailConfirmed", correlation_key=user)
        await process.wait_idle()


def _service(path: Path) -> WorkflowBuilder:
    builder = WorkflowBuilder("registration", "embedded://").with_process(path)
    for task in ("createAccount", "sendConfirmation", "createProfile", "sendWelcome",
                 "removeAccount"):  # fmt: skip
        builder.with_handler(f"{_PREFIX}_{task}", _done)
    return builder.with_handler(f"{_PREFIX}_grantBonus", _refused)


async def _done(_: WorkflowTask) -> None:
    """Everything went well."""


async def _refused(_: WorkflowTask) -> None:
    raise WorkflowIncident("the bonus account is closed")


def _coverage(process: Definitions, entries: Sequence[InstanceEntry]) -> Overlay:
    """As if the instances were those of a test run, which left out those whose time was over."""
    (root,) = process.processes
    tested = [entry for entry in entries if "confirmationTimedOut" not in entry.path]
    passed = Counter(key for entry in tested for key in (*entry.path, *entry.taken))
    passed |= taken_behind_gateways(root, passed)
    return Overlay(passed, expected=frozenset((*root.children, *root.flows)))
