"""One Java process that answers for the real engine's parts."""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Self

from tests.conformance.oracles.fetching import HERE

VERSIONS: Final = Path(__file__).parents[2] / "cases" / "versions.json"
_BATCH: Final = 500
_PATIENCE: Final = 60.0
_OPTIONS: Final = ("-Xss16m", "-Xmx512m", "-XX:+UseSerialGC", "-Duser.timezone=UTC")

Question = Mapping[str, Any]


class OracleError(Exception):
    """The oracles do not answer, or are not those that were recorded; the message says why."""


def java(folder: Path) -> tuple[str, ...]:
    """The command that runs the oracles of a fetched folder."""
    return ("java", *_OPTIONS, "-cp", f"{folder / 'classes'}:{folder / 'lib'}/*", "Oracle")


class Oracle:
    """Asks the process at the other end of a pipe; dies with its context."""

    def __init__(self, command: Iterable[str], patience: float = _PATIENCE) -> None:
        """Starts it.

        Args:
            command: the program and its arguments.
            patience: seconds to wait for the answers to one batch of questions.
        """
        self._patience = patience
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self._process = subprocess.Popen(
            tuple(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            assert stream is not None
            stream.close()

    def ask(self, name: str, questions: Iterable[Question]) -> list[Any]:
        """The answers of one oracle, in the order of the questions.

        Raises:
            OracleError: the process died, or did not answer in time.
        """
        asked = [{"oracle": name, **question} for question in questions]
        answers: list[Any] = []
        for start in range(0, len(asked), _BATCH):
            answers += self._exchange(asked[start : start + _BATCH])
        return answers

    def _exchange(self, batch: list[dict[str, Any]]) -> list[Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        late = threading.Event()
        clock = threading.Timer(self._patience, self._give_up, (late,))
        clock.start()
        try:
            self._process.stdin.write(json.dumps(batch) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            clock.cancel()
        if not line:
            raise OracleError(self._told(batch, late=late.is_set()))
        found: list[Any] = json.loads(line)
        return found

    def _give_up(self, late: threading.Event) -> None:
        late.set()
        self._process.kill()

    def _told(self, batch: list[dict[str, Any]], *, late: bool) -> str:
        code = self._process.wait()
        self._errors.seek(0)
        errors = self._errors.read().decode(errors="replace")[-4000:]
        what = f"gave no answer in {self._patience} s" if late else f"ended with {code}"
        asked = f"{json.dumps(batch[0])[:500]} and {len(batch) - 1} more"
        return f"the oracle {what} when it was asked {asked}. It said:\n{errors}"


def check_versions(oracle: Oracle, expected: Path = VERSIONS) -> None:
    """Refuses an oracle that is not the one whose answers are in the repository.

    Raises:
        OracleError: a version differs.
    """
    (found,) = oracle.ask("versions", [{}])
    wanted = json.loads(expected.read_text(encoding="utf-8"))
    differing = {name for name in wanted.keys() | found if wanted.get(name) != found.get(name)}
    for name in sorted(differing):
        raise OracleError(
            f"{expected}: the recorded answers are those of {name} {wanted.get(name)}, but the "
            f"oracle is {found.get(name)}. Put the recorded version into {HERE / 'pom.xml'}; or, "
            "to move on, record again (CONFORMANCE_RECORD=1) and write the new version there."
        )
