"""The diagram and the code fit each other, as ``workflow check`` says on the command line."""

from workflow_devkit.testing import assert_contract

from {{ cookiecutter.__package }}.main import build


def test_diagram_and_handlers_fit() -> None:
    assert_contract(build())
