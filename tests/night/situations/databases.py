"""The outbox's database is locked: events cannot be taken, and the API says so."""

import sqlite3

from tests.night.situation import Situation
from tests.night.stage import Stage


async def play(stage: Stage) -> None:
    await stage.run()
    replica = stage.replicas[0]
    await stage.engine_start("before")
    status, *_ = await stage.post(replica, "/registrations/before/confirmation")
    stage.expect(status == 202, f"an event answers {status} before the fault")
    await stage.until("the first event", stage.engine.completed)
    await stage.engine_start("late")
    lock = sqlite3.connect(stage.folder / "outbox-1.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    stage.fault()
    status, kind, seconds = await stage.post(replica, "/registrations/late/confirmation")
    stage.expect(
        (status, kind) == (503, "application/problem+json") and seconds < 4,
        f"an event answers {status} as {kind} after {seconds:.1f} s while the database is locked",
    )
    await stage.until_told()
    health = (await replica.ask("/health"))[1]
    stage.expect("outbox" in health, "/health says nothing about the outbox")
    await stage.since_fault(75)
    lock.execute("ROLLBACK")
    lock.close()
    stage.settled()
    status, *_ = await stage.post(replica, "/registrations/late/confirmation")
    stage.expect(status == 202, f"an event answers {status} after the fault")
    await stage.all_completed()
    url = f"sqlite+aiosqlite:///{stage.folder / 'outbox-1.db'}"
    await stage.command("workflow outbox list", SERVICE_OUTBOX_URL=url, WORKFLOW_OUTBOX_URL=url)


SITUATIONS = [
    Situation(
        name="database-locked",
        title="the outbox's database is locked",
        play=play,
        tells=(r"rule Workflow\w*Outbox\w*: ",),
        true_too=(r"notice .*outbox",),
        untrue=(r"(?i)not deployed|broker is away|engine is away|incident in",),
    )
]
