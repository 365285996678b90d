"""The generated service: baked, given this night's adapters, run as replicas."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import aiohttp
from cookiecutter.main import cookiecutter
from prometheus_client.parser import text_string_to_metric_families
from tests.night.processes import PATIENCE, Line, Running, free_port, started
from tests.support.commands import environment

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "registration_service"
PROCESS = "registrationServiceProcess"
ANSWERS = {"http_api": "fastapi", "alerts": "yes", "runtime_source": "pypi", "ci": "none"}


def bake(folder: Path, outbox: str) -> Path:
    """The service with HTTP, alerts and this outbox, and the adapters of `tests.night`."""
    answers = {**ANSWERS, "outbox": outbox}
    baked = cookiecutter(
        str(ROOT),
        no_input=True,
        default_config=True,
        extra_context=answers,
        output_dir=str(folder / outbox),
    )
    shutil.copy(
        Path(__file__).with_name("adapters.py"),
        Path(baked) / "src" / PACKAGE / "adapters" / "memory.py",
    )
    return Path(baked)


def release(service: Path, name: str, changes: Mapping[str, tuple[str, str]]) -> Path:
    """Another release of the service: by file, a text and what stands there instead."""
    copy = service.with_name(f"{service.name}-{name}")
    shutil.copytree(service, copy)
    for file, (old, new) in changes.items():
        path = copy / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}: change the situation"
        path.write_text(text.replace(old, new), encoding="utf-8")
    return copy


class Replica:
    """A replica with an address of its own, as a container has: it keeps it over restarts."""

    def __init__(self, name: str, service: Path, settings: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        self.service = service
        self.health_port, self.http_port = free_port(), free_port()
        self.runs: list[Running] = []
        self._settings = dict(settings)
        self._supervised: asyncio.Task[None] | None = None

    @property
    def lines(self) -> list[Line]:
        """What it has logged, over all restarts."""
        return [line for run in self.runs for line in run.lines]

    @property
    def http(self) -> str:
        """Where its HTTP API is."""
        return f"http://127.0.0.1:{self.http_port}"

    async def start(self) -> None:
        """Starts its process; does not wait until it is ready."""
        paths = [str(self.service / "src"), os.environ.get("PYTHONPATH", "")]
        env = environment(
            PYTHONPATH=os.pathsep.join(filter(None, paths)),
            PYTHONUNBUFFERED=1,
            WORKFLOW_LOG_FORMAT="json",
            WORKFLOW_HEALTH_PORT=self.health_port,
            SERVICE_HTTP_PORT=self.http_port,
            **self._settings,
        )
        command = (sys.executable, "-m", PACKAGE)
        self.runs.append(await started(self.name, command, env, self.service, self.log))

    def keep_running(self) -> None:
        """From now on somebody starts it again when it has died: Kubernetes does."""
        self._supervised = asyncio.create_task(self._restart())

    async def stop(self) -> None:
        """Ends it for good."""
        if self._supervised is not None:
            self._supervised.cancel()
        if self.runs:
            await self.runs[-1].stop()

    async def ready(self) -> None:
        """Waits until it is ready.

        Raises:
            TimeoutError: it does not become ready; the message has its last words.
        """
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                if (await self.ask("/ready"))[0] == 200:
                    return
            await asyncio.sleep(0.3)
        words = "\n".join(line.text for line in self.lines[-10:])
        raise TimeoutError(f"{self.name} is not ready:\n{words}")

    async def ask(self, path: str) -> tuple[int, str]:
        """Asks its health port."""
        url = f"http://127.0.0.1:{self.health_port}{path}"
        limit = aiohttp.ClientTimeout(total=5)
        async with aiohttp.ClientSession(timeout=limit) as session, session.get(url) as answer:
            return answer.status, await answer.text()

    async def metrics(self) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        """Its samples, by name and labels."""
        _, text = await self.ask("/metrics")
        families = text_string_to_metric_families(text)
        samples = (sample for family in families for sample in family.samples)
        return {(each.name, tuple(sorted(each.labels.items()))): each.value for each in samples}

    async def _restart(self) -> None:
        # As the kubelet does: at once, then after 10 s, 20 s, 40 s.
        for pause in (0, 10, 20, 40, 80):
            await self.runs[-1].gone()
            await asyncio.sleep(pause)
            await self.start()
