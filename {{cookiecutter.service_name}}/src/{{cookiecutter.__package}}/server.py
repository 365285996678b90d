"""HTTP as a part of the service: it starts with it, and ends when running tasks have finished."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI
from workflow_runtime import Workflow

REQUESTS_END_WITHIN = 5
"""Seconds for open requests at the end; the runtime gives a hook ten."""


class HttpServer:
    """A hook for `WorkflowBuilder.with_lifespan_hook`."""

    def __init__(self, make_app: Callable[[Workflow], FastAPI], host: str, port: int) -> None:
        self._make_app = make_app
        self._host = host
        self._port = port
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self, workflow: Workflow) -> None:
        """Listens; ends the start if it cannot."""
        config = uvicorn.Config(
            self._make_app(workflow),
            host=self._host,
            port=self._port,
            # Its lines go where all others go.
            log_config=None,
            timeout_graceful_shutdown=REQUESTS_END_WITHIN,
        )
        self._server = _Server(config)
        listening = [config.bind_socket()]
        self._serving = asyncio.create_task(self._server.serve(sockets=listening))
        while not self._server.started:
            if self._serving.done():
                raise RuntimeError("HTTP does not start: see the lines above")
            await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """Lets open requests end."""
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to the service, which drains; Uvicorn would take them for itself."""
        yield
