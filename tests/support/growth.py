"""How the time that something takes grows with what it is given."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

TIMES = 8
"""How many times as large the larger input is."""
_LINEAR = 24.0
"""What is still taken for linear, or for a logarithm more: a square would take 64 times as long."""
_NOISE = 0.01
"""Seconds of CPU below which nothing is concluded from a duration."""


def grows_with_its_square(work: Callable[[Any], object], small: Any, large: Any) -> str:
    """Whether ``work`` takes far more than `TIMES` times as long for an input `TIMES` as large.

    CPU time of this thread, which other processes hardly change; what looks too slow is measured
    once more, twice, since caches and the garbage collector do change it.

    Args:
        work: what is measured; an exception of it counts as an end.
        small: an input.
        large: one of the same kind, `TIMES` as large.

    Returns:
        Both durations in words; empty if the growth is fine.
    """
    told = ""
    for _ in range(3):
        short, long = _seconds(work, small), _seconds(work, large)
        if long <= _LINEAR * max(short, _NOISE):
            return ""
        told = f"{short * 1000:.0f} ms for the small one, {long * 1000:.0f} ms for the large one"
    return told


def _seconds(work: Callable[[Any], object], given: Any) -> float:
    begun = time.thread_time()
    # A refusal is an end, and takes its time too.
    with contextlib.suppress(Exception):
        work(given)
    return time.thread_time() - begun
