"""What breaks in the chaos runs: replicas that are killed and started again, and the line."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections import Counter
from contextlib import asynccontextmanager

HOW = (signal.SIGKILL, signal.SIGTERM)


def now():
    return int(time.time() * 1000)


class Fleet:
    """Replicas of one service, each started again as soon as it has ended."""

    def __init__(self, folder, kind, count, **variables):
        self._command = (sys.executable, "-m", "benchmarks.chaos_service", kind, str(folder))
        self._variables = {key: str(value) for key, value in variables.items()}
        self._log = folder / "replicas.log"
        self._count = count
        self._running, self._up = [], []
        self._ending = False
        self.killed = {}
        """When each process was killed, by its id."""
        self.told = 0
        self.exits = Counter()

    @asynccontextmanager
    async def running(self):
        replicas = [asyncio.create_task(self._supervise()) for _ in range(self._count)]
        try:
            yield self
        finally:
            self._ending = True
            for process in self._running:
                process.terminate()
            await asyncio.gather(*replicas)

    async def strike(self, rand, seconds):
        """SIGKILL or SIGTERM for one that is up, at any moment, for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await asyncio.sleep(rand.uniform(0.5, 4))
            # One stays, or a loaded machine would see nothing but starts.
            if len(self._up) < 2:
                continue
            process, how = self._up.pop(rand.randrange(len(self._up))), rand.choice(HOW)
            if how == signal.SIGKILL:
                self.killed[process.pid] = now()
            else:
                self.told += 1
            process.send_signal(how)

    def counts(self):
        return {
            "replicas killed": len(self.killed),
            "replicas told to end": self.told,
            "exit codes": {str(code): count for code, count in self.exits.items()},
        }

    async def _supervise(self):
        while not self._ending:
            with self._log.open("ab") as log:
                process = await asyncio.create_subprocess_exec(
                    *self._command,
                    env={**os.environ, **self._variables},
                    stdout=asyncio.subprocess.PIPE,
                    stderr=log,
                )
            self._running.append(process)
            if await process.stdout.readline():
                self._up.append(process)
            self.exits[await process.wait()] += 1
            self._running.remove(process)
            self._up = [each for each in self._up if each is not process]


@asynccontextmanager
async def serving(folder, seed, *, hostile):
    """The engine as a process; gives its port, and a dict that has its counts at the end."""
    command = (sys.executable, "-m", "benchmarks.chaos_engine", str(folder / "records"), str(seed))
    with (folder / "engine.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *command, *(["hostile"] if hostile else []), stdout=asyncio.subprocess.PIPE, stderr=log
        )
    counts = {}
    try:
        yield int(await process.stdout.readline()), counts
    finally:
        process.terminate()
        said, _ = await process.communicate()
        counts.update(json.loads(said))


class Line:
    """Disturbs a proxy: cuts, resets, slowness, silence, each for a moment."""

    def __init__(self, proxy, rand):
        self._proxy, self._rand = proxy, rand
        self._cut = False
        self.moments = []
        """When each began and ended."""
        self.counts = Counter()

    @asynccontextmanager
    async def hostile(self):
        disturber = asyncio.create_task(self._disturb())
        try:
            yield self
        finally:
            disturber.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await disturber
            await self._mend()

    def disturbed(self, begun, end):
        return any(first <= end and last >= begun for first, last in self.moments)

    async def _disturb(self):
        while True:
            await asyncio.sleep(self._rand.uniform(0.1, 1.5))
            how = self._rand.choice(["cut", "reset", "slow", "silent"])
            self.counts[how] += 1
            begun = now()
            await self._begin(how)
            await asyncio.sleep(self._rand.uniform(0, 1))
            await self._mend()
            self.moments.append((begun, now()))

    async def _begin(self, how):
        if how == "slow":
            self._proxy.delay = 0.2
        elif how == "silent":
            self._proxy.freeze()
        else:
            self._proxy.resets = how == "reset"
            self._cut = True
            await self._proxy.cut()

    async def _mend(self):
        self._proxy.delay = 0.0
        self._proxy.thaw()
        if self._cut:
            await self._proxy.start()
            self._cut = False
