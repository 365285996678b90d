"""The module of names: valid, stable and formatted, whatever diagrams are called."""

import subprocess
import sys
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.diagrams import bpmn

from workflow_devkit.codegen.constants import module_of
from workflow_devkit.codegen.identifiers import constants_of, snake
from workflow_devkit.codegen.source import one_line, quoted
from workflow_runtime.bpmn.model import Definitions, Element, Kind, TaskDefinition
from workflow_runtime.bpmn.parser import parse

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)
RUFF = Path(sys.executable).with_name("ruff")


def run(source: str) -> dict[str, dict[str, str]]:
    space: dict[str, object] = {}
    exec(compile(source, "constants.py", "exec"), space)
    return {
        name: {member: str(each) for member, each in found.__members__.items()}
        for name, found in space.items()
        if isinstance(found, type) and issubclass(found, StrEnum) and found is not StrEnum
    }


def of_types(*types: str, process: str = "order") -> Definitions:
    element = Element(process, Kind.PROCESS, "process")
    for number, name in enumerate(types):
        task = Element(f"t{number}", Kind.SERVICE_TASK, "serviceTask", task=TaskDefinition(name))
        element.children[task.id] = task
    return Definitions("order.bpmn", (element,))


def diagram(text: str, process: str = "order") -> Definitions:
    return parse(bpmn(text, process), f"{process}.bpmn")


ORDER = """
    start s
    service t job=order_chargeCard
    boundary failed on=t error=CARD_REFUSED
    catch paid message=order_paid key==id
    throw told signal=order_closed
    service other job==typeOfTask
    end e
    s -> t -> paid -> told -> other -> e
    failed -> e
"""


def test_each_kind_of_name_has_a_class_of_its_own():
    assert run(module_of([diagram(ORDER)])) == {
        "Process": {"ORDER": "order"},
        "Task": {"CHARGE_CARD": "order_chargeCard"},
        "Event": {"PAID": "order_paid"},
        "Signal": {"CLOSED": "order_closed"},
        "Error": {"CARD_REFUSED": "CARD_REFUSED"},
    }


def test_the_order_of_files_and_elements_changes_nothing():
    here, there = of_types("a_x", "b_y"), of_types("b_y", "c_z", process="other")
    assert module_of([here, there]) == module_of([there, here])


def test_names_that_would_be_the_same_keep_their_process_and_then_get_numbers():
    found = constants_of(["order_ship", "stock_ship", "a-b", "a_b", "a.b"], ["order", "stock"], "T")
    assert found == {
        "a-b": "A_B_1",
        "a.b": "A_B_2",
        "a_b": "A_B_3",
        "order_ship": "ORDER_SHIP",
        "stock_ship": "STOCK_SHIP",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("createAccount", "create_account"),
        ("HTTPRequest", "http_request"),
        ("my2faProcess", "my2fa_process"),
        ("send e-mail!", "send_e_mail"),
        ("2fa", "task_2fa"),
        ("class", "class_"),
        ("__mro__", "mro"),
        ("отправитьПисьмо", "otpravit_pismo"),
        ("Größe", "grosse"),
        ("---", "task"),
    ],
)
def test_an_identifier_is_made_of(text, expected):
    assert snake(text, "task") == expected


@given(st.lists(NAMES, max_size=20))
def test_any_names_give_a_module_with_exactly_these_values(names):
    tasks = run(module_of([of_types(*names)])).get("Task", {})
    assert set(tasks.values()) == {name for name in names if not name.startswith("=")}


@given(NAMES)
def test_a_literal_is_the_text(text):
    assert eval(quoted(text)) == text


@pytest.mark.parametrize("line_length", [79, 88, 100])
def test_ruff_would_write_the_same(tmp_path, line_length):
    types = [
        "order_plain",
        'order_"quoted"',
        "order_it's",
        "order_both\"'",
        "order_\t\x00\U000e0001",
        "Заказ",
        *(f"order_{'x' * length}" for length in range(20, 140, 7)),
        *(f"order_a{'bC' * length}" for length in range(3, 60, 3)),
    ]
    file = tmp_path / "constants.py"
    file.write_text(module_of([of_types(*types)], line_length), encoding="utf-8", newline="\n")
    options = ["--isolated", "--line-length", str(line_length)]
    for command in (["format", "--diff"], ["check", "--select", "E,W,F,D2,D4,ISC,UP,N,I"]):
        done = subprocess.run(
            [RUFF, *command, *options, file], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("room", "expected"), [(4, "pack"), (3, "pa…"), (1, "…"), (0, "…"), (-9, "…")]
)
def test_a_text_of_a_diagram_is_cut_to_the_room_that_a_line_has(room, expected):
    assert one_line("pack", room) == expected
