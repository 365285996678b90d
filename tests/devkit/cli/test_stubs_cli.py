"""`workflow stubs`: skeletons that pass linters and types at once, and tests once written."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.diagrams import bpmn
from typer.testing import CliRunner

from workflow_runtime.cli._app import app

BIN = Path(sys.executable).parent
RUNTIME = Path(__file__).resolve().parents[3] / "runtime" / "src"
DIAGRAM = """
    start s
    service card job=order_chargeCard in.orderId==o.id in.limit==10 in.mail.to==x out.paid==isOk
    service second job=order_class
    service third job=other_copy in.copy==a in.class==true in.aB==1.5 in.a_b=text
    service fourth job=order_theTask in.theValue==x
    service fifth job==computed
    end e
    s -> card -> second -> third -> fourth -> fifth -> e
"""
UNUSUAL = ["x", "aTaskWhoseNameIs" + "VeryLong" * 4, "V" * 50, "деньги", "2fa"]
PROJECT = """
[tool.ruff]
line-length = {length}
[tool.ruff.lint]
select = ["A", "ANN", "ARG", "B", "D", "E", "F", "I", "N", "PL", "RUF", "S", "UP", "W"]
ignore = ["D100", "D104", "RUF001", "RUF002"]
[tool.ruff.lint.per-file-ignores]
"tests/**" = ["D", "S101"]
[tool.ruff.lint.pydocstyle]
convention = "google"
[tool.mypy]
strict = true
files = ["src", "tests"]
mypy_path = "src"
[tool.pytest.ini_options]
asyncio_mode = "auto"
addopts = ["--import-mode=importlib"]
pythonpath = ["src"]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    package = tmp_path / "src" / "shop" / "handlers"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").touch()
    (package / "__init__.py").touch()
    (tmp_path / "tests").mkdir()
    write(tmp_path, DIAGRAM)
    return tmp_path


def write(project: Path, diagram: str, length: int = 100) -> None:
    (project / "order.bpmn").write_bytes(bpmn(diagram, "order"))
    (project / "pyproject.toml").write_text(PROJECT.format(length=length))


def stubs(*arguments: str):
    result = CliRunner().invoke(app, ["stubs", "order.bpmn", "-o", "src/shop/handlers", *arguments])
    assert result.exit_code == 0, result.output
    return result


def tool(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    paths = f"{RUNTIME}{os.pathsep}{project / 'src'}"
    return subprocess.run(
        [BIN / command[0], *command[1:]],
        cwd=project,
        env={**os.environ, "MYPYPATH": paths, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def passes(project: Path, *command: str) -> None:
    done = tool(project, *command)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("length", [79, 88, 100])
def test_what_is_written_passes_the_linter_and_is_formatted(project, length):
    tasks = [
        f"service t{number} job=order_{name} in.{name}==a in.my{name}==b out.y=={name}2"
        for number, name in enumerate(UNUSUAL)
    ]
    write(project, "\n".join([DIAGRAM.strip("\n"), *(f"    {task}" for task in tasks)]), length)
    stubs()
    passes(project, "ruff", "check", "--no-cache", ".")
    passes(project, "ruff", "format", "--diff", "--no-cache", ".")


@pytest.mark.slow
def test_what_is_written_passes_mypy_and_its_tests_fail_until_it_is_filled_in(project):
    stubs()
    passes(project, "mypy")
    done = tool(project, "python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert "4 failed" in done.stdout, done.stdout + done.stderr
    assert "NotImplementedError" in done.stdout
    for file in (project / "src" / "shop" / "handlers").glob("[!_]*.py"):
        result = "-> None" in file.read_text()
        name = "None" if result else file.read_text().split(" -> ")[1].split(":")[0]
        value = "None" if result else f"{name}.model_construct()"
        file.write_text(file.read_text().replace("raise NotImplementedError", f"return {value}"))
    passes(project, "python", "-m", "pytest", "-q", "-p", "no:cacheprovider")


def test_the_scope_is_typed_by_the_input_mappings(project):
    stubs()
    text = (project / "src" / "shop" / "handlers" / "charge_card.py").read_text()
    assert '    order_id: JsonValue = Field(alias="orderId")\n    mail: dict' not in text
    assert '    order_id: JsonValue = Field(alias="orderId")\n' in text
    assert "    limit: int\n" in text
    assert "    mail: dict[str, JsonValue]\n" in text
    assert "class ChargeCardResult(BaseModel):" in text
    assert '    is_ok: JsonValue = Field(serialization_alias="isOk")\n' in text
    assert "def charge_card(scope: ChargeCardScope) -> ChargeCardResult:" in text


def test_what_the_diagram_sets_before_is_named(project):
    stubs()
    text = (project / "src" / "shop" / "handlers" / "class_.py").read_text()
    assert "set before: paid." in text


def test_files_that_are_there_stay_as_they_are(project):
    own = project / "src" / "shop" / "handlers" / "charge_card.py"
    own.write_text("mine\n")
    found = json.loads(stubs("--json").stdout)
    assert own.read_text() == "mine\n"
    assert found["kept"] == ["src/shop/handlers/charge_card.py"]
    assert {"tests/conftest.py", "tests/test_charge_card.py"} <= {*found["written"]}
    again = json.loads(stubs("--json").stdout)
    assert again["written"] == []
    assert len(again["kept"]) == 9


def test_tasks_that_have_handlers_or_are_of_others_are_left_out(project):
    (project / "wiring.py").write_text(
        "from workflow_runtime import WorkflowBuilder\n"
        "def build():\n"
        "    builder = WorkflowBuilder('shop').with_external('other_*', '*_theTask')\n"
        "    return builder.with_handler('order_chargeCard', lambda task: None)\n"
    )
    found = stubs("--builder", "wiring:build")
    assert "Register them:\n    builder.with_handler('order_class', class_)\n" in found.stdout
    files = sorted(path.name for path in (project / "src" / "shop" / "handlers").iterdir())
    assert files == ["__init__.py", "class_.py"]


def test_a_folder_that_cannot_be_imported_is_refused(project):
    result = CliRunner().invoke(app, ["stubs", "order.bpmn", "-o", "my-handlers"])
    assert result.exit_code == 2
    assert "src/my_service/handlers" in result.output
    assert not (project / "my-handlers").exists()
