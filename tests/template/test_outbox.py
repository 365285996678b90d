"""A service with an outbox confirms a registration by an event from its own database."""

import subprocess
import sys

SCRIPT = """
import asyncio
from registration_service.diagrams import PROCESS_ID
from registration_service.events import EmailConfirmed, store_email_confirmed
from registration_service.main import build
from registration_service.settings import Settings
from workflow_runtime.publishing.outbox import Outbox

async def main():
    outbox = Outbox(Settings().outbox_url)
    async with build(outbox=outbox).running() as workflow:
        await outbox.create_table()
        done = asyncio.create_task(
            workflow.start_process_and_wait(
                PROCESS_ID, {"userId": "ann", "confirmationTimeout": "P1D"}, timeout=30
            )
        )
        await store_email_confirmed(outbox, EmailConfirmed(user_id="ann"))
        print((await done)["channel"])
    await outbox.engine.dispose()

asyncio.run(main())
"""


def test_an_event_that_is_stored_lets_the_process_go_on(bake, tmp_path):
    service = bake(outbox="sqlite")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=service,
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(service / "src"),
            "ZEEBE_ADDRESS": "embedded://",
            "SERVICE_OUTBOX_URL": f"sqlite+aiosqlite:///{tmp_path / 'outbox.db'}",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split() == ["link"], done.stderr
