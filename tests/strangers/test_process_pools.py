"""A handler may compute in other processes: gRPC must not stand in the way of a fork."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.commands import environment

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("pooled.py")


@pytest.mark.slow
def test_a_pool_of_forked_processes_works_beside_grpc():
    path = os.pathsep.join([str(ROOT), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
    done = subprocess.run(
        [sys.executable, SCRIPT],
        env=environment(PYTHONPATH=path),
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.stdout.split() == ["40425"], done.stderr
    # gRPC's own handlers of a fork wait for threads that are in a call, or say that they do not.
    assert "fork" not in done.stderr
