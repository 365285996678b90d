"""``python -m tools.broker run -- COMMAND``: a broker for as long as the command runs.

The command finds ``ZEEBE_ADDRESS``, ``ZEEBE_MONITORING`` (the broker's management port, to move
its clock) and ``ZEEBE_RECORDS`` (a file with one record a line). Where Java or Maven are missing
it says so and ends with 0, but with 1 when REQUIRE_ZEEBE is set.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.broker.broker import Broker, BrokerFailed
from tools.broker.distribution import Missing, fetch


def main(arguments: list[str]) -> int:
    """Runs a command beside a broker; its exit code is the command's."""
    if arguments[:2] != ["run", "--"] or not arguments[2:]:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        distribution = fetch()
    except Missing as reason:
        print(f"zeebe: skipped, {reason}")
        return 1 if os.environ.get("REQUIRE_ZEEBE") else 0
    with tempfile.TemporaryDirectory(prefix="zeebe-") as folder:
        try:
            with Broker(distribution, Path(folder)) as broker:
                env = os.environ | broker.environment()
                return subprocess.run(arguments[2:], env=env, check=False).returncode
        except BrokerFailed as reason:
            print(f"zeebe: {reason}", file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
