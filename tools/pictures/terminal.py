"""Pictures of the terminal: what commands print about a service that has gone wrong."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

WIDTH: Final = 132
_FONTS = re.compile(r"\s*@font-face \{.*?\}\n", re.DOTALL)
"""Rich's own would be fetched from elsewhere by whoever looks at the picture."""
_SERVICE = """
from workflow_runtime import WorkflowBuilder


async def charge(task):
    return {"charged": True}


builder = WorkflowBuilder("shop").with_process("bpmn")
builder.with_handler("order_chrage", charge)
"""
_DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="shop">
  <bpmn:process id="order" name="Order" isExecutable="true">
    <bpmn:startEvent id="placed" name="Order placed">
      <bpmn:outgoing>toCharge</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:serviceTask id="charge" name="Charge the card">
      <bpmn:extensionElements>
        <zeebe:taskDefinition type="order_charge" />
      </bpmn:extensionElements>
      <bpmn:incoming>toCharge</bpmn:incoming>
      <bpmn:outgoing>toIsLarge</bpmn:outgoing>
    </bpmn:serviceTask>
    <bpmn:exclusiveGateway id="isLarge" name="Large order?">
      <bpmn:incoming>toIsLarge</bpmn:incoming>
      <bpmn:outgoing>large</bpmn:outgoing>
      <bpmn:outgoing>small</bpmn:outgoing>
    </bpmn:exclusiveGateway>
    <bpmn:endEvent id="byHand" name="By hand"><bpmn:incoming>large</bpmn:incoming></bpmn:endEvent>
    <bpmn:endEvent id="done" name="Done"><bpmn:incoming>small</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="toCharge" sourceRef="placed" targetRef="charge" />
    <bpmn:sequenceFlow id="toIsLarge" sourceRef="charge" targetRef="isLarge" />
    <bpmn:sequenceFlow id="large" sourceRef="isLarge" targetRef="byHand">
      <bpmn:conditionExpression>=amount &gt;&gt; 100</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="small" sourceRef="isLarge" targetRef="done">
      <bpmn:conditionExpression>=amount &lt;= 100</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
  </bpmn:process>
</bpmn:definitions>
"""
_COMMANDS: Final = {
    "terminal-lint.svg": ("lint", "draft"),
    "terminal-check.svg": ("check", "shop:builder"),
}


def terminals() -> Mapping[str, str]:
    """The SVG pictures by file name."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name, text in {"draft": _DIAGRAM, "bpmn": _DIAGRAM.replace("&gt;&gt;", "&gt;")}.items():
            (place / name).mkdir()
            (place / name / "order.bpmn").write_text(text, encoding="utf-8")
        (place / "shop.py").write_text(_SERVICE, encoding="utf-8")
        return {name: _picture(place, command) for name, command in _COMMANDS.items()}


def _picture(folder: Path, command: tuple[str, ...]) -> str:
    typed = f"$ workflow {' '.join(command)}\n"
    console = Console(record=True, width=WIDTH, file=io.StringIO(), legacy_windows=False)
    console.print(Text.from_ansi(typed + _output(folder, command)), end="")
    svg = console.export_svg(title=f"workflow {command[0]}", unique_id=command[0])
    return _FONTS.sub("\n", svg) + "\n"


def _output(folder: Path, command: tuple[str, ...]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "workflow_runtime.cli", *command],
        cwd=folder,
        env=os.environ | {"FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "NO_COLOR": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 1 or done.stderr:  # 1: there are findings
        raise RuntimeError(f"workflow {' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout
