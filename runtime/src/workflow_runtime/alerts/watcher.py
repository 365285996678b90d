"""Incidents that no worker caused: conditions, mappings, messages too large, dead services."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loguru import logger

from workflow_runtime._log.failures import kind_and_place
from workflow_runtime._log.state_log import StateLog
from workflow_runtime.alerts.operate import (
    OperateClient,
    OperateError,
    OperateIncident,
    operate_client,
)
from workflow_runtime.config import WorkflowSettings
from workflow_runtime.observers import IncidentAlert, Observer

if TYPE_CHECKING:
    from workflow_runtime.workflow import Workflow

__all__ = ["OperateWatcher", "watcher_of"]

_Open = dict[int, tuple[str, int, int]]
"""By incident: process, instance, and the key by which alerts know it (job or incident)."""


def _now() -> datetime:
    return datetime.now(UTC)


class OperateWatcher:
    """Polls Operate and tells of what has appeared and what is gone.

    Operate is some seconds to a minute late; what this service's workers caused has been told
    by then and is not told again. Run it in one replica: each one tells.

    Args:
        client: where Operate is.
        service: the name under which alerts come.
        processes: BPMN ids to watch; empty watches all of the cluster.
        interval: between two looks.
        cursor: a file that remembers what was open, so that a restart neither repeats nor
            misses anything.
        lookback: without a cursor, only incidents younger than this are told at first.
        clock: gives the present time, with its zone.
    """

    def __init__(
        self,
        client: OperateClient,
        *,
        service: str,
        processes: Collection[str] = (),
        interval: timedelta = timedelta(seconds=30),
        cursor: Path | None = None,
        lookback: timedelta = timedelta(hours=1),
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._client = client
        self._service = service
        self._processes = frozenset(processes)
        self._interval = interval.total_seconds()
        self._cursor = cursor
        self._lookback = lookback
        self._clock = clock
        self._observers: Observer = Observer()
        self._open: _Open | None = None
        self._begun = False
        self._task: asyncio.Task[None] | None = None
        self._log = StateLog()
        self._state = ""

    async def start(self, workflow: Workflow) -> None:
        """Begins to look, every ``interval``; the workflow's observers are told."""
        self.connect(workflow.observers)
        self._task = asyncio.get_running_loop().create_task(self._run())

    def connect(self, observers: Observer) -> None:
        """Says who is told, where nobody calls `start`."""
        self._observers = observers

    async def stop(self) -> None:
        """Ends at once; the cursor is as of the last look."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._client.close()

    async def look(self) -> None:
        """Looks once, and tells what has changed since the last time.

        Raises:
            OperateError: Operate is away or refuses.
        """
        known = self._known()
        found: _Open = {}
        for item in await self._client.open_incidents():
            key = int(item["key"])
            process_id = await self._client.process_id(item)
            if self._processes and process_id not in self._processes:
                continue
            job_key = max(0, int(item.get("jobKey") or 0))
            found[key] = (process_id, int(item["processInstanceKey"]), job_key or key)
            if known is None or key not in known:
                await self._tell(item, first=known is None)
            elif not self._begun:
                # From the cursor: told before this process began, only its end is news.
                known_one = self._alert(await self._client.complete(item))
                self._observers.incident_known(known_one)
        self._begun = True
        for key in (known or {}).keys() - found.keys():
            self._observers.incident_resolved(*(known or {})[key])
        self._observers.incidents_open(Counter(process for process, _, _ in found.values()))
        # Last: a look that fails before is made again whole, and alerts know what they have told.
        self._remember(found)

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
                self._enter("watching")
                self._log.enter("", "INFO", "incidents are watched again")
            except OperateError as error:
                self._complain(str(error))
            except Exception as error:  # noqa: BLE001 - the watcher never ends
                self._complain(kind_and_place(error))
            await asyncio.sleep(self._interval)

    async def _tell(self, item: dict[str, Any], *, first: bool) -> None:
        incident = await self._client.complete(item)
        # Without a cursor the first look finds whatever is still open: what is old is no news.
        if first and incident.created_at < self._clock() - self._lookback:
            return
        self._observers.incident_found(self._alert(incident))

    def _alert(self, incident: OperateIncident) -> IncidentAlert:
        return IncidentAlert(
            service=self._service,
            process_id=incident.process_id,
            instance_key=incident.instance_key,
            element_id=incident.element_id,
            job_key=incident.job_key,
            job_type="",
            message=incident.message,
            attempts=(),
            retries=0,
            at=incident.created_at,
            error_type=incident.error_type,
            incident_key=incident.key,
        )

    def _known(self) -> _Open | None:
        if self._open is None and self._cursor is not None and self._cursor.exists():
            self._open = _read(self._cursor)
        return self._open

    def _remember(self, found: _Open) -> None:
        changed, self._open = found != self._open, found
        if changed and self._cursor is not None:
            # Replaced as a whole: a crash leaves the old one or the new one.
            beside = self._cursor.with_suffix(".new")
            text = json.dumps({"open": {str(key): value for key, value in found.items()}})
            beside.write_text(text, encoding="utf-8")
            beside.replace(self._cursor)

    def _enter(self, state: str) -> None:
        if state == self._state:
            return
        self._state = state
        self._observers.watcher_state(state)
        if state != "watching":
            self._observers.incidents_unwatched()

    def _complain(self, what: str) -> None:
        self._enter("blind")
        text = "incidents are not watched: {}; trying again until it works"
        self._log.enter("away", "WARNING", text, what)


def watcher_of(settings: WorkflowSettings, processes: Collection[str]) -> OperateWatcher:
    """The watcher that the settings describe.

    Raises:
        ConfigurationError: no address of Operate, or a password over a plain line.
    """
    return OperateWatcher(
        operate_client(settings),
        service=settings.service_name,
        processes=processes,
        interval=settings.operate_interval,
        cursor=settings.operate_cursor,
    )


def _read(cursor: Path) -> _Open | None:
    try:
        content = json.loads(cursor.read_text(encoding="utf-8"))["open"]
        return {
            int(key): (str(process), int(instance), int(identity))
            for key, (process, instance, identity) in content.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        logger.warning("{}: cannot be read, starting anew: {}", cursor, kind_and_place(error))
        return None
