from __future__ import annotations

import pytest
from tests.conformance.oracles.asking import Oracle, check_versions, java
from tests.conformance.oracles.fetching import fetched, require_tools


@pytest.fixture(scope="session")
def oracle():
    """The real engine's parts: one process a session."""
    require_tools()
    with Oracle(java(fetched())) as found:
        check_versions(found)
        yield found
