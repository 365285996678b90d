"""Health and metrics over HTTP, for probes, Prometheus and people."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from aiohttp import web
from loguru import logger
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from workflow_runtime.errors import ConfigurationError
from workflow_runtime.health import Health
from workflow_runtime.telemetry.gauges import HealthGauges

if TYPE_CHECKING:
    from workflow_runtime.workflow import Workflow

__all__ = ["HealthServer"]

Answer = Callable[[web.Request], web.Response]


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
            application(workflow.health, self._registry), access_log=None, handle_signals=False
        )
        try:
            await self._in_thread(self._listen(self._runner))
        except OSError as error:
            raise ConfigurationError(
                f"health and metrics cannot be served at {self.host}:{self.port}: "
                f"{error.strerror or error}; set WORKFLOW_HEALTH_PORT (0 takes any free port) or "
                "WORKFLOW_HEALTH_HOST"
            ) from error
        logger.info("health and metrics: http://{}:{}", self.host, self.port)

    async def stop(self) -> None:
        """Closes open connections and lets go of the port."""
        if self._loop is not None and self._runner is not None:
            await self._in_thread(self._runner.cleanup())
            # From another thread a loop may be told by this call only (asyncio).
            self._loop.call_soon_threadsafe(self._loop.stop)

    async def _listen(self, runner: web.AppRunner) -> None:
        await runner.setup()
        await web.TCPSite(runner, self.host, self.port).start()
        self.port = int(runner.addresses[0][1])

    async def _in_thread(self, work: Coroutine[Any, Any, None]) -> None:
        assert self._loop is not None
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))


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
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(registry), headers={"Content-Type": content_type})

    pages = {"/live": live, "/ready": ready, "/health": everything, "/metrics": metrics}
    app = web.Application()
    app.add_routes([web.get(path, _page(answer)) for path, answer in pages.items()])
    return app


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
