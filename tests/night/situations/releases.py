"""A release that cannot do its work, and one that replaces another while work goes on."""

from tests.night.services import release
from tests.night.situation import Situation
from tests.night.stage import Stage

FILTER = "--element createAccount --error JOB_NO_RETRIES"
BAD = {
    "src/registration_service/handlers/accounts.py": ("create(scope.user_id)", "create(scope.name)")
}


async def play_bad(stage: Stage) -> None:
    bad = release(stage.services["sqlite"], "bad", BAD)
    await stage.run(2, bad)
    stage.fault()
    stage.traffic()
    await stage.until_told()
    resolve = f"workflow incidents resolve {FILTER} --retries 1"
    await stage.since_fault(20)
    # Without a repair: they come back, and whoever did it hears so.
    said = await stage.command(resolve, may_fail=True)
    stage.expect("came back" in said, f"nobody is told that they came back: {said[-200:]}")
    await stage.no_more_traffic()
    bad_ones = list(stage.replicas)
    await stage.run(2)
    for replica in bad_ones:
        await stage.retire(replica)
    stage.settled()
    await stage.command("workflow incidents list --element createAccount")
    await stage.command(resolve)
    await stage.all_completed()
    await stage.until_notice("Resolved")


async def play_rolling(stage: Stage) -> None:
    stage.world.answers["user-"] = "slow 3"
    await stage.run(2)
    stage.traffic()
    await stage.until("some registrations", lambda: len(stage.engine.completed()) >= 3)
    stage.fault()
    for replica in list(stage.replicas):
        await stage.run(1)
        await stage.retire(replica)
    stage.settled()
    await stage.since_fault(100)
    await stage.all_completed()


SITUATIONS = [
    Situation(
        name="bad-release",
        title="a bad release",
        play=play_bad,
        repair="roll it back",
        tells=(
            r"notice Incident in \w+: createAccount",
            r"rule WorkflowIncidents: .*createAccount",
        ),
        true_too=(
            r"notice \d+ more incidents? in \w+: createAccount",
            r"notice .*came back.*createAccount|notice .*createAccount.*came back",
            r"notice Resolved: \w+: createAccount",
            r"rule Workflow(TasksFail: .*createAccount|EverythingFails: )",
        ),
        untrue=(r"(?i)engine is away|broker is away|not deployed|not watched",),
        counted=False,
        long=True,
    ),
    Situation(
        name="rolling-deploy",
        title="a rolling deploy",
        play=play_rolling,
        untrue=(r"(?i)engine is away|broker is away|not deployed|incident",),
        counted=False,
    ),
]
