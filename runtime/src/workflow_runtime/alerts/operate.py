"""A client of Operate's API (v1): what the gateway cannot tell about incidents.

From https://docs.camunda.io, "Operate API": a login cookie or a bearer token,
search by POST, ``searchAfter`` for the next page. The token against forged requests comes in the
login's answer under one of two names; whichever came is sent back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from pydantic import SecretStr

from workflow_runtime.config import WorkflowSettings
from workflow_runtime.errors import ConfigurationError, WorkflowError
from workflow_runtime.gateway.http import Answer, Http, reason_of
from workflow_runtime.urls import has_user, plain_text_problem, redacted

__all__ = [
    "OPEN_STATES",
    "OperateAway",
    "OperateClient",
    "OperateError",
    "OperateIncident",
    "OperateNotFound",
    "OperateRefused",
    "operate_client",
]

OPEN_STATES = ("PENDING", "ACTIVE")
"""In the order in which an incident has them; PENDING until all of Operate's importers saw it."""

_CSRF_HEADERS = ("OPERATE-X-CSRF-TOKEN", "X-CSRF-TOKEN")
_CREDENTIALS = (
    "check WORKFLOW_OPERATE_USER and WORKFLOW_OPERATE_PASSWORD, or WORKFLOW_OPERATE_TOKEN"
)
_PAGE = 1000
"""Items of one search; Operate gives no more at once."""
# HTTP statuses: an answer is below the first of them.
_OK, _REFUSED, _NOT_FOUND = 300, (401, 403), 404


class OperateError(WorkflowError):
    """Operate is away, refuses the credentials, or refuses the question."""


class OperateAway(OperateError):
    """Nobody answers at its address."""


class OperateRefused(OperateError):
    """The credentials are missing or wrong."""


class OperateNotFound(OperateError):
    """Operate does not know the incident, instance or definition."""


@dataclass(frozen=True, slots=True)
class OperateIncident:
    """An incident as Operate knows it.

    ``job_key`` is 0 where no job is involved, ``element_instance_key`` where it does not say one.
    """

    key: int
    process_id: str
    instance_key: int
    element_id: str
    error_type: str
    message: str
    state: str
    job_key: int
    created_at: datetime
    element_instance_key: int = 0


class OperateClient:
    """Asks Operate at ``url``, as ``user`` or with a ``token``.

    Its session belongs to the event loop that it is first used on; `close` it there. Redirects are
    not followed, and with ``allow_plaintext`` only are credentials sent by ``http://`` to a host
    that is not this machine.

    Raises:
        ConfigurationError: credentials would go in plain text, or there are two kinds of them.
    """

    def __init__(
        self,
        url: str,
        *,
        user: str = "",
        password: SecretStr | str = "",
        token: SecretStr | str = "",
        timeout: timedelta = timedelta(seconds=10),
        page: int = _PAGE,
        allow_plaintext: bool = False,
    ) -> None:
        self._url = url.rstrip("/")
        self._shown = redacted(self._url)
        self._user, self._password, self._token = user, _plain(password), _plain(token)
        self._http = Http(timeout=timeout, allow_plaintext=allow_plaintext)
        self._page = page
        if self._token and has_user(self._url):
            raise ConfigurationError(
                f"Operate at {self._shown}: a token, and a user in the address; leave one out"
            )
        problem = plain_text_problem(self._url, secret=bool(self._secret))
        if problem and not allow_plaintext:
            raise ConfigurationError(f"Operate at {problem}")
        self._csrf: dict[str, str] = {}
        self._logged_in = False
        self._process_ids: dict[int, str] = {}

    async def close(self) -> None:
        """Closes the connections; another question would open new ones."""
        await self._http.close()
        self._logged_in = False

    async def open_incidents(self) -> list[dict[str, Any]]:
        """All open incidents as Operate has them: without element and process names.

        Raises:
            OperateError: it cannot be reached, or refuses.
        """
        found = {}
        # PENDING first: what becomes ACTIVE between the two searches is then in both answers, and
        # kept once by its key. The other way round it is in neither, and counts as resolved.
        for state in OPEN_STATES:
            async for item in self._search("incidents", {"state": state}):
                found[int(item["key"])] = item
        return list(found.values())

    async def ended_incidents(self, count: int) -> list[dict[str, Any]]:
        """Incidents that were raised last and have ended, at most ``count``, the newest first.

        Raises:
            OperateError: it cannot be reached, or refuses.
        """
        sort = [{"field": "creationTime", "order": "DESC"}]
        body = {"filter": {"state": "RESOLVED"}, "size": count, "sort": sort}
        found: list[dict[str, Any]] = (await self._call("POST", "/v1/incidents/search", body))[
            "items"
        ]
        return found

    async def incident(self, key: int) -> OperateIncident:
        """One incident.

        Raises:
            OperateError: there is none, or Operate cannot be reached.
        """
        return await self.complete(await self._call("GET", f"/v1/incidents/{key}"))

    async def complete(self, item: Mapping[str, Any]) -> OperateIncident:
        """An incident with the names that Operate keeps elsewhere."""
        key = int(item["key"])
        element_id, element_instance_key = await self._element(key)
        return OperateIncident(
            key=key,
            process_id=await self._process_id(int(item.get("processDefinitionKey") or 0)),
            instance_key=int(item["processInstanceKey"]),
            element_id=element_id,
            error_type=str(item.get("type", "UNKNOWN")),
            message=str(item.get("message", "")),
            state=str(item.get("state", "")),
            # A broker writes -1 where there is no job (as in tests/cases/broker).
            job_key=max(0, int(item.get("jobKey") or 0)),
            created_at=_time(item["creationTime"]),
            element_instance_key=element_instance_key,
        )

    async def element_statistics(self, instance_key: int) -> list[dict[str, Any]]:
        """How many of each element of an instance completed, are active, have incidents.

        Raises:
            OperateError: there is no such instance, or Operate cannot be reached.
        """
        found: list[dict[str, Any]] = await self._call(
            "GET", f"/v1/process-instances/{instance_key}/statistics"
        )
        return found

    async def taken_flows(self, instance_key: int) -> list[str]:
        """The ids of the sequence flows that an instance took.

        Raises:
            OperateError: there is no such instance, or Operate cannot be reached.
        """
        found: list[str] = await self._call(
            "GET", f"/v1/process-instances/{instance_key}/sequence-flows"
        )
        return found

    async def process_id(self, item: Mapping[str, Any]) -> str:
        """The BPMN process id of an incident."""
        return await self._process_id(int(item.get("processDefinitionKey") or 0))

    async def _process_id(self, definition_key: int) -> str:
        if definition_key not in self._process_ids:
            try:
                found = await self._call("GET", f"/v1/process-definitions/{definition_key}")
            except OperateNotFound:
                # Not remembered: Operate is late, and may know it at the next look.
                return f"definition {definition_key}"
            # Remembered for good: a definition never changes its process.
            self._process_ids[definition_key] = str(found["bpmnProcessId"])
        return self._process_ids[definition_key]

    async def _element(self, incident_key: int) -> tuple[str, int]:
        # An incident of v1 names no element: it is found among the flow node instances.
        body = {"filter": {"incidentKey": incident_key}, "size": 1}
        answer = await self._call("POST", "/v1/flownode-instances/search", body)
        items = answer.get("items") or []
        found = items[0] if items else {}
        return str(found.get("flowNodeId", "")), int(found.get("key") or 0)

    async def _search(self, what: str, wanted: Mapping[str, Any]) -> AsyncIterator[Any]:
        body: dict[str, Any] = {
            "filter": wanted,
            "size": self._page,
            "sort": [{"field": "creationTime", "order": "ASC"}],
        }
        while True:
            answer = await self._call("POST", f"/v1/{what}/search", body)
            items = answer.get("items") or []
            for item in items:
                yield item
            if len(items) < self._page or not answer.get("sortValues"):
                return
            # One value more than fields to sort by: the key, which makes the order complete.
            body["searchAfter"] = answer["sortValues"]

    async def _call(self, method: str, path: str, body: Any = None) -> Any:
        try:
            if not self._logged_in:
                await self._log_in()
            answer = await self._try(method, path, body)
            if answer is None:
                # Sessions end, and Operate restarts.
                await self._log_in()
                answer = await self._try(method, path, body)
        except (aiohttp.ClientError, OSError) as error:
            # Without the error itself: the URL, with a password in it, may be in its text.
            raise OperateAway(f"Operate at {self._shown}: {reason_of(error)}") from None
        if answer is None:
            raise OperateRefused(f"Operate at {self._shown} refuses {path}: {_CREDENTIALS}")
        return answer

    async def _try(self, method: str, path: str, body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else self._csrf
        answer = await self._http.call(
            method, self._url + path, secret=bool(self._secret), json=body, headers=headers
        )
        # A redirect leads to a login page.
        if answer.status in _REFUSED or answer.redirect:
            return None
        if answer.status == _NOT_FOUND:
            raise OperateNotFound(f"Operate at {self._shown} does not know {path}")
        if answer.status >= _OK:
            raise OperateError(f"Operate at {self._shown} answers {answer} to {path}")
        self._keep_csrf(answer)
        try:
            return answer.json()
        except ValueError:
            raise OperateError(f"Operate at {self._shown} answers {path} with no JSON") from None

    async def _log_in(self) -> None:
        self._logged_in = True
        # A token goes along with each call; without a user nobody can log in.
        if self._token or not self._user:
            return
        self._logged_in = False
        form = {"username": self._user, "password": self._password}
        answer = await self._http.call("POST", f"{self._url}/api/login", secret=True, data=form)
        if answer.redirect:
            raise OperateRefused(
                f"Operate at {self._shown} answers the login with {answer}: "
                "WORKFLOW_OPERATE_URL, or WORKFLOW_OPERATE_API_URL, names where it is"
            )
        if answer.status >= _OK:
            raise OperateRefused(
                f"Operate at {self._shown} refuses the login of {self._user} "
                f"({answer.status}): {_CREDENTIALS}"
            )
        self._keep_csrf(answer)
        self._logged_in = True

    @property
    def _secret(self) -> str:
        return self._token or self._password

    def _keep_csrf(self, answer: Answer) -> None:
        # Some versions hand the token out as a cookie; it has to come back as a header as well.
        sent = {n: answer.headers.get(n) or answer.cookies.get(n, "") for n in _CSRF_HEADERS}
        self._csrf = {name: token for name, token in sent.items() if token} or self._csrf


def operate_client(settings: WorkflowSettings) -> OperateClient:
    """The client that the settings describe.

    Raises:
        ConfigurationError: no usable address, or a password over a plain line to another host.
    """
    url = settings.operate_api_url or settings.operate_url
    if not url:
        raise ConfigurationError(
            "no address of Operate is set: set WORKFLOW_OPERATE_URL, such as "
            "http://localhost:8081; commands of `workflow` take --operate too"
        )
    if not url.startswith(("http://", "https://")):
        raise ConfigurationError(
            # Not the address: without a scheme nobody knows what is a password in it.
            "Operate's address begins with neither http:// nor https://: set WORKFLOW_OPERATE_URL, "
            "such as http://localhost:8081"
        )
    return OperateClient(
        url,
        user=settings.operate_user,
        password=settings.operate_password,
        token=settings.operate_token,
        timeout=settings.request_timeout,
        allow_plaintext=settings.allow_plaintext_credentials,
    )


def _plain(secret: SecretStr | str) -> str:
    return secret.get_secret_value() if isinstance(secret, SecretStr) else secret


def _time(text: str) -> datetime:
    # "2024-01-01T00:00:00.000+0000": an offset without a colon.
    return datetime.fromisoformat(text)
