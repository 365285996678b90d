"""A job in hand: what its runner, its heartbeat and a stop note of it."""

from __future__ import annotations

from dataclasses import dataclass

from workflow_runtime.gateway.port import ActivatedJob


@dataclass(slots=True, eq=False)
class Running:
    """A job in hand; times are monotonic seconds."""

    job: ActivatedJob
    started: float
    deadline: float
    """When the broker may give the job away, as far as we know."""
    extend_at: float
    """When its timeout is to be extended next."""
    task: object = None
    handling: bool = True
    """Whether its handler has not ended yet; then only a command is to be sent."""
    extending: bool = False
    slot_released: bool = False
    """Whether its slot was given on, because only the gateway keeps it from its end."""
    noted: bool = False
    """Whether the broker was told that its handler begins."""
    redelivery: ActivatedJob | None = None
    """The same job as it came back while it was in hand."""
    reported_failures: int | None = None
    """Failures that the broker knows of, once it has taken that this attempt has failed."""
    cancel_reason: str = ""
    """Why its handler was broken off: "shutdown" or "gone"."""
