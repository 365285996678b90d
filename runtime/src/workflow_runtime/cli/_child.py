"""``python -m workflow_runtime.cli._child PARENT …``: the command as a child of ``workflow run``.

Its parent alone tells it to stop. Without that, Ctrl+C would come twice, from the terminal and
from the parent, and a second signal ends a service at once.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

from workflow_runtime.cli import main

_GLANCE = 0.5
"""Seconds between two looks at who the parent is."""


def _stop_without(parent: int) -> None:
    """Tells this process to stop when its parent is gone, whatever ended it."""
    # An orphan gets another parent. There is a signal for that on Linux only, and it comes at the
    # end of the thread that started the child, not of the process (prctl(2), PR_SET_PDEATHSIG).
    while os.getppid() == parent:
        time.sleep(_GLANCE)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    # A session rather than a group: a group in the background of a terminal is stopped when it
    # reads from it, and with `stty tostop` when it writes.
    os.setsid()
    threading.Thread(target=_stop_without, args=(int(sys.argv.pop(1)),), daemon=True).start()
    main()
