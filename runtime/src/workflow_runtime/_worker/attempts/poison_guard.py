"""Which jobs may have killed a process before, and how that is remembered.

The broker does not count activations, and a process that dies cannot count its own deaths. So
a doubtful job gets a note among its task's local variables *before* its handler runs; if nothing
takes it away, the job came back because it timed out. Noting every job would cost a command for
each; a job that was given out before comes back with a key below those that followed it, or
among the first of a new process: only those are noted.
"""

from __future__ import annotations

_PARTITION = 51
"""Bits of a key below its partition's number (Zeebe's ``Protocol.KEY_BITS``)."""


class PoisonGuard:
    """Looks at the keys of one job type, in the order of their arrival.

    ``first`` is how many jobs of a new process are doubtful whatever their keys: as many as may
    have been running when another one died.
    """

    def __init__(self, first: int) -> None:
        self._first = first
        self._highest: dict[int, int] = {}

    def is_doubtful(self, job_key: int) -> bool:
        """Whether this job may have been activated before; asked once for each activation."""
        # Keys grow within a partition only (semantics#grpc-partitions).
        partition = job_key >> _PARTITION
        highest = self._highest.get(partition, 0)
        if job_key > highest:
            self._highest[partition] = job_key
        if self._first > 0:
            self._first -= 1
            return True
        return job_key <= highest
