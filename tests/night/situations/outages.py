"""The engine is away, the token server is away: nothing can be done, and nothing is lost."""

import time

from aiohttp import web
from tests.night.situation import Situation
from tests.night.stage import Stage

AWAY = 100
"""Seconds of the outage at least."""
_LIFE = 20
"""Seconds for which a token holds."""


async def play_engine(stage: Stage) -> None:
    await stage.run()
    replica = stage.replicas[0]
    stage.traffic()
    await stage.until("some registrations", lambda: len(stage.engine.completed()) >= 2)
    await stage.no_more_traffic()
    stage.fault()
    await stage.engine.line.cut()
    key = await stage.engine_start("late")
    status, kind, seconds = await stage.post(replica, "/registrations", userId="nobody")
    # 504: sent as the line broke, so that nobody knows.
    stage.expect(
        status in {503, 504} and seconds < 4,
        f"a start answers {status} ({kind}) after {seconds:.1f} s while the engine is away",
    )
    status, kind, seconds = await stage.post(replica, "/registrations/late/confirmation")
    stage.expect(status == 202, f"an event answers {status} while the engine is away")
    await stage.until_told()
    await stage.since_fault(75)
    await stage.engine.line.start()
    stage.settled()
    await stage.until("the event to arrive", lambda: key in stage.engine.completed())
    await stage.all_completed()
    await stage.command("workflow status")


class TokenServer:
    """Gives tokens that hold for seconds; counts who asks while it is out of order."""

    def __init__(self) -> None:
        self.away = False
        self.asked: list[float] = []
        self.port = 0
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/token", self._give)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _give(self, _request: web.Request) -> web.Response:
        if self.away:
            self.asked.append(time.time())
            return web.Response(status=503)
        return web.json_response({"access_token": "a", "token_type": "Bearer", "expires_in": _LIFE})


async def play_tokens(stage: Stage) -> None:
    server = TokenServer()
    await server.start()
    try:
        await _without_tokens(stage, server)
    finally:
        await server.stop()


async def _without_tokens(stage: Stage, server: TokenServer) -> None:
    await stage.run(
        WORKFLOW_CLIENT_ID="night",
        WORKFLOW_CLIENT_SECRET="night",
        WORKFLOW_OAUTH_URL=f"http://127.0.0.1:{server.port}/token",
    )
    stage.traffic()
    await stage.until("some registrations", lambda: len(stage.engine.completed()) >= 2)
    server.away = True
    stage.fault()
    await stage.until_told()
    await stage.since_fault(75)
    a_minute = len(server.asked) / (time.time() - stage.fault_at) * 60
    stage.expect(a_minute <= 30, f"{a_minute:.0f} token requests a minute while it is away")
    named = [each for each in stage.statements() if "token" in each.shown and "503" in each.shown]
    stage.expect(named, "no line names the token server's 503")
    server.away = False
    stage.settled()
    await stage.all_completed()


SITUATIONS = [
    Situation(
        name="engine-gone",
        title="the engine is gone",
        play=play_engine,
        tells=(r"rule WorkflowServiceNotReady: ", r"rule Workflow\w*Engine\w*: "),
        true_too=(r"rule WorkflowOutboxLate: ",),
        untrue=(r"(?i)incident in|resolved",),
    ),
    Situation(
        name="token-server",
        title="tokens expire, their server is away",
        play=play_tokens,
        tells=(
            r"rule WorkflowServiceNotReady: ",
            r"rule Workflow\w*(Engine|Token|Credential)\w*: ",
        ),
        untrue=(r"(?i)not deployed|broker is away|engine is away|incident in",),
    ),
]
