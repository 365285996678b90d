"""A ``workflow dev`` process: the engine that the clients talk to, over TCP on loopback."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

PATIENCE = 60
"""Seconds until something that has to happen counts as missing."""
HERE = Path(__file__).parent
MODELS = HERE / "models"
COMMAND = (sys.executable, "-m", "workflow_runtime.cli")


def environment(**more):
    """The environment without settings of a gateway: to clients it counts more than arguments."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ZEEBE_", "CAMUNDA_"))}
    return kept | {k: str(v) for k, v in more.items()}


class Dev:
    """The running process and the records that it prints.

    ``address`` is ``host:port``; ``said`` has the lines that it wrote to stderr at its start.

    Args:
        command: what starts it; it takes the arguments of ``workflow dev``.
    """

    def __init__(self, command=COMMAND):
        self._records = []
        self._news = threading.Condition()
        self._process = subprocess.Popen(
            [*command, "dev", "--port", "0", "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        self.said = []
        while not (self.said and "engine at http://" in self.said[-1]):
            line = self._process.stderr.readline()
            if not line:
                raise RuntimeError(f"workflow dev did not start:\n{''.join(self.said)}")
            self.said.append(line)
        self.address = self.said[-1].partition("http://")[2].split()[0]
        self.port = int(self.address.rpartition(":")[2])
        self._readers = [
            threading.Thread(target=self._read_records),
            threading.Thread(target=self._process.stderr.read),
        ]
        for reader in self._readers:
            reader.start()

    def record(self, value_type, intent, **value):
        """The first record of this kind whose value has these fields; waits for it."""

        def found():
            for record in self._records:
                kind = (record["valueType"], record["intent"])
                if kind == (value_type, intent) and value.items() <= record["value"].items():
                    return record
            return None

        with self._news:
            record = self._news.wait_for(found, PATIENCE)
        assert record, f"no {value_type} {intent} with {value} in {PATIENCE} s"
        return record

    def incident(self, instance):
        """The key of an instance's first incident; waits for it."""
        return self.record("INCIDENT", "CREATED", processInstanceKey=int(instance))["key"]

    def stop(self):
        """Ends the process as Ctrl+C does."""
        self._process.terminate()
        code = self._process.wait(PATIENCE)
        for reader in self._readers:
            reader.join()
        self._process.stdout.close()
        self._process.stderr.close()
        assert code == 0, f"workflow dev ended with {code}"

    def _read_records(self):
        for line in self._process.stdout:
            with self._news:
                self._records.append(json.loads(line))
                self._news.notify_all()


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
