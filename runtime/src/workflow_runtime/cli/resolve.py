"""``workflow resolve``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workflow_runtime.cli._durations import read_duration
from workflow_runtime.cli._incidents import looking, resolve_one, whose
from workflow_runtime.cli.connection import open_gateway
from workflow_runtime.cli.exits import CommandError, UsageError
from workflow_runtime.cli.operate import Operate, with_operate
from workflow_runtime.cli.options import Address, AsJson, Wait
from workflow_runtime.cli.output import emit
from workflow_runtime.gateway.errors import NotFound

if TYPE_CHECKING:
    from workflow_runtime.alerts.operate import OperateClient
    from workflow_runtime.cli._look_again import Look

_NOT_LOOKED = "not looked whether it comes back"
_UNKNOWN = "whether it comes back only Operate shows: give --operate or set WORKFLOW_OPERATE_URL"


def resolve(
    incident_key: Annotated[int, typer.Argument(help="The key of the incident.")],
    job: Annotated[
        int | None,
        typer.Option(
            help="The key of its job, which first gets --retries; where Operate is known, it "
            "is found."
        ),
    ] = None,
    retries: Annotated[int, typer.Option(min=1, help="New attempts for its job.")] = 1,
    wait: Wait = "60s",
    operate: Operate = "",
    address: Address = None,
    as_json: AsJson = False,
) -> None:
    """Resolve an incident once its cause is removed: the element tries again.

    For example: workflow resolve 2251799813685263 --job 2251799813685257 --retries 3

    Then looks at Operate, if its address is known, whether it came back under a new key.

    Exit codes: 0 resolved, 1 refused or came back, 2 usage error, 3 no answer,
    4 credentials refused, 5 perhaps came back.
    """
    # Keys look alike, and an incident shows both.
    if job == incident_key:
        raise UsageError("resolve: --job is the key of the job, not of the incident.")
    patience = read_duration("--wait", wait).total_seconds()
    one = _One(incident_key, job or 0, retries, address)
    look: Look | None = None
    if operate and patience:
        look = with_operate(operate, lambda client: one.watched(client, patience))
        lines = [f"{incident_key}: resolved, {look.words()}", *look.lines()]
    else:
        asyncio.run(one.resolve())
        lines = [f"{incident_key}: resolved; {_NOT_LOOKED if operate else _UNKNOWN}"]
    emit(as_json, {"resolved": incident_key, **(look.plain() if look else {})}, lines)
    if look and look.code:
        raise typer.Exit(int(look.code))


@dataclass(frozen=True, slots=True)
class _One:
    """What to resolve, and how."""

    key: int
    job: int
    """0 where none was given."""
    retries: int
    address: str | None

    async def watched(self, client: OperateClient, patience: float) -> Look:
        """Resolves whatever Operate says, which may be away or late, and looks again."""
        from workflow_runtime.alerts.operate import OperateError  # noqa: PLC0415 - aiohttp: 0.2 s
        from workflow_runtime.cli._look_again import Look, look_again  # noqa: PLC0415 - the same

        before: list[dict[str, Any]] = []
        incident, trouble = None, f"Operate did not show incident {self.key}"
        try:
            before = await client.open_incidents()
            if any(int(item["key"]) == self.key for item in before):
                incident = await client.incident(self.key)
        except OperateError as error:
            trouble = str(error)
        found = incident.job_key if incident else 0
        await replace(self, job=self.job or found).resolve(before)
        if incident is None:
            return Look(trouble=trouble)
        looking(patience)
        return await look_again(client, [incident], {int(i["key"]) for i in before}, patience)

    async def resolve(self, known: Sequence[dict[str, Any]] = ()) -> None:
        """Resolves it at the gateway; where there is none, what is known says whose key it is."""
        gateway = open_gateway(self.address)
        try:
            await resolve_one(gateway, self.key, self.job, self.retries)
        except NotFound as error:
            raise CommandError(
                f"{error.status}: {error.message}{whose(self.key, known)}"
            ) from error
        finally:
            await gateway.close()
