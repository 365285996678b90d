"""The pages of the double of Operate, over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from workflow_devkit.testing._operate.incident_search import mistake_in, search
from workflow_devkit.testing._operate.known import Known
from workflow_devkit.testing._operate.problems import problem
from workflow_devkit.testing._operate.sessions import Sessions

__all__ = ["application"]

_Page = Callable[[web.Request], Awaitable[web.Response]]

_OF_INSTANCE: Final = ("statistics", "sequence-flows")
"""What is told of a process instance, in the order of `Known.passed`."""


def application(known: Known, sessions: Sessions, requests: list[str]) -> web.Application:
    """Every page that is served; ``requests`` gets the method and path of each request."""
    pages = _Pages(known)

    def guarded(page: _Page) -> _Page:
        async def answer(request: web.Request) -> web.Response:
            requests.append(f"{request.method} {request.path}")
            return sessions.refusal(request) or await page(request)

        return answer

    app = web.Application()
    app.add_routes(
        [
            web.post("/api/login", sessions.log_in),
            web.post("/v1/incidents/search", guarded(pages.search)),
            web.get("/v1/incidents/{key}", guarded(pages.incident)),
            web.post("/v1/flownode-instances/search", guarded(pages.flow_nodes)),
            web.get("/v1/process-definitions/{key}", guarded(pages.definition)),
            web.get("/v1/process-instances/{key}/{what}", guarded(pages.instance)),
        ]
    )
    return app


class _Pages:
    """What is answered to somebody who may ask."""

    def __init__(self, known: Known) -> None:
        self._known = known

    async def search(self, request: web.Request) -> web.Response:
        query = await request.json()
        if mistake := mistake_in(query):
            return problem(400, "Invalid request", mistake)
        return web.json_response(search(self._known.incidents.values(), query))

    async def incident(self, request: web.Request) -> web.Response:
        found = self._known.incidents.get(int(request.match_info["key"]))
        return web.json_response(found) if found else problem(404, "Not found", "no incident")

    async def flow_nodes(self, request: web.Request) -> web.Response:
        key = (await request.json())["filter"]["incidentKey"]
        element = self._known.elements.get(key)
        items = []
        if element:
            node = {"key": element[0], "flowNodeId": element[1]}
            items.append({"incidentKey": key, "incident": True, **node})
        return web.json_response({"items": items, "total": len(items)})

    async def definition(self, request: web.Request) -> web.Response:
        key = int(request.match_info["key"])
        if key not in self._known.process_ids:
            return problem(404, "Not found", "no process definition")
        return web.json_response({"key": key, "bpmnProcessId": self._known.process_ids[key]})

    async def instance(self, request: web.Request) -> web.Response:
        found = self._known.passed.get(int(request.match_info["key"]))
        what = request.match_info["what"]
        if found is None or what not in _OF_INSTANCE:
            return problem(404, "Not found", "no process instance")
        return web.json_response(found[_OF_INSTANCE.index(what)])
