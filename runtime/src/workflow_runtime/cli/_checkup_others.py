"""What ``workflow doctor`` finds of Operate, the outbox's database and the channels of alerts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workflow_runtime.cli._finding import Finding
from workflow_runtime.cli._probe import PATIENCE, Trouble, Trust, probe, probe_url
from workflow_runtime.cli.connection import DEFAULT_ADDRESS, read_settings
from workflow_runtime.cli.exits import CommandError, ExitCode, UsageError
from workflow_runtime.errors import ConfigurationError
from workflow_runtime.extras import lacking
from workflow_runtime.urls import redacted

if TYPE_CHECKING:
    from workflow_runtime.config import WorkflowSettings

__all__ = ["look_at_alerts", "look_at_operate", "look_at_outbox"]

_LONG = 3 * PATIENCE
"""Seconds for a login and a search, or for what the database is asked."""


def look_at_operate() -> Iterator[Finding]:
    """Whether Operate is there, lets us in, and answers a search."""
    try:
        settings = read_settings(DEFAULT_ADDRESS)
    except CommandError:
        return  # the gateway's finding names what cannot be read
    if not (settings.operate_api_url or settings.operate_url):
        remedy = "WORKFLOW_OPERATE_URL, for `workflow incidents` and for watching incidents"
        yield Finding("operate", "note", "no address is set", remedy)
        return
    yield asyncio.run(_operate(settings))


async def _operate(settings: WorkflowSettings) -> Finding:
    from workflow_runtime.alerts import operate  # noqa: PLC0415 - aiohttp: 0.2 s

    try:
        client = operate.operate_client(settings)
    except ConfigurationError as error:
        return Finding("operate", "bad", str(error), code=ExitCode.USAGE)
    url = settings.operate_api_url or settings.operate_url
    if trouble := await probe_url(url):
        where = f"Operate at {redacted(url)}: {trouble.detail}"
        remedy = f"{trouble.remedy} (WORKFLOW_OPERATE_URL, or WORKFLOW_OPERATE_API_URL from here)"
        return Trouble(where, remedy).of("operate")
    try:
        async with asyncio.timeout(_LONG):
            found = len(await client.open_incidents())
    except operate.OperateRefused as error:
        return Finding("operate", "bad", str(error), _refused(settings), ExitCode.REFUSED)
    except operate.OperateError as error:
        remedy = "it is there and does not answer as Operate: is the address right? see its log"
        return Finding("operate", "bad", str(error), remedy, ExitCode.UNREACHABLE)
    except TimeoutError:
        late = f"Operate at {redacted(url)}: no answer within {_LONG:.0f} s"
        remedy = "it is there and does not answer: starting, or overloaded? see its log"
        return Finding("operate", "bad", late, remedy, ExitCode.UNREACHABLE)
    finally:
        await client.close()
    return Finding("operate", "ok", f"{redacted(url)}: {found} open incident(s)")


def _refused(settings: WorkflowSettings) -> str:
    if settings.operate_token.get_secret_value():
        return "refused: WORKFLOW_OPERATE_TOKEN is wrong, expired, or for another audience"
    if settings.operate_user:
        return (
            f"refused: user {settings.operate_user} or the password that is set "
            "(WORKFLOW_OPERATE_USER, WORKFLOW_OPERATE_PASSWORD) is wrong or expired, or Operate "
            "wants a token (WORKFLOW_OPERATE_TOKEN)"
        )
    return (
        "none are set: set WORKFLOW_OPERATE_USER and WORKFLOW_OPERATE_PASSWORD, or "
        "WORKFLOW_OPERATE_TOKEN"
    )


def look_at_outbox() -> Iterator[Finding]:
    """Whether the outbox's database is there, has the table, and can be written."""
    from workflow_runtime.cli._outbox_url import find_url  # noqa: PLC0415 - 0.1 s of --help

    try:
        url, place = find_url()
    except UsageError as error:
        # A service need not have one; two of them are a mistake.
        if str(error).startswith("several"):
            yield Finding("outbox", "bad", str(error), code=ExitCode.USAGE)
        else:
            yield Finding("outbox", "note", "no database is set")
        return
    except ConfigurationError as error:
        yield Finding("outbox", "bad", str(error), code=ExitCode.USAGE)
        return
    yield asyncio.run(_outbox(url, place))


async def _outbox(url: str, place: str) -> Finding:
    where = f"{redacted(url)} ({place})"
    try:
        from workflow_runtime.cli import _outbox  # noqa: PLC0415 - an extra

        if trouble := await _database_server(url):
            return trouble._replace(detail=f"{where}: {trouble.detail}").of("outbox")
        async with asyncio.timeout(_LONG):
            parked = await _outbox.use_outbox(url, "workflow_outbox", _write_nothing)
    except ImportError as error:
        if not lacking(error):
            raise
        return Finding("outbox", "bad", lacking(error), code=ExitCode.USAGE)
    except CommandError as error:
        # What the driver has not said says itself what to do.
        remedy = _OUTBOX_REMEDY if error.__cause__ else ""
        return Finding("outbox", "bad", f"{where}: {error}", remedy, error.code)
    except TimeoutError:
        late = f"{where}: no answer within {_LONG:.0f} s"
        remedy = "somebody holds a lock on the table, or the database is overloaded"
        return Finding("outbox", "bad", late, remedy, ExitCode.UNREACHABLE)
    if parked:
        remedy = "`workflow outbox list --state parked`, then `workflow outbox retry` or `purge`"
        return Finding("outbox", "note", f"{where}: there are parked events", remedy)
    return Finding("outbox", "ok", where)


_OUTBOX_REMEDY = (
    "the database's own words: a lock ends with who holds it; a password or a name is in the URL"
)


async def _database_server(url: str) -> Trouble | None:
    from sqlalchemy import make_url  # noqa: PLC0415 - an extra
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415 - an extra

    try:
        parts = make_url(url)
    except ArgumentError:
        return None  # opening it says what was expected
    if parts.get_backend_name() != "postgresql" or not parts.host or parts.host.startswith("/"):
        return None
    return await probe(parts.host, parts.port or 5432)


async def _write_nothing(outbox: Any) -> bool:
    """Takes the lock of a writer, changes no row; whether there are parked events."""
    from sqlalchemy import false, update  # noqa: PLC0415 - an extra

    from workflow_runtime.publishing.outbox import admin  # noqa: PLC0415 - an extra

    async with outbox.engine.begin() as connection:
        await connection.execute(update(outbox.table).where(false()).values(attempts=0))
    return bool(await admin.list_events(outbox, state="parked", limit=1))


def look_at_alerts() -> Iterator[Finding]:
    """Whether the URLs of channels can be read, and their servers be reached; sends nothing."""
    try:
        settings = read_settings(DEFAULT_ADDRESS)
    except CommandError:
        return
    if not settings.alert_urls:
        remedy = "WORKFLOW_ALERT_URLS, with URLs of Apprise: chat, mail, pager"
        yield Finding("alerts", "note", "only to the log: no channel is set", remedy)
    for secret in settings.alert_urls:
        yield asyncio.run(_alert(secret.get_secret_value(), settings))


async def _alert(url: str, settings: WorkflowSettings) -> Finding:
    from workflow_runtime.alerts.channels import AppriseChannel  # noqa: PLC0415 - an extra behind it

    try:
        channel = AppriseChannel(url, allow_plaintext=settings.allow_plaintext_credentials)
    except ConfigurationError as error:
        return Finding("alerts", "bad", str(error), "mend WORKFLOW_ALERT_URLS", ExitCode.USAGE)
    host, port, tls = channel.server
    if not host:
        return Finding("alerts", "ok", f"{channel.name}: can be read; {_TEST}")
    from workflow_runtime.gateway.http import proxy_for  # noqa: PLC0415 - aiohttp: 0.2 s

    if proxy_for(f"{'https' if tls else 'http'}://{host}:{port}", ""):
        return Finding("alerts", "ok", f"{channel.name}: through a proxy, not tried; {_TEST}")
    if trouble := await probe(host, port, tls=tls, trust=Trust(variable="REQUESTS_CA_BUNDLE")):
        detail = f"{channel.name}: {trouble.detail}"
        return trouble._replace(detail=detail).of("alerts")
    return Finding("alerts", "ok", f"{channel.name}: {host}:{port} is there; {_TEST}")


_TEST = "`workflow alerts test` sends one"
