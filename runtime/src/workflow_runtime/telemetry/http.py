"""Health and metrics over HTTP, for probes, Prometheus and people."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.http import HttpProcessingError
from loguru import logger
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from workflow_runtime.errors import ConfigurationError
from workflow_runtime.health import Health
from workflow_runtime.telemetry.connections import Connections
from workflow_runtime.telemetry.gauges import HealthGauges

if TYPE_CHECKING:
    from workflow_runtime.workflow import Workflow

__all__ = ["HealthServer"]

Answer = Callable[[web.Request], web.Response]

_LAST_ANSWERS = 1.0
"""Seconds for what is being answered as the service stops."""


class HealthServer:
    """``/live``, ``/ready``, ``/health`` (JSON) and ``/metrics``.

    It runs in a thread of its own: a blocked event loop is reported by name instead of by silence
    (docs/decisions/health-thread.md). ``port`` 0 takes a free one; after `start`, ``port`` is the
    real one.
    """

    def __init__(self, host: str, port: int, registry: CollectorRegistry) -> None:
        self.host = host
        self.port = port
        self._registry = registry
        self._loop: asyncio.AbstractEventLoop | None = None
        self._runner: web.AppRunner | None = None
        self._server: asyncio.Server | None = None
        self._ending: asyncio.Task[None] | None = None

    async def start(self, workflow: Workflow) -> None:
        """Listens, in a thread of its own.

        Raises:
            ConfigurationError: the port is taken, or the host is not ours.
        """
        self._registry.register(HealthGauges(workflow.health))
        self._loop = asyncio.new_event_loop()
        # A daemon: a probe in flight must not keep a process alive that has ended otherwise.
        threading.Thread(target=_run, args=(self._loop,), name="health", daemon=True).start()
        # Signals are the service's, and a line for each probe would fill the log.
        self._runner = web.AppRunner(
            application(workflow.health, self._registry),
            access_log=None,
            logger=_logger(),
            handle_signals=False,
            shutdown_timeout=_LAST_ANSWERS,
        )
        try:
            await self._in_thread(self._listen(self._runner))
        except OSError as error:
            raise ConfigurationError(
                f"health and metrics cannot be served at {self.host}:{self.port}: "
                f"{error.strerror or error}; set WORKFLOW_HEALTH_PORT (0 takes any free port) or "
                "WORKFLOW_HEALTH_HOST"
            ) from error
        host = f"[{self.host}]" if ":" in self.host else self.host
        logger.info("health and metrics: http://{}:{}", host, self.port)

    async def stop(self) -> None:
        """Closes open connections and lets go of the port."""
        if self._loop is not None and self._runner is not None:
            await self._in_thread(self._close(self._runner))
            # From another thread a loop may be told by this call only (asyncio).
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._loop = None

    async def _listen(self, runner: web.AppRunner) -> None:
        await runner.setup()
        assert runner.server is not None
        loop, connections = asyncio.get_running_loop(), Connections(runner.server)
        # Not by a site of aiohttp: that one takes as many connections as come.
        self._server = await loop.create_server(connections, self.host, self.port, backlog=128)
        self.port = int(self._server.sockets[0].getsockname()[1])
        self._ending = loop.create_task(connections.end_old_ones())

    async def _close(self, runner: web.AppRunner) -> None:
        if self._server is not None and self._ending is not None:
            self._server.close()
            self._ending.cancel()
        await runner.cleanup()
        # aiohttp still waits for the rest of requests whose clients have gone.
        late = asyncio.all_tasks() - {asyncio.current_task()}
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _in_thread(self, work: Coroutine[Any, Any, None]) -> None:
        assert self._loop is not None
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))


def _logger() -> logging.Logger:
    """A log of what fails here; what clients do wrong is none of it, or they would fill it."""
    mine = logging.getLogger(__name__)
    mine.addFilter(_is_ours)
    return mine


def _is_ours(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    of_clients = HttpProcessingError | web.RequestPayloadError | ConnectionError
    return not isinstance(error, of_clients)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()


def application(health: Callable[[], Health], registry: CollectorRegistry) -> web.Application:
    """The four pages, for those who mount them into a server of their own.

    Args:
        health: gives a snapshot; called in the server's thread for each request.
        registry: the metrics of ``/metrics``.
    """

    def live(_: web.Request) -> web.Response:
        now = health()
        return _verdict(now.live, now.stalled)

    def ready(_: web.Request) -> web.Response:
        now = health()
        return _verdict(now.ready, now.problems)

    def everything(_: web.Request) -> web.Response:
        return web.json_response(health().as_dict())

    def metrics(request: web.Request) -> web.Response:
        # OpenMetrics or the older text format, whichever the scraper asks for.
        try:
            encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        except (TypeError, ValueError):  # a version that is none: version=abc
            encode, content_type = choose_encoder("")
        return web.Response(body=encode(registry), headers={"Content-Type": content_type})

    pages = {"/live": live, "/ready": ready, "/health": everything, "/metrics": metrics}
    app = web.Application(middlewares=[_one_answer])
    app.add_routes([web.get(path, _page(answer)) for path, answer in pages.items()])
    return app


@web.middleware
async def _one_answer(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    # One for each connection: requests that were sent ahead are not worked on.
    try:
        response = await handler(request)
    except web.HTTPException as error:
        response = web.Response(status=error.status, text=error.text, headers=error.headers)
    response.force_close()
    return response


def _page(answer: Answer) -> Callable[[web.Request], Coroutine[Any, Any, web.Response]]:
    async def page(request: web.Request) -> web.Response:
        return answer(request)

    return page


def _verdict(good: bool, reasons: tuple[str, ...]) -> web.Response:
    # 503: to Kubernetes every status from 400 on is a failed probe.
    body = {"status": "ok" if good else "failing", "reasons": list(reasons)}
    return web.Response(
        text=json.dumps(body), status=200 if good else 503, content_type="application/json"
    )
