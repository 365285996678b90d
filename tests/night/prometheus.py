"""A real Prometheus: it scrapes every service of the night and judges by the template's rules."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from tests.night.packages import unpacked
from tests.night.processes import PATIENCE, Running, free_port, started
from tests.support.commands import environment

INTERVAL = 15
"""Seconds between two scrapes and between two looks at the rules, as the rules' page says."""
_LOOK = 2.0


@dataclass(slots=True)
class Firing:
    """A rule that rang: since when, until when (0: it still does), and its words."""

    rule: str
    at: float
    text: str
    until: float = 0


class Prometheus:
    """One server for all situations: ``job`` is the situation, as it is the service elsewhere."""

    def __init__(self, folder: Path, rules: Path) -> None:
        self._folder = folder
        self._rules = rules
        self._port = free_port()
        self._running: Running | None = None
        self._looking: asyncio.Task[None] | None = None
        self._rang: dict[str, dict[str, Firing]] = {}
        self._past: dict[str, list[Firing]] = {}

    async def start(self) -> None:
        """Starts it, and looks every two seconds at what rings."""
        config = self._folder / "prometheus.yml"
        interval = f"{INTERVAL}s"
        config.write_text(
            json.dumps(
                {
                    "global": {
                        "scrape_interval": interval,
                        "scrape_timeout": "10s",
                        "evaluation_interval": interval,
                    },
                    "rule_files": [str(self._rules)],
                    "scrape_configs": [
                        {
                            "job_name": "night",
                            "file_sd_configs": [{"files": [str(self._folder / "of-*.json")]}],
                        }
                    ],
                }
            )
        )
        package = await asyncio.to_thread(unpacked, "prometheus")
        command = (
            package / "usr" / "bin" / "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={self._folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self._port}",
        )
        self._running = await started("prometheus", command, environment())
        await self._until_ready()
        self._looking = asyncio.create_task(self._look_for_ever())

    async def stop(self) -> None:
        """Ends it."""
        if self._looking is not None:
            self._looking.cancel()
        if self._running is not None:
            await self._running.stop()

    def scrape(self, situation: str, ports: Sequence[int]) -> None:
        """Names the replicas of a situation, as service discovery does: those that are wanted."""
        targets = [f"127.0.0.1:{port}" for port in ports]
        groups = [{"targets": targets, "labels": {"job": situation}}] if targets else []
        new = self._folder / "new"
        new.write_text(json.dumps(groups))
        new.replace(self._folder / f"of-{situation}.json")

    def rang(self, situation: str) -> list[Firing]:
        """Every rule that has rung for a situation, in its order."""
        now = self._rang.get(situation, {})
        return sorted([*self._past.get(situation, []), *now.values()], key=lambda each: each.at)

    async def _until_ready(self) -> None:
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
            while True:
                try:
                    async with session.get(f"http://127.0.0.1:{self._port}/-/ready") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    assert self._running is not None
                    if self._running.process.returncode is not None:
                        words = "\n".join(line.text for line in self._running.lines[-20:])
                        raise RuntimeError(f"Prometheus does not start:\n{words}") from None
                await asyncio.sleep(0.2)

    async def _look_for_ever(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                async with session.get(f"http://127.0.0.1:{self._port}/api/v1/alerts") as answer:
                    self._note((await answer.json())["data"]["alerts"])
                await asyncio.sleep(_LOOK)

    def _note(self, alerts: list[dict[str, Any]]) -> None:
        now = time.time()
        seen: dict[str, dict[str, Firing]] = {}
        for alert in alerts:
            labels = alert["labels"]
            if alert["state"] != "firing":
                continue
            job, identity = labels.get("job", ""), json.dumps(labels, sort_keys=True)
            known = self._rang.get(job, {}).get(identity)
            summary = alert["annotations"].get("summary", "")
            seen.setdefault(job, {})[identity] = known or Firing(labels["alertname"], now, summary)
        for job, ringing in self._rang.items():
            for identity, firing in ringing.items():
                if identity not in seen.get(job, {}):
                    firing.until = now
                    self._past.setdefault(job, []).append(firing)
        self._rang = seen
