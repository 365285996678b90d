"""An authorization server that hands out tokens, or fails as it is told."""

import asyncio
import json
from contextlib import asynccontextmanager

from aiohttp import web


def absolute(request):
    """Its URL; ``request.url`` of aiohttp before 3.10.6 does not get on with today's yarl."""
    return f"{request.scheme}://{request.host}{request.path_qs}"


class TokenServer:
    """Hands out numbered tokens; as a proxy too, because proxies get whole addresses."""

    def __init__(self):
        self.forms, self.paths = [], []
        self.status, self.lifetime = 200, 300
        self.headers, self.body = {}, None
        self.asked, self.open = asyncio.Event(), asyncio.Event()
        self.open.set()

    async def answer(self, request):
        self.forms.append(dict(await request.post()))
        self.paths.append(request.raw_path if request.method == "CONNECT" else absolute(request))
        self.asked.set()
        await self.open.wait()
        token = {"access_token": f"t{len(self.forms)}", "expires_in": self.lifetime}
        text = json.dumps(token) if self.body is None else self.body
        return web.Response(text=text, status=self.status, headers=self.headers)

    async def start(self, context=None, port=0):
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.answer)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", port, ssl_context=context)
        await site.start()
        self.port = self.runner.addresses[0][1]
        return self

    async def stop(self):
        self.open.set()
        await self.runner.cleanup()


@asynccontextmanager
async def token_server():
    """One that has started."""
    server = await TokenServer().start()
    yield server
    await server.stop()
