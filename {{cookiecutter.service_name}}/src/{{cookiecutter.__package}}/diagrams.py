"""Where the diagram is: beside the package when installed, in ``bpmn/`` in a checkout."""

from pathlib import Path
from typing import Final

from {{ cookiecutter.__package }}.constants import Process

PROCESS_ID: Final = Process.{{ cookiecutter.__process_id | constant }}
_INSTALLED = Path(__file__).parent / "bpmn"
_CHECKOUT = Path(__file__).parents[2] / "bpmn"
_NAME = "{{ cookiecutter.__package }}_process.bpmn"

DIAGRAM = (_INSTALLED if _INSTALLED.is_dir() else _CHECKOUT) / _NAME
