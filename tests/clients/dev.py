"""Programs in other languages, run against a ``workflow dev`` process."""

import json
import subprocess
import threading
from pathlib import Path

from tests.support.commands import environment
from tests.support.waiting import PATIENCE

HERE = Path(__file__).parent
MODELS = HERE / "models"


def play(dev, *command, **variables):
    """Runs a client's program and returns the JSON report of its last line.

    A line ``? KEY`` asks for the incident of an instance: the protocol tells no client of it.

    Args:
        dev: the engine that answers for incidents.
        command: the program with its arguments; it runs in the folder of the diagrams.
        variables: added to its environment.
    """
    with subprocess.Popen(
        [str(part) for part in command],
        cwd=MODELS,
        env=environment(**variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        errors = []
        reader = threading.Thread(target=lambda: errors.extend(process.stderr))
        reader.start()
        patience = threading.Timer(2 * PATIENCE, process.kill)
        patience.start()
        last = ""
        for line in process.stdout:
            if line.startswith("? "):
                process.stdin.write(f"{dev.incident(line[2:])}\n")
                process.stdin.flush()
            else:
                last = line
        code = process.wait()
        patience.cancel()
        reader.join()
    assert code == 0, f"ended with {code}:\n{last}{''.join(errors[-40:])}"
    return json.loads(last)
