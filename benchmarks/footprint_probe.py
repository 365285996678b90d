"""Starts a generated service in this process and prints what that took, as JSON.

``python footprint_probe.py PACKAGE``: the service's package can be imported, ``ZEEBE_ADDRESS`` says
where its broker would be. Only the standard library is imported before the clock is read.
"""

import asyncio
import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path

SETTLED = 1.0
"""Seconds after which modules are counted: what ``run()`` only puts off counts too."""


def resident_bytes():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def loaded(package):
    return sorted(name for name in sys.modules if name.split(".")[0] == package)


async def start(service, begun):
    builder = import_module(f"{service}.main").build()
    workflow = await builder.run()
    seconds = time.process_time() - begun
    await asyncio.sleep(SETTLED)
    found = {
        "cpu_s": seconds,
        "rss_bytes": resident_bytes(),
        "runtime_modules": loaded("workflow_runtime"),
        "devkit_modules": loaded("workflow_devkit"),
        "all_modules": len(sys.modules),
    }
    await workflow.stop(grace=0)
    return found


if __name__ == "__main__":
    print(json.dumps(asyncio.run(start(sys.argv[1], time.process_time()))))
