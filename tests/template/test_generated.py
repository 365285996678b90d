"""Generated services, installed in a new environment, pass their own checks."""

import subprocess
import tomllib
from pathlib import Path

import pytest
from tests.support.diagrams import one_task

EXTREMES = [
    pytest.param({}, id="defaults"),
    pytest.param(
        {
            "service_name": "a-very-long-service-name-that-still-fits",
            "description": "\"quotes\", back\\slash, ünïcödé 🚀, $HOME, <b> & 'co'",
            "organisation": "Ünïted & Co",
            "ci": "both",
            "http_api": "fastapi",
            "outbox": "postgres",
            "alerts": "yes",
            "license": "Apache-2.0",
        },
        id="everything",
    ),
    pytest.param(
        {"service_name": "a1", "ci": "none", "outbox": "sqlite", "license": "Proprietary"},
        id="small",
    ),
]


EXISTING = """
import asyncio, importlib.util, sys, workflow_runtime

async def main():
    builder = workflow_runtime.WorkflowBuilder("existing", sys.argv[1]).with_process("order.bpmn")
    builder.with_handler("pay", lambda task: {"paid": True})
    async with builder.running() as workflow:
        print((await workflow.start_process_and_wait("order", timeout=30))["paid"])
    print(importlib.util.find_spec("workflow_devkit"))

asyncio.run(main())
"""


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("answers", EXTREMES)
def test_its_own_tox_run_passes(bake, tool, answers):
    service = bake(**answers)
    output = tool(service, "tox", "run", "-q", timeout=600)
    for env in ("lint", "typing", "tests", "bpmn", "lock"):
        assert f"{env}: OK" in output
    tool(service, "tox", "run", "-q", "-e", "image", timeout=300)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_wheel_brings_the_diagram_and_runs_without_the_checkout(bake, tool, tmp_path):
    service = bake()
    tool(service, "uv", "sync", "--no-dev", "--no-editable", timeout=300)
    moved = service / "src"
    moved.rename(tmp_path / "gone")
    (service / "bpmn").rename(tmp_path / "gone-bpmn")
    code = "from registration_service.main import build; print(len(build().job_types))"
    done = subprocess.run(
        [service / ".venv" / "bin" / "python", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "6", done.stderr


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_existing_service_takes_the_runtime_by_a_plain_install(tmp_path, tool, gateway):
    root = Path(__file__).resolve().parents[2]
    tool(tmp_path, "uv", "venv", "--quiet", "existing")
    python = tmp_path / "existing" / "bin" / "python"
    install = ("uv", "pip", "install", "--quiet", "--python", str(python))
    tool(tmp_path, *install, str(root / "runtime"), timeout=300)
    (tmp_path / "order.bpmn").write_bytes(one_task("order", "pay", "pay").content)
    done = subprocess.run(
        [python, "-c", EXISTING, gateway], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["True", "None"], done.stderr


def test_the_service_offers_a_command_of_its_own_name(bake):
    project = tomllib.loads((bake() / "pyproject.toml").read_text())["project"]
    assert project["scripts"] == {"registration-service": "registration_service.__main__:main"}


def test_the_verbs_are_the_same_in_make_tox_and_ci(bake):
    service = bake(ci="both")
    envs = ("lint", "typing", "tests", "bpmn", "lock", "image")
    tox = (service / "tox.ini").read_text()
    assert all(f"[testenv:{env}]" in tox for env in envs)
    listed = f"[{', '.join(envs)}]"
    assert listed in (service / ".github" / "workflows" / "ci.yml").read_text()
    assert listed in (service / ".gitlab-ci.yml").read_text()


def test_every_setting_of_the_readme_is_one_that_is_read(bake):
    service = bake(http_api="fastapi")
    readme = (service / "README.md").read_text()
    settings = (service / "src" / "registration_service" / "settings.py").read_text()
    own = [
        name for name in readme.replace("`", " ").replace(",", " ").split() if "SERVICE_" in name
    ]
    assert own
    for name in own:
        field = name.removeprefix("SERVICE_").lower()
        assert f"{field}:" in settings, name
