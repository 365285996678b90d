"""One job through a real worker: over gRPC, on an engine whose commands are listened to."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

from tests.support.diagrams import one_task

from workflow_devkit.engine import Engine
from workflow_devkit.engine.grpc_server import serve
from workflow_devkit.testing import TaskOutcome
from workflow_runtime import WorkflowBuilder, WorkflowSettings
from workflow_runtime.observers import Observer

KINDS = {"failed": "retry"}
"""What the test kit calls differently."""


class Listener(Observer):
    """Hears how jobs end, and what the engine took for it."""

    def __init__(self):
        self.words, self.taken = asyncio.Queue(), {}

    def job_ended(self, job, outcome, seconds, wait_seconds):
        self.words.put_nowait(outcome)

    def listen(self, engine):
        for name in ("complete_job", "fail_job", "throw_error"):
            setattr(engine, name, self._heard(name, getattr(engine, name)))

    def _heard(self, name, take):
        def command(*args, **named):
            take(*args, **named)
            # After it: what the engine refuses has ended nothing.
            self.taken = _read(name, *args[1:], **named)

        return command


def _read(name, *args, **named):
    if name == "complete_job":
        return {"scope": args[0]}
    if name == "throw_error":
        return dict(zip(("code", "message", "scope"), args, strict=True))
    retries, message, backoff, _ = (*args, *named.values())
    return {
        "retries": retries, "message": message, "delay": timedelta(milliseconds=backoff),
    }  # fmt: skip


@asynccontextmanager
async def service(handler, *, config=None, headers=None, retries=3, resolver=None, middlewares=()):
    """A service with one handler; gives a function that plays a scope, and returns the end."""
    engine, heard = Engine(), Listener()
    heard.listen(engine)
    server = await serve(engine)
    settings = WorkflowSettings(
        service_name="at-work",
        address=f"http://127.0.0.1:{server.port}",
        long_poll=timedelta(seconds=0.2),
    )
    builder = WorkflowBuilder(settings=settings, observers=[heard], resolver=resolver)
    builder.with_handler("task", handler, config).with_middleware(*middlewares)
    written = "".join(f" header.{name}={value}" for name, value in (headers or {}).items())
    engine.deploy([one_task("process", "task", "task", f"retries={retries}{written}")])

    async def play(scope=None) -> TaskOutcome:
        await server.gateway.create_instance("process", scope or {})
        async with asyncio.timeout(60):
            word = await heard.words.get()
        return TaskOutcome(KINDS.get(word, word), **heard.taken)

    try:
        async with builder.running():
            yield play
    finally:
        await server.stop()
