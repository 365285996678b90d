"""Whether a service is live and ready, and what in it does not move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_runtime._worker.loop_watch import LoopWatch
from workflow_runtime._worker.worker import Worker
from workflow_runtime.config import WorkflowSettings
from workflow_runtime.deployment import Deployment
from workflow_runtime.health import Health, OutboxHealth, TypeHealth

_STALLED = 10.0
"""Seconds without a turn of the event loop after which only a restart helps."""
_NOT_READY = 1.0
"""Seconds without a turn of it after which nothing that is asked of the service is begun."""
_SLACK = 30.0
"""Seconds above a poll's own limits before its loop counts as stalled."""


def check_health(
    settings: WorkflowSettings,
    worker: Worker,
    deployment: Deployment,
    *,
    stopping: bool,
    events_waiting: int,
    outbox: Mapping[str, OutboxHealth],
) -> Health:
    """Takes a snapshot; may be called from any thread.

    Args:
        settings: how long polls, calls and handlers may take.
        worker: whose loops and jobs are looked at.
        deployment: what has become of the diagrams.
        stopping: whether the service has been told to stop.
        events_waiting: events in the memory buffer.
        outbox: how each outbox is, by the name of its table.
    """
    types = worker.health()
    poll = (settings.long_poll + settings.request_timeout * 2).total_seconds()
    # The watcher sees a blockage that goes on, the loop itself one that is over.
    lag = max(worker.watch.stalled(), worker.watch.lag)
    dead_loops = tuple(_dead_loops(types, poll + _SLACK))
    problems = [*_standing(worker.watch), *_unpolled(types, poll * 2)]
    if worker.gateway_probe is not None and worker.gateway_probe.problem():
        problems.append(worker.gateway_probe.problem())
    if not deployment.ready:
        problems.append(f"deployment: {deployment.status}")
    if settings.outbox_ready:
        problems += _outbox(outbox)
    if stopping:
        problems.append("stopping")
    handlers = worker.stalls.stalled()
    return Health(
        live=lag < _STALLED and not dead_loops,
        ready=not problems,
        types=types,
        deployment=deployment.status,
        loop_lag=lag,
        problems=tuple(problems),
        stalled=(*_loop(worker.watch), *dead_loops, *handlers),
        events_waiting=events_waiting,
        outbox=outbox,
    )


def _standing(watch: LoopWatch) -> Iterator[str]:
    # Not by the watcher's word, which comes up to a second later.
    if watch.stalled() >= _NOT_READY:
        yield _block(watch)


def _loop(watch: LoopWatch) -> Iterator[str]:
    if watch.blocked_by:
        yield _block(watch)


def _block(watch: LoopWatch) -> str:
    by = watch.blocked_by and f" by {watch.blocked_by}"
    return f"the event loop is blocked for {watch.stalled():.1f} s{by}"


def _outbox(outbox: Mapping[str, OutboxHealth]) -> Iterator[str]:
    for name, one in outbox.items():
        for trouble in one.troubles:
            yield f"{name}: {trouble.what}, for {trouble.seconds:.0f} s"


def _unpolled(types: dict[str, TypeHealth], oldest: float) -> Iterator[str]:
    errors: dict[str, list[str]] = {}
    for name, one in types.items():
        if one.last_error or one.last_ok_age is None:
            errors.setdefault(one.last_error or "not polled yet", []).append(name)
        # A loop that waits for room has no age: it rightly asks for nothing.
        elif one.last_ok_age > oldest and one.poll_loop_age:
            yield f"{name}: no answer to a poll for {one.last_ok_age:.0f} s"
    # What keeps several types waiting is said once.
    yield from (f"{', '.join(names)}: {error}" for error, names in errors.items())


def _dead_loops(types: dict[str, TypeHealth], oldest: float) -> Iterator[str]:
    for name, one in types.items():
        if one.poll_loop_age > oldest:
            yield f"the poll loop of {name} has not turned for {one.poll_loop_age:.0f} s"
