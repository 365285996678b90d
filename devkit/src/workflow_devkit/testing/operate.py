"""A local double of Operate: login, CSRF, incidents; fed with the broker's own records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from workflow_devkit.testing._operate.application import application
from workflow_devkit.testing._operate.known import Known
from workflow_devkit.testing._operate.sessions import Sessions

__all__ = ["OperateDouble"]


class OperateDouble:
    """Answers as Operate's API v1 does, to whoever logs in.

    ``feed`` it with INCIDENT records of the embedded engine or of a broker's exporter. A new
    incident is PENDING until `settle`, as in Operate until all importers have seen it.

    Args:
        user: who may log in.
        password: that user's.
        csrf_header: the header that every request but GET has to bring, with the token that the
            login gives; empty for a version of Operate without the token.
        csrf_in_cookie: whether the login gives the token in a cookie instead of a header.
        token: a bearer token that is taken instead of a login; empty if none is.

    Attributes:
        requests: method and path of every request but logins, in order.
        url: where it listens; empty until it does.
    """

    def __init__(
        self,
        user: str = "demo",
        password: str = "demo",  # noqa: S107 - Operate's own default
        *,
        csrf_header: str = "OPERATE-X-CSRF-TOKEN",
        csrf_in_cookie: bool = False,
        token: str = "",
    ) -> None:
        self._known = Known()
        self._sessions = Sessions(
            user, password, csrf_header, csrf_in_cookie=csrf_in_cookie, token=token
        )
        self._runner: web.AppRunner | None = None
        self.requests: list[str] = []
        self.url = ""

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Begins to listen.

        Args:
            host: the address to listen on.
            port: the port; 0 takes any free one.

        Returns:
            The URL, as in ``url``.
        """
        app = application(self._known, self._sessions, self.requests)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        # An IPv6 address stands in brackets in a URL.
        where = f"[{host}]" if ":" in host else host
        self.url = f"http://{where}:{self._runner.addresses[0][1]}"
        return self.url

    async def stop(self) -> None:
        """Frees the port."""
        if self._runner is not None:
            await self._runner.cleanup()

    def feed(self, intent: str, key: int, timestamp: int, value: Mapping[str, Any]) -> None:
        """Takes in an INCIDENT record; intents other than CREATED and RESOLVED change nothing.

        Args:
            intent: the record's.
            key: the incident's.
            timestamp: the record's, in milliseconds since 1970.
            value: the record's, with Zeebe's fields.
        """
        if intent == "CREATED":
            self._known.open_incident(key, timestamp, value)
        elif intent == "RESOLVED":
            self._known.resolve_incident(key)

    def enter(self, key: int, element_id: str) -> None:
        """Takes in an element instance; without it an incident's own record says which it is of.

        Args:
            key: of the element instance.
            element_id: the element's id in the diagram.
        """
        self._known.flow_nodes[key] = element_id

    def leave(self, key: int) -> None:
        """Takes in the end of an element instance.

        Args:
            key: of the element instance.
        """
        self._known.flow_nodes.pop(key, None)

    def pass_through(
        self, instance_key: int, statistics: Mapping[str, Mapping[str, int]], flows: list[str]
    ) -> None:
        """Takes in what an instance did.

        Args:
            instance_key: the process instance's.
            statistics: by element id, how many are ``active``, ``completed``, ``canceled`` and
                have ``incidents``; 0 for what is left out.
            flows: ids of the sequence flows that were taken.
        """
        self._known.pass_through(instance_key, statistics, flows)

    def settle(self) -> None:
        """Makes pending incidents active: all importers have seen everything."""
        self._known.settle()

    def forget_sessions(self) -> None:
        """Lets everybody log in again, as after a restart."""
        self._sessions.forget()
