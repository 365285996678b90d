"""Runtime and devkit come from a copy, a package index or a git address, for uv as for pip."""

import os
import shutil
import subprocess
import venv
from pathlib import Path

import pytest
from tests.support.tools import run_tool
from tests.template.conftest import GIT_ADDRESS

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("runtime", "devkit")


@pytest.fixture(scope="module")
def index(tmp_path_factory) -> dict[str, str]:
    """What makes uv take the wheels of this checkout for those of an index."""
    folder = tmp_path_factory.mktemp("index")
    for part in PARTS:
        run_tool(folder, "uv", "build", "--quiet", "--wheel", "--out-dir", ".", str(ROOT / part))
    return {"UV_FIND_LINKS": str(folder)}


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> dict[str, str]:
    """What makes git take a repository with this checkout's packages for the template's address."""
    folder = tmp_path_factory.mktemp("repository")
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "state")
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{folder.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": GIT_ADDRESS,
    }


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def environment(request, source) -> dict[str, str]:
    """The variables with which a source can be reached from here."""
    fixtures = {"pypi": "index", "git": "repository"}
    more = request.getfixturevalue(fixtures[source]) if source in fixtures else {}
    kept = {k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    return kept | more


def says(service: Path, environment: dict[str, str], *command: str | Path) -> str:
    done = subprocess.run(
        command, cwd=service, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


PRESENT = """
from importlib.util import find_spec
print([name for name in ("runtime", "devkit") if find_spec(f"workflow_{name}")])
"""


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("source", ["vendored", "pypi", "git"])
def test_production_gets_the_runtime_and_development_both(bake, environment, source):
    service = bake(runtime_source=source)
    present = (".venv/bin/python", "-c", PRESENT)
    says(service, environment, "uv", "sync", "--quiet", "--no-dev", "--no-editable")
    assert says(service, environment, *present) == "['runtime']\n"
    says(service, environment, "uv", "sync", "--quiet", "--no-dev", "--group", "devkit")
    assert says(service, environment, *present) == "['runtime', 'devkit']\n"
    says(service, environment, ".venv/bin/workflow", "lint", "bpmn")


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("source", ["git"])
def test_pip_takes_both_by_a_git_address(environment, source, tmp_path):
    venv.create(tmp_path / "venv", with_pip=True)
    wanted = [f"zeebe-workflow-{p} @ git+{GIT_ADDRESS}#subdirectory={p}" for p in PARTS]
    pip = (tmp_path / "venv" / "bin" / "pip", "install", "--quiet", "--no-deps")
    says(tmp_path, environment, *pip, *wanted)
    present = (tmp_path / "venv" / "bin" / "python", "-c", PRESENT)
    assert says(tmp_path, environment, *present) == "['runtime', 'devkit']\n"
