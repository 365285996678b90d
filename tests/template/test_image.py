"""What the Dockerfile says, done by hand: no Docker is needed to know that it holds together."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from tests.support.tools import BIN, clean_environment

HEALTHY = 30.0
"""Seconds; the image gives as many before its health counts."""
DEVELOPMENT = ("workflow_devkit", "pytest", "regex", "lxml", "ruff")
"""What has no place in production."""
CACHE_MOUNT = re.compile(r"--mount=\S+\s+")


class Image:
    """The instructions of a Dockerfile, carried out in a folder instead of a file system."""

    def __init__(self, service: Path, root: Path):
        self.service, self.root = service, root
        text = (service / "Dockerfile").read_text().replace("\\\n", " ")
        lines = [line.split(None, 1) for line in text.splitlines() if re.match(r"[A-Z]+ ", line)]
        self.instructions = [(word, rest.strip()) for word, rest in lines]
        self.env = {}
        self.health, self.command = [], []

    def build(self) -> None:
        for word, rest in self.instructions:
            if step := getattr(self, f"do_{word.lower()}", None):
                step(rest)

    def do_copy(self, rest: str) -> None:
        if rest.startswith("--from="):
            return
        *names, target = rest.split()
        let_in = (self.service / ".dockerignore").read_text().splitlines()
        for name in names:
            assert f"!{name}" in let_in
            source = self.service / name
            if source.is_dir():
                shutil.copytree(source, self.root / target)
            else:
                shutil.copy(source, self.root / target)

    def do_run(self, rest: str) -> None:
        command = CACHE_MOUNT.sub("", rest)
        if command.startswith("pip install"):  # uv is here already
            return
        self.run(["sh", "-ec", command])

    def do_env(self, rest: str) -> None:
        pairs = re.findall(r"(\w+)=(\S+)", rest)
        self.env |= {k: v.replace("/app", str(self.root)) for k, v in pairs if k != "PATH"}

    def do_healthcheck(self, rest: str) -> None:
        self.health = json.loads(rest.split("CMD", 1)[1])

    def do_cmd(self, rest: str) -> None:
        self.command = json.loads(rest)

    def environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(self.root / ".venv" / "bin"), str(BIN), os.environ["PATH"]])
        return clean_environment() | self.env | {"PATH": path}

    def run(self, command: list[str]) -> None:
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"

    def is_healthy(self) -> bool:
        done = subprocess.run(
            self.health, cwd=self.root, env=self.environment(), capture_output=True, check=False
        )
        return done.returncode == 0


@pytest.fixture
def image(bake, tool, tmp_path):
    service, root = bake(), tmp_path / "app"
    root.mkdir()
    tool(service, "uv", "lock", "--quiet", timeout=120)
    return Image(service, root)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_image_is_built_from_locked_files_gets_healthy_and_drains(image, free_port, gateway):
    image.build()
    shutil.rmtree(image.root / "src")  # the last stage has the environment only
    shutil.rmtree(image.root / "bpmn")
    # In a container the port is its own; here others may have it.
    image.health = [part.replace(":8080/", f":{free_port}/") for part in image.health]
    image.env |= {"WORKFLOW_HEALTH_PORT": str(free_port), "WORKFLOW_HEALTH_HOST": "127.0.0.1"}
    image.env["ZEEBE_ADDRESS"] = gateway
    assert not image.is_healthy()
    with subprocess.Popen(
        image.command, cwd=image.root, env=image.environment(), stderr=subprocess.PIPE
    ) as service:
        try:
            end = time.monotonic() + HEALTHY
            while not image.is_healthy():
                assert service.poll() is None, service.stderr.read()
                assert time.monotonic() < end
            service.send_signal(signal.SIGTERM)
            assert service.wait(30) == 0
        finally:
            service.kill()


@pytest.mark.slow
def test_the_image_holds_the_runtime_alone_and_wants_an_address(image):
    image.build()
    installed = next((image.root / ".venv").glob("lib/python*/site-packages"))
    assert (installed / "workflow_runtime").exists()
    assert not [name for name in DEVELOPMENT if (installed / name).exists()]
    done = subprocess.run(
        image.command, cwd=image.root, env=image.environment(), capture_output=True, check=False
    )
    assert (done.returncode, b"set ZEEBE_ADDRESS" in done.stderr) == (2, True), done.stderr
    # Whoever is on call has the command there, with the addresses of the service.
    image.run([str(image.root / ".venv" / "bin" / "workflow"), "--version"])


@pytest.mark.slow
def test_a_lock_file_that_does_not_fit_is_not_built(image):
    project = image.service / "pyproject.toml"
    project.write_text(project.read_text().replace('"pydantic>=2.9",', '"pydantic>=2.10",'))
    with pytest.raises(AssertionError, match="lockfile"):
        image.build()
