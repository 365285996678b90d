"""Clients of other languages against ``workflow dev``: slow to build once, then seconds."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
BUILD_SECONDS = 900
"""The first run waits for package clients and compilers."""


def pytest_collection_modifyitems(items):
    """Marks the tests of this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.clients)
            item.add_marker(pytest.mark.timeout(BUILD_SECONDS))
