"""A local double of Operate: login, CSRF, incidents; fed with the broker's own records."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

__all__ = ["OperateDouble"]

_LARGEST_PAGE = 1000
_SEARCHABLE = frozenset(
    ("key", "processDefinitionKey", "processInstanceKey", "type", "creationTime", "state", "jobKey")
)
"""Fields for filter and sort; ``message`` is none."""
_QUERY_FIELDS = frozenset(("filter", "size", "sort", "searchAfter"))

Page = Callable[[web.Request], Awaitable[web.Response]]


class OperateDouble:
    """Answers as Operate's API v1 does; ``csrf_header`` "" is a version without the token.

    ``feed`` it with INCIDENT records of the embedded engine or of a broker's exporter. A new
    incident is PENDING until `settle`, as in Operate until all importers have seen it.
    """

    def __init__(
        self,
        user: str = "demo",
        password: str = "demo",  # noqa: S107 - the stand's own
        *,
        csrf_header: str = "OPERATE-X-CSRF-TOKEN",
        csrf_in_cookie: bool = False,
        token: str = "",
    ) -> None:
        self._login = (user, password)
        self._token = token
        self._csrf_header = csrf_header
        self._csrf_in_cookie = csrf_in_cookie
        self._sessions: dict[str, str] = {}
        self._incidents: dict[int, dict[str, Any]] = {}
        self._elements: dict[int, str] = {}
        self._process_ids: dict[int, str] = {}
        self._passed: dict[int, tuple[list[dict[str, Any]], list[str]]] = {}
        self._runner: web.AppRunner | None = None
        self.requests: list[str] = []
        self.url = ""

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listens, on a free port unless one is given; returns the URL."""
        self._runner = web.AppRunner(self._application(), access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        where = f"[{host}]" if ":" in host else host
        self.url = f"http://{where}:{self._runner.addresses[0][1]}"
        return self.url

    async def stop(self) -> None:
        """Lets go of the port."""
        if self._runner is not None:
            await self._runner.cleanup()

    def feed(self, intent: str, key: int, timestamp: int, value: Mapping[str, Any]) -> None:
        """An INCIDENT record: its intent, key, time (milliseconds) and value."""
        if intent == "RESOLVED":
            self._incidents.get(key, {})["state"] = "RESOLVED"
            return
        if intent != "CREATED":
            return
        definition = int(value["processDefinitionKey"])
        self._process_ids[definition] = str(value["bpmnProcessId"])
        self._elements[key] = str(value["elementId"])
        created = datetime.fromtimestamp(timestamp / 1000, UTC)
        self._incidents[key] = {
            "key": key,
            "processDefinitionKey": definition,
            "processInstanceKey": int(value["processInstanceKey"]),
            "type": value["errorType"],
            "message": value["errorMessage"],
            "creationTime": created.isoformat(timespec="milliseconds").replace("+00:00", "+0000"),
            "state": "PENDING",
            # Nulls are left out; a job that there is none of is -1 in records.
            **({"jobKey": value["jobKey"]} if int(value.get("jobKey", -1)) > 0 else {}),
            "tenantId": "<default>",
        }

    def pass_through(
        self, instance_key: int, statistics: Mapping[str, Mapping[str, int]], flows: list[str]
    ) -> None:
        """What an instance did: counts by element (``active``, ``completed``, …), flows taken."""
        none = {"active": 0, "canceled": 0, "incidents": 0, "completed": 0}
        counts = [{"activityId": key, **none, **each} for key, each in statistics.items()]
        self._passed[instance_key] = (counts, flows)

    def settle(self) -> None:
        """All importers have seen everything."""
        for incident in self._incidents.values():
            if incident["state"] == "PENDING":
                incident["state"] = "ACTIVE"

    def forget_sessions(self) -> None:
        """As after a restart: everybody has to log in again."""
        self._sessions.clear()

    def _application(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.post("/api/login", self._log_in),
                web.post("/v1/incidents/search", self._guarded(self._search)),
                web.get("/v1/incidents/{key}", self._guarded(self._incident)),
                web.post("/v1/flownode-instances/search", self._guarded(self._flow_nodes)),
                web.get("/v1/process-definitions/{key}", self._guarded(self._definition)),
                web.get("/v1/process-instances/{key}/{what}", self._guarded(self._instance)),
            ]
        )
        return app

    async def _log_in(self, request: web.Request) -> web.Response:
        given = {**request.query, **(await request.post())}
        if (given.get("username"), given.get("password")) != self._login:
            return _problem(401, "Unauthorized", "bad credentials")
        session, csrf = secrets.token_hex(8), secrets.token_hex(8)
        self._sessions[session] = csrf
        answer = web.Response(status=204)
        answer.set_cookie("OPERATE-SESSION", session, path="/", httponly=True)
        if self._csrf_in_cookie:
            answer.set_cookie(self._csrf_header, csrf, path="/")
        elif self._csrf_header:
            answer.headers[self._csrf_header] = csrf
        return answer

    def _guarded(self, page: Page) -> Page:
        async def guarded(request: web.Request) -> web.Response:
            self.requests.append(f"{request.method} {request.path}")
            refusal = self._refusal(request)
            return refusal or await page(request)

        return guarded

    def _refusal(self, request: web.Request) -> web.Response | None:
        bearer = request.headers.get("Authorization", "")
        if self._token and bearer == f"Bearer {self._token}":
            return None
        csrf = self._sessions.get(request.cookies.get("OPERATE-SESSION", ""))
        if csrf is None:
            return _problem(401, "Unauthorized", "no session")
        needed = self._csrf_header and request.method != "GET"
        if needed and request.headers.get(self._csrf_header) != csrf:
            return _problem(403, "Forbidden", "the CSRF token is missing or wrong")
        return None

    async def _search(self, request: web.Request) -> web.Response:
        query = await request.json()
        mistake = _mistake(query)
        if mistake:
            return _problem(400, "Invalid request", mistake)
        wanted = query.get("filter") or {}
        found = [
            incident
            for incident in self._incidents.values()
            if all(incident.get(name) == value for name, value in wanted.items())
        ]
        fields = [part["field"] for part in query.get("sort", ())]

        def order(incident: dict[str, Any]) -> list[Any]:
            return [*(incident.get(field) for field in fields), incident["key"]]

        found.sort(key=order)
        total = len(found)
        if "searchAfter" in query:
            found = [each for each in found if order(each) > query["searchAfter"]]
        page = found[: query.get("size", 10)]
        last = {"sortValues": order(page[-1])} if page else {}
        return web.json_response({"items": page, "total": total, **last})

    async def _incident(self, request: web.Request) -> web.Response:
        found = self._incidents.get(int(request.match_info["key"]))
        return web.json_response(found) if found else _problem(404, "Not found", "no incident")

    async def _flow_nodes(self, request: web.Request) -> web.Response:
        key = (await request.json())["filter"]["incidentKey"]
        element = self._elements.get(key)
        items = [{"incidentKey": key, "flowNodeId": element, "incident": True}] if element else []
        return web.json_response({"items": items, "total": len(items)})

    async def _instance(self, request: web.Request) -> web.Response:
        found = self._passed.get(int(request.match_info["key"]))
        parts = ("statistics", "sequence-flows")
        if found is None or request.match_info["what"] not in parts:
            return _problem(404, "Not found", "no process instance")
        return web.json_response(found[parts.index(request.match_info["what"])])

    async def _definition(self, request: web.Request) -> web.Response:
        key = int(request.match_info["key"])
        if key not in self._process_ids:
            return _problem(404, "Not found", "no process definition")
        return web.json_response({"key": key, "bpmnProcessId": self._process_ids[key]})


def _mistake(query: Mapping[str, Any]) -> str:
    sort, after = query.get("sort", []), query.get("searchAfter")
    fields = {*(query.get("filter") or {}), *(part.get("field") for part in sort)}
    mistakes = {
        f"unknown query fields {sorted(set(query) - _QUERY_FIELDS)}": set(query) - _QUERY_FIELDS,
        f"cannot filter or sort by {sorted(fields - _SEARCHABLE)}": fields - _SEARCHABLE,
        "size must be between 1 and 1000": not 0 < query.get("size", 10) <= _LARGEST_PAGE,
        "searchAfter must have as many values as sort has fields, and one": (
            after is not None and len(after) != len(sort) + 1
        ),
    }
    return next((text for text, wrong in mistakes.items() if wrong), "")


def _problem(status: int, title: str, detail: str) -> web.Response:
    body = {"status": status, "title": title, "message": detail, "instance": secrets.token_hex(4)}
    return web.json_response(body, status=status, content_type="application/problem+json")
