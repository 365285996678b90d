"""Tests of the kit and of `workflow stubs` in folders that nobody has set up for pytest."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.diagrams import bpmn
from typer.testing import CliRunner

from workflow_runtime.cli._app import app

pytestmark = pytest.mark.slow

PYTEST = Path(sys.executable).with_name("pytest")
ALONE = ("-p", "no:asyncio", "-p", "no:anyio")
"""As where only the devkit is installed."""
OTHERS = {
    "the devkit alone": ALONE,
    "pytest-asyncio, which takes marked tests only": ("-o", "asyncio_mode=strict"),
    "pytest-asyncio for all": ("-o", "asyncio_mode=auto"),
}
TESTS = """
import asyncio
import pytest

async def double(task):
    await asyncio.sleep(0)
    return {"number": task.get_scope_variable("number") * 2}

async def test_a_function(task_environment):
    assert (await task_environment.run(double, scope={"number": 4})).scope == {"number": 8}

class TestClass:
    @pytest.mark.parametrize("number", [1, 2])
    async def test_a_method(self, task_environment, tmp_path, number):
        assert tmp_path.is_dir()
        assert (await task_environment.run(double, scope={"number": number})).kind == "completed"

@pytest.fixture
def kit(process_environment):
    return process_environment

async def test_a_fixture_of_their_own(kit):
    assert kit is not None

async def test_one_that_is_wrong(task_environment):
    assert (await task_environment.run(double, scope={"number": 4})).kind == "incident"
"""
DIAGRAM = """
    start s
    service card job=order_chargeCard in.orderId==o.id
    service odd job=order_2fa/über-prüfen
    service other job=json
    end e
    s -> card -> odd -> other -> e
"""


def pytest_in(folder, *options):
    done = subprocess.run(
        [PYTEST, "-q", "-p", "no:cacheprovider", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.stdout + done.stderr


def counted(said):
    """What pytest's last line counts: ``{"failed": 1, "passed": 3}``."""
    (line,) = re.findall(r"^\d+ .* in [\d.]+s.*$", said, re.MULTILINE)
    return {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", line)}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    # A folder that pytest takes for the root of a project, whatever is around it.
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "order.bpmn").write_bytes(bpmn(DIAGRAM, "order"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stubs(*arguments):
    result = CliRunner().invoke(app, ["stubs", "order.bpmn", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def fill(handlers):
    for file in handlers.glob("[!_]*.py"):
        file.write_text(file.read_text().replace("raise NotImplementedError", "return None"))


@pytest.mark.parametrize("options", OTHERS.values(), ids=OTHERS)
def test_async_tests_of_the_kit_run_without_any_setting(folder, options):
    (folder / "test_it.py").write_text(TESTS)
    said = pytest_in(folder, *options)
    found = counted(said)
    assert (found["failed"], found["passed"]) == (1, 4), said
    assert "test_one_that_is_wrong" in said


def test_async_tests_that_use_nothing_of_the_kit_are_left_to_others(folder):
    (folder / "test_it.py").write_text("async def test_it():\n    pass\n")
    assert "async def functions are not natively supported" in pytest_in(folder, *ALONE)


def test_tests_of_stubs_fail_until_the_handlers_are_written(folder):
    stubs("-o", "src/shop/handlers")
    said = pytest_in(folder, *ALONE)
    assert counted(said)["failed"] == 3, said
    assert said.count("NotImplementedError") >= 3


@pytest.mark.parametrize("home", ["src/shop/handlers", "shop/handlers", "handlers", "src/handlers"])
def test_stubs_of_any_layout_are_imported(folder, home):
    stubs("-o", home)
    fill(folder / home)
    said = pytest_in(folder, *ALONE)
    assert "3 passed" in said, said


def test_stubs_of_a_service_in_a_larger_folder_find_its_package(folder):
    service = folder / "services" / "orders"
    (service / "src" / "shop").mkdir(parents=True)
    (service / "src" / "shop" / "__init__.py").touch()
    (service / "pyproject.toml").write_text("[project]\nname = 'shop'\n")
    stubs("-o", "services/orders/src/shop/handlers", "--tests", "services/orders/tests/handlers")
    fill(service / "src" / "shop" / "handlers")
    for where in (folder, service):
        said = pytest_in(where, *ALONE)
        assert "3 passed" in said, said


def test_a_package_that_is_called_src_is_imported_by_this_name(folder):
    (folder / "src").mkdir()
    (folder / "src" / "__init__.py").touch()
    stubs("-o", "src/handlers")
    fill(folder / "src" / "handlers")
    said = pytest_in(folder, *ALONE)
    assert "3 passed" in said, said


def test_tests_that_are_a_package_run_too(folder):
    (folder / "tests").mkdir()
    (folder / "tests" / "__init__.py").touch()
    stubs("-o", "src/shop/handlers")
    fill(folder / "src" / "shop" / "handlers")
    for mode in ("prepend", "importlib"):
        said = pytest_in(folder, *ALONE, f"--import-mode={mode}")
        assert "3 passed" in said, said


def test_a_conftest_that_is_there_stays_as_it_is(folder):
    (folder / "tests").mkdir()
    (folder / "tests" / "conftest.py").write_text("# mine\n")
    said = stubs("-o", "src/shop/handlers")
    assert (folder / "tests" / "conftest.py").read_text() == "# mine\n"
    assert "tests/conftest.py: is there already" in said


def test_edited_stubs_and_their_tests_survive_a_new_diagram(folder):
    stubs("-o", "shop/handlers")
    fill(folder / "shop" / "handlers")
    more = DIAGRAM.replace("end e", "service new job=order_new\n    end e").replace(
        "-> e", "-> new -> e"
    )
    (folder / "order.bpmn").write_bytes(bpmn(more, "order"))
    stubs("-o", "shop/handlers")
    found = counted(pytest_in(folder, *ALONE))
    assert (found["failed"], found["passed"]) == (1, 3)


def test_task_types_that_pytest_knows_words_of_become_handlers_like_others(folder):
    types = ["test", "test_order", "load_test", "testing", "conftest", "handlers", "on_test_job"]
    lines = "".join(f"service s{n} job={each}\n" for n, each in enumerate(types))
    path = " -> ".join(["s", *(f"s{n}" for n in range(len(types))), "e"])
    (folder / "order.bpmn").write_bytes(bpmn(f"start s\n{lines}end e\n{path}", "order"))
    stubs("-o", "handlers")
    fill(folder / "handlers")
    said = pytest_in(folder, *ALONE)
    assert counted(said) == {"passed": len(types)}, said
