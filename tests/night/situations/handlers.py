"""Handlers that kill their process, hang, or block the event loop."""

import json
import re

from tests.night.situation import Situation
from tests.night.stage import Stage

BLOCKED = 80
"""Seconds for which a handler blocks the loop."""


async def play_poison(stage: Stage) -> None:
    stage.world.answers["poison"] = "die"
    await stage.run(2, WORKFLOW_JOB_TIMEOUT=5)
    for replica in stage.replicas:
        replica.keep_running()
    stage.traffic()
    stage.fault()
    await stage.register("poison-1")
    await stage.until_told()
    await stage.until("the incident", lambda: stage.engine.open_incidents() == 1)
    await stage.until_notice("Incident")
    stage.world.answers.clear()
    stage.settled()
    await stage.command("workflow incidents list")
    await stage.command("workflow incidents resolve --element createAccount --retries 3")
    await stage.all_completed()
    await stage.until_notice("Resolved")


async def play_hanging(stage: Stage) -> None:
    stage.world.answers["hang"] = "hang"
    await stage.run(WORKFLOW_GRACE=5)
    stage.traffic()
    stage.fault()
    await stage.register("hang-1")
    await stage.until_told()
    health = json.loads((await stage.replicas[0].ask("/health"))[1])
    stage.expect("createAccount" in json.dumps(health), "/health does not name createAccount")
    lines = [each for each in stage.statements() if "has been running for" in each.head]
    stage.expect(any("createAccount" in each.shown for each in lines), "no line names the handler")
    stage.world.answers.clear()
    # What the page says: restart it.
    await stage.retire(stage.replicas[0])
    await stage.run()
    stage.settled()
    await stage.all_completed()


async def play_blocked(stage: Stage) -> None:
    stage.world.answers["block"] = f"block {BLOCKED}"
    await stage.run()
    stage.traffic()
    await stage.until("some registrations", lambda: len(stage.engine.completed()) >= 2)
    stage.fault()
    await stage.register("block-1")
    await stage.since_fault(10)
    status, _ = await stage.replicas[0].ask("/ready")
    stage.expect(status == 503, f"/ready answers {status} while the loop is blocked")
    health = (await stage.replicas[0].ask("/health"))[1]
    stage.expect("adapters/memory.py" in health, "/health does not name what blocks")
    await stage.until_told()
    await stage.since_fault(BLOCKED)
    stage.settled()
    await stage.all_completed()
    _length_is_true(stage)


def _length_is_true(stage: Stage) -> None:
    loud = [each.head for each in stage.statements() if each.channel == "log"]
    lengths = [
        float(found[1]) for text in loud if (found := re.search(r"blocked.* ([\d.]+) s\b", text))
    ]
    stage.expect(lengths, "no line tells how long the loop was blocked")
    longest = max(lengths, default=0)
    stage.expect(BLOCKED - 5 < longest < BLOCKED + 15, f"{longest} s told for a block of {BLOCKED}")


SITUATIONS = [
    Situation(
        name="poison-message",
        title="a message that kills the process of its handler",
        play=play_poison,
        repair="mend the handler",
        tells=(r"rule Workflow\w*(Restart|Down)\w*: ", r"notice Incident in \w+: createAccount"),
        true_too=(
            r"notice Resolved: \w+: createAccount",
            r"rule WorkflowIncidents: .*createAccount",
            r"rule Workflow\w*Tasks?\w*Fail\w*: .*createAccount",
        ),
        untrue=(r"(?i)engine is away|broker is away|not deployed",),
        counted=False,
        long=True,
    ),
    Situation(
        name="hanging-handler",
        title="a handler that hangs",
        play=play_hanging,
        tells=(r"rule Workflow\w*Stalled\w*: ",),
        repair="restart it: its jobs are handed back",
        untrue=(r"(?i)engine is away|broker is away|not deployed|incident",),
        counted=False,
    ),
    Situation(
        name="blocked-loop",
        title="a handler that blocks the event loop",
        play=play_blocked,
        tells=(r"rule Workflow\w*(Stalled|NotReady|Blocked|NotLive)\w*: ",),
        true_too=(r"rule Workflow\w*: ",),
        untrue=(r"(?i)broker is away|not deployed|incident in|not watched",),
    ),
]
