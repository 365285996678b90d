"""Where alerts arrive: one HTTP server for all situations, each with addresses of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Notice:
    """What arrived: when, by which channel, its title and text."""

    at: float
    channel: str
    title: str
    body: str


class Webhook:
    """Takes what Apprise sends to ``json://``; a channel can be made to fail."""

    def __init__(self) -> None:
        self.port = 0
        self.failing: set[str] = set()
        """Addresses that answer 500."""
        self._notices: dict[str, list[Notice]] = {}
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listens on a free port of loopback."""
        app = web.Application()
        app.router.add_post("/{situation}/{channel}", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, shutdown_timeout=1)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Listens no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    def url(self, situation: str, channel: str = "pager") -> str:
        """The address of a channel, as ``WORKFLOW_ALERT_URLS`` takes it."""
        return f"json://127.0.0.1:{self.port}/{situation}/{channel}"

    def notices(self, situation: str) -> list[Notice]:
        """What has arrived for a situation, in its order."""
        return self._notices.setdefault(situation, [])

    async def _take(self, request: web.Request) -> web.Response:
        situation, channel = request.match_info["situation"], request.match_info["channel"]
        if f"{situation}/{channel}" in self.failing:
            return web.Response(status=500)
        said = await request.json()
        notice = Notice(time.time(), channel, said["title"], said["message"])
        self.notices(situation).append(notice)
        return web.Response()
