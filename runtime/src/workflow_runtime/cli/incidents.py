"""``workflow incidents``: list, show and resolve incidents by Operate and the gateway."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from workflow_runtime.cli._durations import read_duration
from workflow_runtime.cli._filters import Filters, Many
from workflow_runtime.cli._grouped import grouped
from workflow_runtime.cli._incidents import Choice, find, headline, others, plain
from workflow_runtime.cli._resolving import RESOLVED, Bulk
from workflow_runtime.cli.exits import reporting
from workflow_runtime.cli.operate import Operate, with_operate
from workflow_runtime.cli.options import Address, AsJson, Wait
from workflow_runtime.cli.output import emit, note, print_table

if TYPE_CHECKING:
    from workflow_runtime.alerts.operate import OperateClient, OperateIncident

_NONE = "no open incident matches"


app = typer.Typer(help="List, show and resolve incidents.", no_args_is_help=True)


@app.command("list")
@reporting
@grouped
def list_(
    filters: Filters,
    operate: Operate = "",
    as_json: AsJson = False,
) -> None:
    """List open incidents, oldest first.

    For example: workflow incidents list --process order --error JOB_NO_RETRIES

    Exit codes: 0 listed, 1 refused, 2 usage error, 3 no answer, 4 credentials refused.
    """
    choice = filters.choice()
    incidents, open_ones = with_operate(operate, lambda client: _found(client, choice))
    if open_ones:
        note(f"open are: {open_ones}")
    if as_json or not incidents:
        emit(as_json, [plain(incident) for incident in incidents], _NONE)
        return
    # Keys first: there a terminal of 80 columns breaks none of them.
    columns = ("incident", "instance", "age", "process", "element", "error", "message")
    noun = "incident" if len(incidents) == 1 else "incidents"
    print_table(f"{len(incidents)} open {noun}", columns, map(_row, incidents))


@app.command()
@reporting
def show(
    incident_key: Annotated[int, typer.Argument(help="The key of the incident.")],
    operate: Operate = "",
    as_json: AsJson = False,
) -> None:
    """Show one incident with its whole message.

    Exit codes: 0 shown, 1 no such incident, 2 usage error, 3 no answer, 4 credentials refused.
    """
    incident = with_operate(operate, lambda client: client.incident(incident_key))
    found = plain(incident)
    emit(as_json, found, "\n".join(f"{name}: {value}" for name, value in found.items()))


@app.command()
@reporting
@grouped
def resolve(
    many: Many,
    keys: Annotated[
        list[int] | None,
        typer.Argument(help="Keys of incidents; none: all that the options choose."),
    ] = None,
    retries: Annotated[int, typer.Option(min=1, help="New attempts for each job.")] = 1,
    wait: Wait = "60s",
    operate: Operate = "",
    address: Address = None,
    as_json: AsJson = False,
) -> None:
    """Resolve incidents once their cause is removed: the elements try again.

    For example: workflow incidents resolve --process order --older-than 1h --dry-run

    Then looks at Operate whether they came back: what was not repaired has a new incident at once.

    Exit codes: 0 all resolved, 1 one was not or came back, 2 usage error, 3 no answer,
    4 credentials refused, 5 perhaps came back.
    """
    choice = many.chosen("resolve", keys or ())
    patience = read_duration("--wait", wait).total_seconds()
    bulk = Bulk(choice, retries, patience, address)
    done = with_operate(operate, bulk.preview if many.dry_run else bulk.resolve)
    if as_json:
        emit(True, {**done.plain(), "dry_run": many.dry_run}, "")
    else:
        shown = [each for each in done.outcomes if many.dry_run or each[1] != RESOLVED]
        if shown:
            columns = ("incident", "process", "element", "outcome")
            rows = ((i.key, i.process_id, i.element_id, outcome) for i, outcome in shown)
            print_table("", columns, rows)
        emit(False, None, [done.words() or _NONE, *(done.look.lines() if done.look else ())])
    for key, what in done.missing.items():
        note(f"not open: {key}{what}")
    if code := done.code:
        raise typer.Exit(int(code))


async def _found(client: OperateClient, choice: Choice) -> tuple[list[OperateIncident], str]:
    incidents = await find(client, choice)
    return incidents, "" if incidents or choice.everything else await others(client)


def _row(incident: OperateIncident) -> tuple[object, ...]:
    seconds = int((datetime.now(UTC) - incident.created_at).total_seconds())
    return (
        incident.key,
        incident.instance_key,
        f"{seconds // 3600}h{seconds % 3600 // 60:02}m",
        incident.process_id,
        incident.element_id,
        incident.error_type,
        headline(incident.message),
    )
