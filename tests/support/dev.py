"""A ``workflow dev`` process: an engine over TCP on loopback, and the records that it prints."""

import json
import subprocess
import threading
from collections.abc import Callable
from typing import Any

from tests.support.commands import COMMAND, environment
from tests.support.waiting import PATIENCE


class Dev:
    """The running process and the records that it prints.

    ``address`` is ``host:port``; ``said`` has the lines that it wrote to stderr at its start;
    ``records`` grows while it runs.

    Args:
        command: what starts it; it takes the arguments of ``workflow dev``.
    """

    def __init__(self, command: tuple[str, ...] = COMMAND) -> None:
        self.records: list[dict[str, Any]] = []
        self._news = threading.Condition()
        self._process = subprocess.Popen(
            [*command, "dev", "--port", "0", "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        self.said: list[str] = []
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

    def until(self, found: Callable[[], Any], seconds: float = PATIENCE) -> Any:
        """What a question about the records gives as soon as it gives something.

        Args:
            found: asked again at every new record; whatever is false is no answer yet.
            seconds: until its last answer is returned, whatever that is.
        """
        with self._news:
            return self._news.wait_for(found, seconds)

    def record(self, value_type: str, intent: str, **value: object) -> dict[str, Any]:
        """The first record of this kind whose value has these fields; waits for it."""

        def found() -> dict[str, Any] | None:
            for record in self.records:
                kind = (record["valueType"], record["intent"])
                if kind == (value_type, intent) and value.items() <= record["value"].items():
                    return record
            return None

        record = self.until(found)
        assert record, f"no {value_type} {intent} with {value} in {PATIENCE} s"
        return record

    def incident(self, instance: int | str) -> int:
        """The key of an instance's first incident; waits for it."""
        return self.record("INCIDENT", "CREATED", processInstanceKey=int(instance))["key"]

    def stop(self) -> None:
        """Ends the process as Ctrl+C does."""
        self._process.terminate()
        code = self._process.wait(PATIENCE)
        for reader in self._readers:
            reader.join()
        self._process.stdout.close()
        self._process.stderr.close()
        assert code == 0, f"workflow dev ended with {code}"

    def _read_records(self) -> None:
        for line in self._process.stdout:
            with self._news:
                self.records.append(json.loads(line))
                self._news.notify_all()
