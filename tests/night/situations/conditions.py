"""Three hundred instances whose condition cannot be evaluated: no worker knows of it."""

import asyncio

from tests.night.services import release
from tests.night.situation import Situation
from tests.night.stage import Stage

WRONG = 300
CONDITION = {"bpmn/registration_service_process.bpmn": ('=plan = "premium"', "=vip")}
FILTER = "--element isPremium --error EXTRACT_VALUE_ERROR"


async def play(stage: Stage) -> None:
    await stage.run(2, release(stage.services["sqlite"], "condition", CONDITION))
    stage.fault()
    await asyncio.gather(*(stage.register(f"user-{number}") for number in range(WRONG)))
    await stage.until("300 incidents", lambda: stage.engine.open_incidents() == WRONG)
    await stage.until_told()
    said = await stage.command(f"workflow incidents resolve {FILTER}", may_fail=True)
    stage.expect(f"{WRONG} came back" in said, f"nobody is told that they came back: {said[-200:]}")
    await stage.command(f"workflow set-scope {FILTER} --var vip=false --dry-run")
    await stage.command(f"workflow set-scope {FILTER} --var vip=false")
    await stage.command(f"workflow incidents resolve {FILTER}")
    stage.settled()
    await stage.all_completed()
    await stage.until_notice("Resolved")


SITUATIONS = [
    Situation(
        name="wrong-conditions",
        title="300 conditions that cannot be evaluated",
        play=play,
        tells=(r"notice Incident in \w+: isPremium", r"rule WorkflowIncidents: .*isPremium"),
        true_too=(
            r"notice \d+ more incidents? in \w+: isPremium",
            r"notice .*came back",
            r"notice Resolved: \w+: isPremium",
        ),
        untrue=(r"(?i)engine is away|broker is away|not deployed|not watched",),
        long=True,
    )
]
