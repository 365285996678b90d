"""``python -m workflow_runtime.cli._child LINE …``: the command as a child of ``workflow run``.

The parent passes signals on by a line (a pipe) instead of by signals: whoever tells a whole group
to stop (a terminal, systemd) tells parent and child once each, and means it once.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from workflow_runtime._worker.shutdown import SHUTDOWN
from workflow_runtime.cli import main
from workflow_runtime.cli._supervise import UNASKED


def _listen(line: int) -> None:
    told = 0
    while message := os.read(line, 1):
        told += 1
        number = message[0]
        if number == UNASKED:
            SHUTDOWN.unasked, number = True, signal.SIGTERM
        _ask(told, number)
    # The line ends with the parent, whatever has ended it.
    SHUTDOWN.unasked |= not told
    _ask(1, signal.SIGTERM)


def _ask(times: int, number: int) -> None:
    """Has this process asked to end as often as its parent was."""
    main_thread = threading.main_thread().ident
    if times > SHUTDOWN.asked and main_thread is not None:
        signal.pthread_kill(main_thread, number)


if __name__ == "__main__":
    SHUTDOWN.listen()
    line = int(sys.argv.pop(1))
    os.set_inheritable(line, False)
    threading.Thread(target=_listen, args=(line,), daemon=True).start()
    main()
