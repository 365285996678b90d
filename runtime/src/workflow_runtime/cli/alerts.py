"""``workflow alerts``: whether people would be told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from workflow_runtime.cli.exits import ExitCode, UsageError, reporting
from workflow_runtime.cli.options import AsJson
from workflow_runtime.cli.output import emit, note, write_styled
from workflow_runtime.cli.target import load_builder
from workflow_runtime.config import WorkflowSettings
from workflow_runtime.urls import redacted

if TYPE_CHECKING:
    from workflow_runtime.alerts.channels import Channel

_LONGEST_REASON = 300

app = typer.Typer(help="Try the channels that alerts go to.", no_args_is_help=True)


@dataclass(frozen=True, slots=True)
class Result:
    """What has become of the notice at one channel."""

    channel: str
    sent: bool
    milliseconds: int
    reason: str


@app.callback()
def alerts() -> None:
    """Try the channels that alerts go to."""


@app.command("test")
@reporting
def try_channels(
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="MODULE:BUILDER",
            help="The service, as for `workflow run`; without it, only WORKFLOW_ALERT_URLS.",
        ),
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds that each channel has to take the notice.")
    ] = 30,
    as_json: AsJson = False,
) -> None:
    """Send a test notice to every alert channel, all at once; say which of them took it.

    The channels are the URLs of WORKFLOW_ALERT_URLS and, if a service is named, whatever its
    builder got by `with_alerts`. The service is imported but not started, and no engine is asked.
    The notice is of kind `service`, urgent and about no incident: it rings as a real one does, so
    tell whoever is on call before. Channels of one name are numbered in their order. Reasons are
    shown without what the URLs hold. Without any channel nothing is tried, which is a usage error.

    For example: workflow alerts test my_service.main:build --timeout 10

    Exit codes: 0 every channel took it, 1 one did not, 2 usage error.
    """
    service, channels = _channels(target)
    if not channels:
        where = f"{target} has none" if target else "WORKFLOW_ALERT_URLS is empty"
        raise UsageError(
            f"no alert channels: {where}. Set WORKFLOW_ALERT_URLS to URLs of Apprise, with spaces "
            "between them, or name a service that has `with_alerts`: "
            "workflow alerts test my_service.main:build"
        )
    results = asyncio.run(_send_to_all(service, channels, timeout))
    if as_json:
        emit(True, [asdict(result) for result in results], "")
    else:
        _print(results)
    failed = sum(not result.sent for result in results)
    if failed:
        note(f"{failed} of {len(results)} channels did not take the notice.")
        raise typer.Exit(int(ExitCode.FAILED))


def _channels(target: str | None) -> tuple[str, Mapping[str, Channel]]:
    from workflow_runtime.alerts.channels import as_channel, named  # noqa: PLC0415 - 0.1 s of --help

    if target is not None:
        builder = load_builder(target)
        # One package; no service has a use for them.
        return builder.settings.service_name, named(builder._channels)  # noqa: SLF001 - as above
    settings = WorkflowSettings()
    urls = [url.get_secret_value() for url in settings.alert_urls]
    allowed = settings.allow_plaintext_credentials
    return settings.service_name, named(as_channel(url, allow_plaintext=allowed) for url in urls)


async def _send_to_all(
    service: str, channels: Mapping[str, Channel], timeout: float
) -> list[Result]:
    sending = (_send(service, name, each, timeout) for name, each in channels.items())
    return await asyncio.gather(*sending)


async def _send(service: str, name: str, channel: Channel, timeout: float) -> Result:
    from workflow_runtime.alerts.model import Kind, Notice  # noqa: PLC0415 - as above

    notice = Notice(
        Kind.SERVICE,
        f"{service}: test of alerts",
        "Nothing has happened: somebody tries with `workflow alerts test` whether alerts of "
        f"{service} arrive here.",
    )
    began, reason = time.monotonic(), ""
    sending = asyncio.ensure_future(channel.send(notice))
    await asyncio.wait({sending}, timeout=timeout)
    if not sending.done():
        sending.cancel()
        reason = f"no answer in {timeout:g} s; it may have taken it"
    elif sending.cancelled():
        reason = "CancelledError"
    elif error := sending.exception():
        reason = _reason(error)
    return Result(name, not reason, round(1000 * (time.monotonic() - began)), reason)


def _reason(error: BaseException) -> str:
    from workflow_runtime.alerts.channels import ChannelFailed  # noqa: PLC0415 - as above

    text = redacted(str(error))[:_LONGEST_REASON]
    if isinstance(error, ChannelFailed):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _print(results: list[Result]) -> None:
    width = max(len(result.channel) for result in results)
    for result in results:
        mark = ("ok  ", "green") if result.sent else ("BAD ", "bold red")
        said = "sent in" if result.sent else "not sent, after"
        reason = f": {result.reason}" if result.reason else ""
        channel = (f" {result.channel:<{width}}  ", "bold")
        write_styled(mark, channel, f"{said} {result.milliseconds} ms{reason}")
