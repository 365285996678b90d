"""One of two alert channels fails, the other one tells; later each has each notice once."""

from tests.night.situation import Situation
from tests.night.stage import Stage


async def play(stage: Stage) -> None:
    pager, chat = stage.webhook.url(stage.name), stage.webhook.url(stage.name, "chat")
    await stage.run(WORKFLOW_ALERT_URLS=f"{pager} {chat}")
    stage.traffic()
    stage.webhook.failing.add(f"{stage.name}/chat")
    stage.fault()
    key = await stage.register("nameless", userId=None)
    await stage.until_notice("Incident")
    stage.expect(stage.seconds("notice Incident") < 30, "the channel that works is told late")
    await stage.until_told()
    stage.webhook.failing.clear()
    stage.settled()
    await stage.command(f"""workflow set-scope {key} --scope '{{"userId": "nameless"}}'""")
    await stage.command(f"workflow incidents resolve --instance {key} --retries 3")
    await stage.all_completed()
    await stage.until_notice("Resolved")
    await stage.until("both channels to have the same", lambda: _same(stage))
    for channel in ("pager", "chat"):
        said = _titles(stage, channel)
        stage.expect(len(set(said)) == len(said), f"{channel} has a notice twice: {said}")


def _same(stage: Stage) -> bool:
    return _titles(stage, "pager") == _titles(stage, "chat")


def _titles(stage: Stage, channel: str) -> list[str]:
    notices = stage.webhook.notices(stage.name)
    # One that got through late says so.
    return sorted(n.title.partition(", late by")[0] for n in notices if n.channel == channel)


SITUATIONS = [
    Situation(
        name="failing-channel",
        title="a failing alert channel",
        play=play,
        tells=(r"rule Workflow\w*Alert\w*: ",),
        true_too=(
            r"notice (Incident in|Resolved:) \w+: createAccount",
            r"rule WorkflowIncidents: .*createAccount",
        ),
        untrue=(r"(?i)not deployed|broker is away|engine is away",),
    )
]
