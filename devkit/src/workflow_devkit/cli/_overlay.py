"""What is drawn over a diagram, read from a JSON file or asked from Operate."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from workflow_devkit.render import Overlay
from workflow_devkit.render.gateway_flows import taken_behind_gateways
from workflow_runtime.bpmn.parser import parse_file
from workflow_runtime.cli.exits import UsageError
from workflow_runtime.cli.operate import with_operate

if TYPE_CHECKING:
    from workflow_runtime.alerts.operate import OperateClient

_Counts = dict[str, Annotated[int, Field(ge=0)]]


class _Marks(BaseModel):
    model_config = ConfigDict(extra="forbid")

    counts: _Counts = {}
    tokens: _Counts = {}
    incidents: _Counts = {}


class _Part(BaseModel):
    id: str
    hits: int


class _Diagram(BaseModel):
    file: str
    elements: list[_Part]
    flows: list[_Part]


class _Report(BaseModel):
    """The JSON report of ``pytest --bpmn-cov``."""

    diagrams: list[_Diagram]


def read_overlay(path: Path, diagram: Path) -> Overlay:
    """Reads counts for a diagram from a file of counts or from a coverage report.

    Raises:
        UsageError: it cannot be read, or holds something else.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(data, dict) and "diagrams" in data:
            return _of_report(_Report.model_validate(data), path, diagram)
        marks = TypeAdapter(_Marks).validate_python(data)
    except OSError as error:
        raise UsageError(f"--counts {path}: {error.strerror}.") from None
    # Before ValueError, which it is too, as is the error of the JSON reader.
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(map(str, problem["loc"])) or "the file"
        raise UsageError(
            f"--counts {path}: {place}: {problem['msg']}; expected "
            '{"counts": {"elementId": 3}, "tokens": {…}, "incidents": {…}}.'
        ) from None
    except ValueError as error:
        raise UsageError(f"--counts {path}: no JSON: {error}.") from None
    return Overlay(marks.counts, marks.tokens, marks.incidents)


def _of_report(report: _Report, path: Path, diagram: Path) -> Overlay:
    # By file name: the report has no path for a diagram that only a test deployed.
    found = [each for each in report.diagrams if Path(each.file).name == diagram.name]
    if not found:
        known = ", ".join(each.file for each in report.diagrams) or "none"
        raise UsageError(f"--counts {path}: nothing about {diagram.name}; it has: {known}.")
    parts = [*found[0].elements, *found[0].flows]
    counts = {part.id: part.hits for part in parts}
    return Overlay(counts, expected=frozenset(counts))


def ask_overlay(instance: int, diagram: Path, operate: str) -> Overlay:
    """What a process instance did, asked from Operate.

    Raises:
        UsageError: no address of Operate, or the instance is of another diagram.
        CommandError: Operate cannot be reached, refuses, or does not know the instance.
    """

    async def ask(client: OperateClient) -> tuple[list[dict[str, Any]], list[str]]:
        return await client.element_statistics(instance), await client.taken_flows(instance)

    statistics, flows = with_operate(operate, ask)
    processes = parse_file(diagram).processes
    known = {element.id for process in processes for element in process.walk()}
    strange = [each["activityId"] for each in statistics if each["activityId"] not in known]
    if strange:
        raise UsageError(
            f"--instance {instance}: it passed {strange[0]!r}, which is not in {diagram.name}; "
            "name the diagram of its process, in its version."
        )
    passed = Counter({each["activityId"]: int(each["completed"]) for each in statistics})
    passed.update(flows)
    for process in processes:
        # `|` keeps the greater count: a flow that Operate does tell of is not counted twice.
        passed |= taken_behind_gateways(process, passed)
    return Overlay(
        passed,
        # An element with an incident is none of Operate's active ones; an instance waits there too.
        {each["activityId"]: int(each["active"]) + int(each["incidents"]) for each in statistics},
        {each["activityId"]: int(each["incidents"]) for each in statistics},
    )
