from __future__ import annotations

import os

import pytest
from tests.conformance.oracles.asking import Oracle, check_versions, java
from tests.conformance.oracles.fetching import fetched, missing_tools


@pytest.fixture(scope="session")
def oracle():
    """The real engine's parts: one process a session; without Java skipped, in CI a failure."""
    missing = missing_tools()
    if missing:
        reason = f"the oracles need {', '.join(missing)}: install a JDK (17 or later) and Maven"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    with Oracle(java(fetched())) as found:
        check_versions(found)
        yield found
