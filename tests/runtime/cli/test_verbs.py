"""Verbs come by entry points: ours, the devkit's and those of other packages."""

import inspect
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from workflow_runtime.cli import _verbs
from workflow_runtime.cli._app import app
from workflow_runtime.cli.exits import ExitCode

HEAVY = ("rich", "grpc", "lxml", "sqlalchemy")
OURS = [verb.name for verb in _verbs.OURS]
OF_DEVKIT = [verb.name for verb in _verbs.OURS if verb.of_devkit]


def run(*arguments: str):
    result = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})
    assert "Traceback" not in result.output
    return result


@pytest.fixture
def without_devkit(monkeypatch):
    """The entry points of an installation that has the runtime only."""
    installed = _verbs.entry_points(group=_verbs.GROUP)
    kept = [point for point in installed if point.name not in OF_DEVKIT]
    monkeypatch.setattr(_verbs, "entry_points", lambda **_: kept)


@pytest.fixture
def package(tmp_path: Path, monkeypatch):
    """Installs a package of somebody else with these entry points and this module."""
    monkeypatch.syspath_prepend(tmp_path)

    def install(verbs: str, module: str = "", summary: str = "Tools of Acme") -> None:
        metadata = tmp_path / "acme_tools-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: acme-tools\nVersion: 1.0\nSummary: {summary}\n"
        )
        (metadata / "entry_points.txt").write_text(f"[{_verbs.GROUP}]\n{verbs}\n")
        (tmp_path / "acme_tools.py").write_text(textwrap.dedent(module))

    yield install
    sys.modules.pop("acme_tools", None)


@pytest.mark.parametrize("verb", _verbs.OURS, ids=OURS)
def test_the_list_says_of_each_verb_what_the_verb_says_of_itself(verb):
    listed = get_command(app).commands[verb.name]
    command = listed.make_context(verb.name, [], resilient_parsing=True).command
    assert listed.help == verb.summary
    assert command.help.partition("\n\n")[0].replace("\n", " ").strip() == verb.summary
    assert listed.rich_help_panel == verb.panel


def test_every_verb_that_is_installed_is_in_the_list():
    assert {point.name for point in _verbs.entry_points(group=_verbs.GROUP)} == set(OURS)


def imported(*arguments: str) -> set[str]:
    """The modules that a command imports, by name."""
    code = (
        "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr));"
        "from workflow_runtime.cli import main; main()"
    )
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return set(done.stderr.splitlines()[-1].split())


def test_the_help_imports_no_verb():
    found = imported("--help")
    assert not [each for each in found if each.startswith("workflow_devkit.cli")]
    assert "workflow_runtime.cli._app" in found
    assert "workflow_runtime.cli.start" not in found
    assert "workflow_runtime.gateway.port" not in found


def test_a_verb_that_is_called_is_imported_alone():
    found = imported("start", "order", "--scope", "[1]")
    assert "workflow_runtime.cli.start" in found
    assert "workflow_runtime.cli.deploy" not in found
    assert not found & set(HEAVY)


@pytest.mark.parametrize("name", OF_DEVKIT)
def test_a_verb_of_the_devkit_that_is_not_installed_says_what_it_is_and_how_to_get_it(
    without_devkit, name
):
    (verb,) = (each for each in _verbs.OURS if each.name == name)
    for arguments in ((), ("--help",), ("bpmn", "--json")):
        result = run(name, *arguments)
        assert result.exit_code == ExitCode.USAGE
        assert result.output.startswith(f"workflow: {name} ({verb.summary[0].lower()}")
        assert result.output.endswith('pip install "zeebe-workflow-runtime[dev]"\n')


def test_the_help_without_the_devkit_says_which_verbs_need_it(without_devkit):
    lines = run("--help").output.splitlines()
    told = [line.split()[1] for line in lines if "(needs the devkit)" in line]
    assert told == OF_DEVKIT


def test_another_package_adds_a_function_and_a_group(package):
    package(
        "greet = acme_tools:greet\nmore = acme_tools:more",
        """
        import typer
        from workflow_runtime.cli.exits import UsageError

        more = typer.Typer()

        @more.callback()
        def callback(): ...

        @more.command()
        def count(number: int):
            print(number + 1)

        def greet(name: str):
            if name == "nobody":
                raise UsageError("who?")
            print(f"hello {name}")
        """,
    )
    assert run("greet", "Ann").output == "hello Ann\n"
    assert run("more", "count", "3").output == "4\n"
    refused = run("greet", "nobody")
    assert (refused.exit_code, refused.output) == (ExitCode.USAGE, "workflow: who?\n")
    page = run("--help").output
    assert "Other packages" in page
    assert page.count("Tools of Acme (acme-tools 1.0)") == 2


BROKEN = [
    ("1 / 0", "ZeroDivisionError: division by zero"),
    ("import a_package_that_is_not_there", "No module named 'a_package_that_is_not_there'"),
    ("greet = 5", "TypeError: expected a function or a typer app, got 5"),
    ("", "has no attribute 'greet'"),
]


@pytest.mark.parametrize(("module", "reason"), BROKEN, ids=[module for module, _ in BROKEN])
def test_a_broken_verb_of_another_package_is_named_and_breaks_no_other(package, module, reason):
    package("greet = acme_tools:greet", module, "[/] Tools")
    result = run("greet")
    assert result.exit_code == ExitCode.FAILED
    assert result.output.startswith("workflow: greet of acme-tools 1.0 cannot be loaded: ")
    assert reason in result.output
    assert len(result.output.splitlines()) == 1
    assert "[/] Tools (acme-tools 1.0)" in run("--help").output
    assert run("start", "p", "--scope", "[1]").exit_code == ExitCode.USAGE


def test_another_package_does_not_take_the_place_of_a_verb_of_ours(package):
    package("start = acme_tools:start", "def start(): print('mine')")
    assert "expected a JSON object" in run("start", "p", "--scope", "[1]").output


def commands(command=None, *path: str):
    """Every command that does something, by what is typed."""
    for name, listed in (command or get_command(app)).commands.items():
        found = listed.make_context(name, [], resilient_parsing=True).command
        if hasattr(found, "commands"):
            yield from commands(found, *path, name)
        else:
            yield pytest.param(found, id=" ".join((*path, name)))


EXIT_CODES = re.compile(
    r"\n\nExit codes: 0 [^,.]+, 1 [^,.]+, 2 usage error"
    r"(, 3 no answer(, 4 credentials refused(, 5 perhaps [^,.]+)?)?)?\.$"
)


@pytest.mark.parametrize("command", commands())
def test_the_help_says_the_exit_codes_in_one_form(command):
    text = inspect.cleandoc(command.help).replace(",\n", ", ")
    said = EXIT_CODES.search(text)
    assert said, text
    sources = {each.name for each in command.params if each.envvar}
    assert bool(said[1]) == bool(sources & {"address", "operate", "url"})
    assert bool(said[2]) == bool(sources & {"address", "operate"})


@pytest.mark.parametrize("command", commands())
def test_no_line_of_the_help_ends_where_one_of_the_code_does(command):
    # In 80 columns each second line would be one or two words.
    assert all(each and "\n" not in each for each in command.help.split("\n\n"))
