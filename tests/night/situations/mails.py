"""The mail server refuses connections for minutes."""

from tests.night.situation import Situation
from tests.night.stage import Stage


async def play(stage: Stage) -> None:
    await stage.run(2)
    stage.traffic()
    await stage.until("the first mails", lambda: len(stage.world.mails) >= 4)
    stage.fault()
    stage.world.stop_mail()
    await stage.until_told()
    await stage.since_fault(75)
    await stage.world.start_mail()
    stage.settled()
    await stage.all_completed()
    named = [each for each in stage.statements() if "ConnectionRefusedError" in each.shown]
    stage.expect(named, "no line names ConnectionRefusedError")


SITUATIONS = [
    Situation(
        name="mail-server-away",
        title="the mail server is away",
        play=play,
        tells=(r"rule Workflow\w*Tasks?\w*Fail\w*: .*sendConfirmation",),
        true_too=(r"rule Workflow\w*Tasks?\w*Fail\w*: .*sendWelcome",),
        untrue=(r"(?i)engine is away|broker is away|not deployed",),
    )
]
