"""A service keeps up with the template: `cruft update` brings changes, what is yours stays."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("cookiecutter.json", "devkit", "hooks", "runtime", "template_extensions.py")
SERVICE = "{{cookiecutter.service_name}}"
LEFTOVERS = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*_cache")
VENDORED = "vendor/zeebe-workflow-runtime"


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


@pytest.fixture
def template(tmp_path) -> Path:
    """A repository with a copy of this checkout's template."""
    copy = tmp_path / "template"
    copy.mkdir()
    for name in (*PARTS, SERVICE):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=LEFTOVERS)
        else:
            shutil.copy2(source, copy / name)
    git(copy, "init", "--quiet", "--initial-branch", "main")
    commit(copy, "first state")
    return copy


@pytest.fixture
def service(tmp_path, template, tool) -> Path:
    """A service made by cruft, in a repository of its own."""
    tool(tmp_path, "cruft", "create", str(template), "--no-input", "--output-dir", "services")
    made = tmp_path / "services" / "registration-service"
    git(made, "init", "--quiet", "--initial-branch", "main")
    commit(made, "from the template")
    return made


def update(service: Path, tool) -> set[str]:
    """Runs the update; the paths that it changed."""
    tool(service, "cruft", "update", "--skip-apply-ask")
    return {line[3:] for line in git(service, "status", "--porcelain", "-uall").splitlines()}


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def contents(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.parts and path.name != ".cruft.json"
    }


def test_cruft_and_cookiecutter_give_the_same_files(tmp_path, template, service, tool):
    options = ("--no-input", "--default-config", "--output-dir", "plain")
    tool(tmp_path, "cookiecutter", str(template), *options)
    assert contents(tmp_path / "plain" / "registration-service") == contents(service)


def test_nothing_of_the_generating_machine_is_in_the_files(tmp_path, service):
    for name, content in contents(service).items():
        assert os.fsencode(tmp_path) not in content, name


def test_a_change_of_the_runtime_arrives_and_nothing_else_changes(template, service, tool):
    project = template / "runtime" / "pyproject.toml"
    replace(project, 'version = "', 'version = "9')
    added = template / "runtime" / "src" / "workflow_runtime" / "added.py"
    added.write_text('"""New."""\n', encoding="utf-8")
    commit(template, "a new runtime")

    changed = update(service, tool)

    assert f"{VENDORED}/src/workflow_runtime/added.py" in changed
    assert {path for path in changed if not path.startswith(VENDORED)} == {
        ".cruft.json",
        "pyproject.toml",
    }


def test_what_is_yours_is_left_alone(template, service, tool):
    handler = service / "src" / "registration_service" / "handlers" / "bonus.py"
    replace(handler, '"premium": 100', '"premium": 250')
    commit(service, "our bonus")
    theirs = template / SERVICE / "src" / "{{cookiecutter.__package}}" / "handlers" / "bonus.py"
    replace(theirs, '"premium": 100', '"premium": 1')
    replace(template / SERVICE / "tox.ini", "mypy, strict", "mypy, very strict")
    commit(template, "another bonus, and a change of the tools")

    changed = update(service, tool)

    assert changed == {".cruft.json", "tox.ini"}
    assert '"premium": 250' in handler.read_text(encoding="utf-8")


def test_a_line_that_both_changed_is_shown_as_a_conflict(template, service, tool):
    replace(service / "tox.ini", "mypy, strict", "mypy, as we like it")
    commit(service, "our words")
    replace(template / SERVICE / "tox.ini", "mypy, strict", "mypy, very strict")
    commit(template, "their words")

    update(service, tool)

    text = (service / "tox.ini").read_text(encoding="utf-8")
    assert "<<<<<<< ours" in text
    assert "mypy, as we like it" in text
    assert "mypy, very strict" in text


def test_an_update_with_nothing_new_changes_nothing(service, tool):
    before = json.loads((service / ".cruft.json").read_text())
    assert update(service, tool) == set()
    assert json.loads((service / ".cruft.json").read_text()) == before
