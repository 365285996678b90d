"""Where notices go: the log, a function of the user's, any service that Apprise knows."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlsplit

from workflow_runtime._log.lines import write_line
from workflow_runtime.alerts.apprise_log import diverted, without_parts_of
from workflow_runtime.alerts.model import Kind, Notice
from workflow_runtime.errors import ConfigurationError
from workflow_runtime.extras import how_to_install
from workflow_runtime.gateway.proxies import is_local
from workflow_runtime.threads import OwnThreads
from workflow_runtime.urls import PLAIN_TEXT, is_loopback, redacted

__all__ = [
    "AppriseChannel",
    "CallableChannel",
    "Channel",
    "ChannelFailed",
    "as_channel",
    "is_in_thread",
    "log_notice",
    "named",
]

_READ_SECONDS = 60.0
"""Seconds that Apprise waits for an answer, unless the URL says otherwise (``rto``)."""
_HOLDING = re.compile("token|key|secret|hook|headers")
"""Attributes of Apprise's services that hold what is secret."""
_LEVELS = {Kind.RESOLVED: "INFO"}
_APPRISE_TYPES = {Kind.RESOLVED: "success", Kind.REPEATED: "warning"}


class ChannelFailed(Exception):
    """A notice did not get through; it is sent again later."""


class Channel(Protocol):
    """Delivers notices to people: by chat, mail, a pager or a function."""

    @property
    def name(self) -> str:
        """How log lines call it; must hold no secret."""
        ...

    async def send(self, notice: Notice) -> None:
        """Delivers one notice.

        Args:
            notice: what to tell.

        Raises:
            Exception: it did not get through; it is sent again later.
        """
        ...


def log_notice(notice: Notice) -> None:
    """Writes one line to the log: where and how often, never an error's text.

    Messages of exceptions may hold values of the scope; they are in Operate and in the channels.
    """
    fields: dict[str, object] = {"alert": str(notice.kind), "count": notice.count}
    link = f", {notice.operate_link}" if notice.operate_link else ""
    alert = notice.alert
    if alert is not None:
        names = ("service", "process_id", "instance_key", "element_id", "job_key", "job_type")
        fields |= {name: getattr(alert, name) for name in names}
        link = f" ({alert.error_type}, instance {alert.instance_key}{link})"
    level = _LEVELS.get(notice.kind, "ERROR")
    write_line(level, "{}{}", notice.title, link, fields=fields)


class CallableChannel:
    """A function of the user's: ``async def``, or ``def``, which runs in a thread.

    Attributes:
        name: the function's.
        in_thread: a call is in a thread now, where nobody can stop it.
    """

    def __init__(self, function: Callable[[Notice], Any]) -> None:
        self._function = function
        self.name = getattr(function, "__qualname__", type(function).__name__)
        self.in_thread = False
        # One: a call that hangs keeps the next ones from hanging beside it.
        self._threads = OwnThreads(f"alert-{self.name}", 1)

    async def send(self, notice: Notice) -> None:
        """Calls the function; what it raises means that the notice did not get through."""
        if inspect.iscoroutinefunction(self._function):
            result: Any = self._function(notice)
        else:
            self.in_thread = True
            try:
                result = await self._threads.run(self._function, notice)
            finally:
                self.in_thread = False
        # A callable object, or a lambda, may return a coroutine without looking like one.
        if inspect.isawaitable(result):
            await result


class AppriseChannel:
    """A URL of Apprise: chat, mail, pager, webhook; https://github.com/caronc/apprise.

    It follows no redirects, whatever the URL says: they would carry tokens and texts elsewhere.

    Args:
        url: as Apprise has it.
        allow_plaintext: passwords and tokens may go in plain text to hosts that are not this
            machine.

    Raises:
        ConfigurationError: Apprise is not installed or does not understand the URL (which is not
            repeated: it holds passwords), there are several in it, or a password would go in plain
            text.
    """

    def __init__(self, url: str, *, allow_plaintext: bool = False) -> None:
        # What follows the scheme may hold a password or a token: it is shown nowhere.
        scheme = url.partition(":")[0]
        self.name = f"apprise {scheme}"
        try:
            from apprise import Apprise, AppriseAsset  # noqa: PLC0415 - an extra
        except ImportError:
            raise ConfigurationError(
                f"alert URLs need Apprise: {how_to_install('alerts')}"
            ) from None
        _go_around_proxies(url)
        self._threads = OwnThreads(f"alert-{scheme}", 1)
        self.in_thread = False
        self._redact = without_parts_of(url)
        self._apprise = Apprise(asset=AppriseAsset(**_asset_options(AppriseAsset)))
        if not self._apprise.add(url):
            raise ConfigurationError(
                f"alert URL {scheme}://…: Apprise does not understand it; see its list of URLs"
            )
        if len(self._apprise) > 1:
            # One that fails would have the others told again.
            raise ConfigurationError(
                f"alert URL {scheme}://…: there are several URLs in it; give each by itself, in "
                "WORKFLOW_ALERT_URLS with spaces between them"
            )
        for service in self._apprise:
            # A URL may ask for them itself.
            service.redirects = False
            _be_patient(service, url)
            if not allow_plaintext and _shows_secrets(service, url):
                raise ConfigurationError(
                    f"alert URL {scheme}://…: its credentials {PLAIN_TEXT}; Apprise has "
                    f"{_secure(service)} for TLS"
                )

    @property
    def server(self) -> tuple[str, int, bool]:
        """Host and port that it connects to, and whether by TLS; an empty host is not known."""
        return _server(self._apprise[0])

    async def send(self, notice: Notice) -> None:
        """Sends a notice by Apprise.

        Raises:
            ChannelFailed: Apprise has not delivered it; with what it says, without secrets.
        """
        # Not `async_notify`: that one calls in asyncio's default threads.
        notify = partial(
            self._apprise.notify,
            body=notice.body,
            title=notice.title,
            notify_type=_APPRISE_TYPES.get(notice.kind, "failure"),
            # Apprise then escapes it for channels that take HTML.
            body_format="text",
        )
        self.in_thread = True
        with diverted() as said:
            try:
                taken = await self._threads.run(notify)
            finally:
                self.in_thread = False
        if not taken:
            raise ChannelFailed(self._redact(said[-1]) if said else "Apprise does not say why")


def _asset_options(asset: type[Any]) -> dict[str, Any]:
    # Not in Apprise's own threads: all channels share few of them, and the process waits for their
    # end. It takes them where a service has a time limit as well, which newer ones (2.3) have.
    limit = (
        {"service_timeout": 0} if "service_timeout" in inspect.signature(asset).parameters else {}
    )
    return {"http_redirects": False, "async_mode": False, **limit}


def _be_patient(service: Any, url: str) -> None:
    # By default 4 s, after which a slow one has taken what Apprise calls failed: it would be told
    # again. Apprise has one time for mail, to connect and to answer.
    if not re.search(r"[?&]rto=", url, re.IGNORECASE):
        service.socket_read_timeout = _READ_SECONDS
    if service.secure_protocol == "mailtos" and not re.search(r"[?&]cto=", url, re.IGNORECASE):
        service.socket_connect_timeout = _READ_SECONDS


def _server(service: Any) -> tuple[str, int, bool]:
    if mail := getattr(service, "smtp_host", None):
        return mail, service.port or 25, False
    if service.protocol and service.secure_protocol:
        return service.host or "", service.port or (443 if service.secure else 80), service.secure
    # Those of one provider know by themselves where it is.
    known = (getattr(service, name, None) for name in ("notify_url", "webhook_url", "api_url"))
    provider = next((each for each in known if isinstance(each, str)), "")
    return urlsplit(provider).hostname or "", 443, True


def _go_around_proxies(url: str) -> None:
    # What Apprise asks by, requests, sends even what is for this machine to http_proxy, and can be
    # told otherwise by the environment only.
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return
    exceptions = os.environ.get("no_proxy") or os.environ.get("NO_PROXY", "")
    if is_local(host) and host not in exceptions.split(","):
        os.environ["no_proxy"] = f"{exceptions},{host}".strip(",")


def _shows_secrets(service: Any, url: str) -> bool:
    """Whether a service of Apprise sends a password or a token in plain text to another host."""
    # Those that have one scheme only are of one provider, and always use TLS. Without a host
    # nothing leaves this machine, or the provider's own is taken.
    plain = service.protocol and service.secure_protocol and not service.secure
    host = (service.host or "").strip("[]")
    if not (plain and host) or is_loopback(host):
        return False
    held = (value for name, value in vars(service).items() if _HOLDING.search(name))
    return any((service.user, service.password, *held)) or _address(url) != redacted(_address(url))


def _address(url: str) -> str:
    return f"http://{url.partition('://')[2]}"


def _secure(service: Any) -> str:
    names = service.secure_protocol
    return f"{names if isinstance(names, str) else names[0]}://"


def named(channels: Iterable[Channel]) -> dict[str, Channel]:
    """Channels by their names, with a number behind those of which there are several."""
    found: dict[str, Channel] = {}
    for channel in channels:
        name, number = channel.name, 2
        while name in found:
            name, number = f"{channel.name} {number}", number + 1
        found[name] = channel
    return found


def is_in_thread(channel: Channel) -> bool:
    """Whether a call of a channel is in a thread now, where nobody can stop it."""
    return isinstance(channel, AppriseChannel | CallableChannel) and channel.in_thread


def as_channel(
    channel: Channel | Callable[[Notice], Any] | str, *, allow_plaintext: bool = False
) -> Channel:
    """Makes a channel of whatever users may give.

    Args:
        channel: a channel, a function that takes a `Notice`, or a URL of Apprise.
        allow_plaintext: passwords and tokens of a URL may go in plain text to hosts that are not
            this machine.

    Raises:
        ConfigurationError: Apprise is not installed, does not understand the URL, or would send a
            password in plain text.
    """
    if isinstance(channel, str):
        return AppriseChannel(channel, allow_plaintext=allow_plaintext)
    if callable(channel):
        return CallableChannel(channel)
    return channel
