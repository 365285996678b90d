"""Runs the embedded engine as a gateway and tells what happens in it."""

from __future__ import annotations

import asyncio
import errno
import json
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import TextIO

from workflow_devkit.cli._record_lines import as_text
from workflow_devkit.engine import Engine
from workflow_devkit.engine.grpc_server import serve
from workflow_devkit.engine.records import Record
from workflow_runtime.cli.exits import CommandError
from workflow_runtime.cli.output import note, write_json, write_line

Follow = Callable[[Record], None]


async def listen(
    host: str, port: int, records: Path | None, operate: int | None, *, as_json: bool
) -> None:
    """Serves an engine until SIGINT or SIGTERM.

    Args:
        host: the address to listen on.
        port: the port; 0 takes any free one.
        records: a file that gets every record as a line of JSON.
        operate: a port for what Operate tells of incidents, or None.
        as_json: prints records as JSON instead of sentences.

    Raises:
        CommandError: it cannot listen on that address or port.
    """
    engine = Engine(keep_records=0)  # they are told as they come, and read by nobody later
    where = f"[{host}]" if ":" in host else host
    with ExitStack() as stack:
        engine.records.subscribe(_print_json if as_json else _print_text)
        if records:
            engine.records.subscribe(stack.enter_context(_written_to(records)))
        _refuse_taken(host, port)
        server = await serve(engine, host=where, port=port)
        note(f"workflow dev: engine at http://{where}:{server.port} (stop with Ctrl+C)")
        async with _operate(engine, host, operate):
            await _told_to_stop()
        await server.stop()


@asynccontextmanager
async def _operate(engine: Engine, host: str, port: int | None) -> AsyncIterator[None]:
    """Answers as Operate does about incidents while the engine runs, if a port is given."""
    if port is None:
        yield
        return
    from workflow_devkit.testing.operate import OperateDouble  # noqa: PLC0415 - aiohttp

    _refuse_taken(host, port)
    double = OperateDouble()

    def follow(record: Record) -> None:
        if record.value_type == "PROCESS_INSTANCE":
            if record.intent == "ELEMENT_ACTIVATING":
                double.enter(record.key, record.value["elementId"])
            elif record.intent in {"ELEMENT_COMPLETED", "ELEMENT_TERMINATED"}:
                double.leave(record.key)
        elif record.value_type == "INCIDENT":
            # There are no importers here that have yet to see it.
            double.feed(record.intent, record.key, record.timestamp, record.value)
            double.settle()

    engine.records.subscribe(follow)
    url = await double.start(host, port)
    note(f"workflow dev: incidents as in Operate at {url} (user demo, password demo)")
    yield
    await double.stop()


def _refuse_taken(host: str, port: int) -> None:
    """Refuses an address or port that cannot be used.

    gRPC would write lines of its own to stderr, and give one reason for all.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, where = found[0]
        with socket.socket(family, kind, protocol) as probe:
            # A port that was left a moment ago (TIME_WAIT) is not taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        taken = " Is another `workflow dev` or a broker running? --port 0 takes any free port."
        remedy = taken if error.errno == errno.EADDRINUSE else ""
        raise CommandError(f"cannot listen on {host}:{port}: {error.strerror}.{remedy}") from error


def _print_json(record: Record) -> None:
    write_json(record.as_dict())


def _print_text(record: Record) -> None:
    if line := as_text(record):
        write_line(line)


@contextmanager
def _written_to(path: Path) -> Iterator[Follow]:
    with path.open("a", encoding="utf-8") as file:
        yield _line_writer(file)


def _line_writer(file: TextIO) -> Follow:
    def write(record: Record) -> None:
        file.write(json.dumps(record.as_dict(), default=str) + "\n")
        # Tests may read the file while it grows (docs/reference/engine-differences.md).
        file.flush()

    return write


async def _told_to_stop() -> None:
    # Handlers of the loop instead of KeyboardInterrupt: what follows the wait stops the server.
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # A shell ignores Ctrl+C for what it runs in the background: the service in the foreground
        # still needs its engine to drain.
        if signal.getsignal(number) != signal.SIG_IGN:
            loop.add_signal_handler(number, stop.set)
    await stop.wait()
