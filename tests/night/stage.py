"""Where a situation is played: an engine, replicas, traffic, a person with a command line."""

from __future__ import annotations

import asyncio
import re
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import aiohttp
from tests.night.engine import Engine, command_environment
from tests.night.processes import started
from tests.night.prometheus import Prometheus
from tests.night.services import PROCESS, Replica
from tests.night.statements import Statement, first_match
from tests.night.webhook import Webhook
from tests.night.world import World
from tests.support.commands import COMMAND

from workflow_runtime.gateway.errors import GatewayError

KNOWN_WITHIN = 120.0
"""Seconds until a person has to know."""
PAUSE = 2.0
"""Seconds between two registrations of the traffic."""
RUNBOOK = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "on-call.md"


@dataclass(slots=True)
class Stage:
    """What a situation has to play with; what it did is kept for the judge."""

    name: str
    folder: Path
    services: dict[str, Path]
    tells: tuple[str, ...]
    webhook: Webhook
    prometheus: Prometheus
    starts: asyncio.Semaphore
    """For how many situations start processes at once: two cores are soon busy."""
    engine: Engine = field(init=False)
    world: World = field(default_factory=World)
    replicas: list[Replica] = field(default_factory=list)
    past: list[Replica] = field(default_factory=list)
    registrations: dict[int, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    fault_at: float = 0
    settled_at: float = 0
    made: int = 0
    events: int = 0
    """Events that the service has taken."""
    at_fault: Callable[[], object] = field(default=lambda: None)
    """Called as the fault begins."""
    step: str = "the start"
    problems: list[str] = field(default_factory=list)
    _traffic: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.engine = Engine(self.folder)

    async def open(self) -> None:
        """Starts engine and world."""
        await self.world.start()
        self.step = "its turn"
        async with self.starts:
            self.step = "the engine"
            await self.engine.start()

    async def close(self) -> None:
        """Ends all of it."""
        if self._traffic is not None:
            self._traffic.cancel()
        await asyncio.gather(*(each.stop() for each in self.replicas))
        await self.world.stop()
        await self.engine.stop()

    # Services

    async def run(self, count: int = 1, release: Path | None = None, **settings: object) -> None:
        """Starts so many replicas, and waits until they are ready."""
        made = [self.replica(release, **settings) for _ in range(count)]
        self.step = "its turn"
        async with self.starts:
            self.step = "the services to be ready"
            await asyncio.gather(*(each.start() for each in made))
            self.replicas += made
            self.discover()
            await asyncio.gather(*(each.ready() for each in made))

    def replica(self, release: Path | None = None, **settings: object) -> Replica:
        """A replica that is not started yet."""
        self.made += 1
        number = self.made
        given = {
            "WORKFLOW_ADDRESS": self.engine.address,
            "WORKFLOW_OPERATE_URL": self.engine.operate,
            "WORKFLOW_OPERATE_USER": "demo",
            "WORKFLOW_OPERATE_PASSWORD": "demo",
            "WORKFLOW_ALERT_URLS": self.webhook.url(self.name),
            "SERVICE_OUTBOX_URL": f"sqlite+aiosqlite:///{self.folder / f'outbox-{number}.db'}",
            "NIGHT_MAIL": f"127.0.0.1:{self.world.mail_port}",
            "NIGHT_ACCOUNTS": f"127.0.0.1:{self.world.port}",
        }
        given |= {name: str(value) for name, value in settings.items()}
        log = self.folder / f"replica-{number}.log"
        return Replica(f"replica {number}", release or self.services["sqlite"], given, log)

    async def retire(self, replica: Replica) -> None:
        """Ends a replica for good: it is no target any more, what it said stays."""
        self.replicas.remove(replica)
        self.past.append(replica)
        await replica.stop()
        self.discover()

    def discover(self) -> None:
        """Tells Prometheus which replicas there are."""
        self.prometheus.scrape(self.name, [each.health_port for each in self.replicas])

    # Traffic

    async def register(self, user: str, **scope: object) -> int:
        """Starts a registration that is confirmed at once; its key."""
        key = await self.engine_start(user, **scope)
        await self.engine.direct.publish_message(
            f"{PROCESS}_emailConfirmed",
            user,
            {"channel": "link"},
            time_to_live=timedelta(hours=1),
            message_id=f"of {user}",
        )
        return key

    async def engine_start(self, user: str, **scope: object) -> int:
        """Starts a registration that nobody has confirmed yet; its key."""
        said = {"userId": user, "plan": "standard", "confirmationTimeout": "P1D", **scope}
        key = (await self.engine.direct.create_instance(PROCESS, said)).key
        self.registrations[key] = user
        return key

    def traffic(self) -> None:
        """A registration every two seconds from now on."""
        self._traffic = asyncio.create_task(self._register_for_ever())

    async def no_more_traffic(self) -> None:
        """The last registration has been made."""
        if self._traffic is not None:
            self._traffic.cancel()
            await asyncio.gather(self._traffic, return_exceptions=True)
            self._traffic = None

    async def _register_for_ever(self) -> None:
        number = 0
        while True:
            number += 1
            try:
                await self.register(f"user-{number}")
            except GatewayError as error:
                self.problems.append(f"no registration was taken: {error!r}")
            await asyncio.sleep(PAUSE)

    async def post(self, replica: Replica, path: str, **body: object) -> tuple[int, str, float]:
        """Sends a request to the service's API: status, kind of content, seconds."""
        begun = time.monotonic()
        limit = aiohttp.ClientTimeout(total=30)
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.post(replica.http + path, json=body) as answer,
        ):
            await answer.read()
            self.events += path.endswith("/confirmation") and answer.status == 202
            return answer.status, answer.content_type, time.monotonic() - begun

    # The night

    def fault(self) -> None:
        """It begins now."""
        self.fault_at = time.time()
        self.at_fault()

    def settled(self) -> None:
        """The fault has ended: from now on things get right."""
        self.settled_at = time.time()

    def statements(self) -> list[Statement]:
        """All that was told so far, in its order."""
        notices = [
            Statement(each.at, "notice", each.channel, each.title, each.body)
            for each in self.webhook.notices(self.name)
        ]
        rules = [
            Statement(each.at, "rule", "prometheus", f"{each.rule}: {each.text}")
            for each in self.prometheus.rang(self.name)
        ]
        lines = [
            Statement(line.at, "log", line.source, f"{line.level} {line.text}")
            for replica in (*self.past, *self.replicas)
            for line in replica.lines
        ]
        return sorted([*notices, *rules, *lines], key=lambda each: each.at)

    def told(self) -> Statement | None:
        """What told of the fault first, after it began."""
        since = [each for each in self.statements() if each.at >= self.fault_at]
        return first_match(since, self.tells)

    async def until_told(self) -> None:
        """Waits until a person knows; as long as it may take."""
        self.step = "a person to be told"
        end = self.fault_at + KNOWN_WITHIN + 5
        while time.time() < end and self.told() is None:  # noqa: ASYNC110 - logs have no event
            await asyncio.sleep(0.5)

    async def since_fault(self, seconds: float) -> None:
        """Waits until the fault has lasted so long."""
        self.step = f"the fault to last {seconds:.0f} s"
        await asyncio.sleep(max(0.0, self.fault_at + seconds - time.time()))

    def expect(self, holds: object, problem: str) -> None:
        """Notes a problem unless it holds; the night goes on."""
        if not holds:
            self.problems.append(problem)

    async def until_notice(self, begin: str) -> None:
        """Waits until a notice that begins so has come since the fault ended, or before its end."""
        since = self.settled_at or self.fault_at
        notices = self.webhook.notices(self.name)
        await self.until(
            f"a notice '{begin} …'",
            lambda: any(each.at >= since and each.title.startswith(begin) for each in notices),
        )

    def seconds(self, pattern: str) -> float:
        """Seconds from the fault to the first statement with this pattern."""
        found = first_match(self.statements(), [pattern])
        return found.at - self.fault_at if found else float("inf")

    async def until(self, what: str, holds: Callable[[], object]) -> None:
        """Waits for something; the situation's own limit ends it."""
        self.step = what
        while not holds():  # noqa: ASYNC110 - records and logs have no event
            await asyncio.sleep(0.3)

    async def all_completed(self) -> None:
        """Waits until each registration has completed."""
        await self.no_more_traffic()
        await self.until(
            "all registrations to complete",
            lambda: self.registrations.keys() <= self.engine.completed().keys(),
        )

    async def command(self, text: str, *, may_fail: bool = False, **variables: str) -> str:
        """Runs a command of the runbook as a person does; what it said.

        Raises:
            AssertionError: it failed, or the page does not know it.
        """
        verbs = re.match(r"workflow(?: [a-z][a-z-]*)+", text)
        assert verbs, f"no command: {text}"
        page = RUNBOOK.read_text(encoding="utf-8")
        assert verbs[0] in page, f"{verbs[0]!r} is not in {RUNBOOK.name}"
        self.step = text
        self.commands.append(text)
        command = (*COMMAND, *shlex.split(text)[1:])
        running = await started(text, command, command_environment(self.engine, variables))
        code = await running.gone()
        said = "\n".join(line.text for line in running.lines)
        if code and not may_fail:
            raise AssertionError(f"`{text}` ended with {code}:\n{said}")
        return said
