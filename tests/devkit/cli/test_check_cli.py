"""`workflow check`: what handlers and modules of a service say is read from its code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.diagrams import bpmn

from workflow_devkit.check.compare import RULES

DIAGRAM = """
    start s
    service charge job=order_charge retries=3
    catch paid message=order_paid key==orderId
    service ship job=order_ship
    boundary gone on=ship error=GONE
    service other job=stock_reserve
    end e
    s -> charge -> paid -> ship -> other -> e
    gone -> e
"""
SERVICE = """
from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from workflow_runtime import BpmnError, TaskHandlerConfig, WorkflowBuilder, WorkflowEvent


class Scope(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, serialize_by_alias=True, validate_by_name=True
    )


class Start(Scope):
    order_id: str


class Parcel(Scope):
    order_id: str
    address_line: str


class Code(StrEnum):
    GONE = "GONE"


class Refused(BpmnError):
    def __init__(self) -> None:
        super().__init__("REFUSED")


class Paid(WorkflowEvent):
    event_name = "order_payed"
    key_field = "order_id"
    order_id: str


def charge(scope: Parcel) -> None:
    refuse()


def refuse() -> None:
    raise Refused


class Ship:
    def handle(self, scope: Start) -> None:
        self.look()

    def look(self) -> None:
        raise BpmnError(Code.GONE)


def build() -> WorkflowBuilder:
    builder = WorkflowBuilder("orders")
    builder.with_process("order.bpmn")
    builder.with_handler("order_charge", charge, TaskHandlerConfig(incident_max_retries=9))
    builder.with_handler("order_ship", Ship())
    return builder
"""
PROJECT = """
[tool.workflow.check]
external = ["stock_*"]
starts = { order = "orders:Start" }
"""


@pytest.fixture
def service(tmp_path: Path) -> Path:
    (tmp_path / "order.bpmn").write_bytes(bpmn(DIAGRAM, "order"))
    (tmp_path / "orders.py").write_text(SERVICE)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    return tmp_path


def check(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workflow_runtime.cli", "check", "orders:build", *arguments],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def findings(folder: Path) -> dict[str, dict[str, object]]:
    done = check(folder, "--json")
    assert done.returncode in {0, 1}, done.stderr
    found = json.loads(done.stdout)
    assert len({each["rule"] for each in found}) == len(found)
    return {each["rule"]: each for each in found}


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.mark.slow
def test_everything_that_does_not_fit_is_found_in_the_code(service: Path):
    found = findings(service)
    assert {rule: each["severity"] for rule, each in found.items()} == {
        "retries-twice": "warning",
        "uncaught-error": "error",
        "missing-variable": "error",
        "unawaited-event": "warning",
        "unpublished-event": "info",
    }
    assert found["uncaught-error"]["element"] == "charge"
    assert "'REFUSED'" in found["uncaught-error"]["message"]
    assert found["missing-variable"]["element"] == "charge"
    assert "'addressLine'" in found["missing-variable"]["message"]
    assert found["unawaited-event"]["file"] == "orders.py"
    assert check(service).returncode == 1


def test_a_service_that_fits_exits_with_0_and_says_so(service: Path):
    code = service / "orders.py"
    change(code, "order_payed", "order_paid")
    change(code, "    refuse()\n", "    return None\n")
    change(code, "    address_line: str\n", "")
    change(code, "9)", "3)")
    done = check(service)
    assert (done.returncode, done.stdout.strip()) == (
        0,
        "orders:build: 2 handlers and 1 diagram fit",
    )


def test_the_text_names_file_line_element_rule_and_remedy(service: Path):
    lines = check(service).stdout.splitlines()
    assert lines[0] == "order.bpmn"
    (retries,) = [line for line in lines if "retries-twice" in line]
    assert retries.split()[1:3] == ["warning", "charge:"]
    assert lines[lines.index(retries) + 1].strip().startswith("-> say it in one place")


def test_a_rule_can_be_another_severity_or_off(service: Path):
    with (service / "pyproject.toml").open("a") as file:
        file.write('rules = { missing-variable = "info", retries-twice = "off" }\n')
    found = findings(service)
    assert found["missing-variable"]["severity"] == "info"
    assert "retries-twice" not in found


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ('rules = { retry-twice = "off" }', "did you mean 'retries-twice'?"),
        ("externals = []", "externals: no such setting"),
        ('starts = { order = "orders:Strat" }', "[tool.workflow.check.starts] order"),
        ("rules = ", "pyproject.toml: "),
    ],
)
@pytest.mark.slow
def test_a_wrong_configuration_is_told_in_one_line(service: Path, setting: str, words: str):
    (service / "pyproject.toml").write_text(f"[tool.workflow.check]\n{setting}\n")
    done = check(service)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_service_without_diagrams_is_told_what_to_do(service: Path):
    change(service / "orders.py", '    builder.with_process("order.bpmn")\n', "")
    done = check(service)
    assert done.returncode == 1
    assert "builder.with_process" in done.stderr


@pytest.mark.slow
def test_code_hosts_get_their_own_form(service: Path):
    github = check(service, "--format", "github").stdout.splitlines()
    assert any(line.startswith("::error file=order.bpmn,line=6,") for line in github)
    sarif = json.loads(check(service, "--format", "sarif").stdout)
    results = sarif["runs"][0]["results"]
    assert {each["ruleId"] for each in results} >= {"uncaught-error", "retries-twice"}


def test_the_rules_are_listed_without_a_service(tmp_path: Path):
    command = [sys.executable, "-m", "workflow_runtime.cli", "check", "--list-rules"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    names = [line.split()[0] for line in done.stdout.splitlines()]
    assert names == list(RULES)
