"""The diagram and the code use the same names."""

import re

from {{ cookiecutter.__package }}.constants import PROCESS_ID, Event, Task
from {{ cookiecutter.__package }}.diagrams import DIAGRAM
from {{ cookiecutter.__package }}.main import build

TEXT = DIAGRAM.read_text(encoding="utf-8")


def test_every_task_of_the_diagram_has_a_constant() -> None:
    assert set(re.findall(r'taskDefinition type="([^"]+)"', TEXT)) == set(Task)


def test_every_task_has_a_handler() -> None:
    assert set(build().job_types) == set(Task)


def test_every_message_of_the_diagram_has_a_constant() -> None:
    assert set(re.findall(r'<bpmn:message id="\w+" name="([^"]+)"', TEXT)) == set(Event)


def test_the_process_has_the_name_that_the_code_starts() -> None:
    assert f'<bpmn:process id="{PROCESS_ID}"' in TEXT
