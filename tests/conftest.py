"""What all the tests share."""

import signal

pytest_plugins = ["tests.support.foreign", "tests.support.outboxes"]

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell has what it starts in the background ignore Ctrl+C, and whatever that starts: none of
    # the programs that tests send it to would hear it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
