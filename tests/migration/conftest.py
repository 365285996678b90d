"""An engine for each side: process ids, task types and messages are the same on both."""

import pytest
from tests.support.dev import Dev


@pytest.fixture(scope="session")
def engines():
    """The engine of ``before`` and the engine of ``after``."""
    both = Dev(), Dev()
    yield dict(zip(("before", "after"), both, strict=True))
    for dev in both:
        dev.stop()
