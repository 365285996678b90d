"""``workflow incidents``: list, show and resolve incidents by Operate and the gateway."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workflow_runtime.cli._durations import read_duration
from workflow_runtime.cli._grouped import grouped
from workflow_runtime.cli._incidents import Choice, find, resolve_all
from workflow_runtime.cli.connection import open_gateway
from workflow_runtime.cli.exits import ExitCode, UsageError, reporting
from workflow_runtime.cli.operate import Operate, with_operate
from workflow_runtime.cli.options import Address, AsJson
from workflow_runtime.cli.output import emit, note, print_table, progress

if TYPE_CHECKING:
    from workflow_runtime.alerts.operate import OperateClient, OperateIncident

_NONE = "no open incident matches"


@dataclass(frozen=True, slots=True)
class Filters:
    """The options that choose incidents; an empty one chooses all."""

    process: Annotated[str, typer.Option(help="Only incidents of this process (BPMN id).")] = ""
    element: Annotated[str, typer.Option(help="Only incidents at this element (BPMN id).")] = ""
    error: Annotated[str, typer.Option(help="Only incidents of this type: JOB_NO_RETRIES, …")] = ""
    instance: Annotated[int, typer.Option(help="Only incidents of this process instance.")] = 0
    older_than: Annotated[
        str, typer.Option(help="Only incidents older than this: 30m, 2h, 1d.")
    ] = ""

    def choice(self, keys: Sequence[int] = ()) -> Choice:
        """What to look for.

        Args:
            keys: only these incidents; empty for all.

        Raises:
            UsageError: ``--error`` or ``--older-than`` cannot be read.
        """
        # Only its form: brokers have types that are in no list here (semantics#incident-types).
        if self.error and not re.fullmatch(r"[A-Z_]+", self.error):
            raise UsageError(
                f"--error: expected a type such as JOB_NO_RETRIES, got {self.error!r}."
            )
        age = read_duration("--older-than", self.older_than) if self.older_than else None
        return Choice(tuple(keys), self.process, self.element, self.error, self.instance, age)


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
    incidents = with_operate(operate, lambda client: find(client, choice))
    if as_json or not incidents:
        emit(as_json, [_plain(incident) for incident in incidents], _NONE)
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
    plain = _plain(incident)
    emit(as_json, plain, "\n".join(f"{name}: {value}" for name, value in plain.items()))


@app.command()
@reporting
@grouped
def resolve(
    filters: Filters,
    keys: Annotated[
        list[int] | None,
        typer.Argument(help="Keys of incidents; none: all that the options choose."),
    ] = None,
    retries: Annotated[int, typer.Option(min=1, help="New attempts for each job.")] = 1,
    operate: Operate = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Every open incident of the cluster.")
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show which incidents would be resolved, resolve none."),
    ] = False,
    address: Address = None,
    as_json: AsJson = False,
) -> None:
    """Resolve incidents once their cause is removed: the elements try again.

    For example: workflow incidents resolve --process order --older-than 1h --dry-run

    Exit codes: 0 all resolved, 1 one was not, 2 usage error, 3 no answer, 4 credentials refused.
    """
    choice = filters.choice(keys or ())
    if choice.everything and not everything:
        raise UsageError(
            "resolve: which? Give keys, --process, --element, --error, --instance or "
            "--older-than; --all takes every open incident of the cluster."
        )
    results = with_operate(
        operate, lambda client: _resolve(client, choice, retries, address, dry_run=dry_run)
    )
    counts = _counts(results)
    if as_json:
        emit(True, {"summary": counts, "incidents": results, "dry_run": dry_run}, "")
    else:
        _print_results(results, counts, dry_run=dry_run)
    # Keys that were asked for and are not among the open incidents: resolved before, or mistyped.
    missing = sorted(set(choice.keys) - {result["key"] for result in results})
    if missing:
        note(f"not open: {', '.join(map(str, missing))}")
    if missing or counts.get("failed"):
        raise typer.Exit(int(ExitCode.FAILED))


async def _resolve(
    client: OperateClient, choice: Choice, retries: int, address: str | None, *, dry_run: bool
) -> list[dict[str, Any]]:
    incidents = await find(client, choice)
    if dry_run:
        return [{**_plain(incident), "outcome": "would be resolved"} for incident in incidents]
    results: list[dict[str, Any]] = []
    gateway = open_gateway(address)
    with progress("resolving", len(incidents)) as advance:

        def each(incident: OperateIncident, outcome: str) -> None:
            results.append({**_plain(incident), "outcome": outcome})
            advance()

        try:
            await resolve_all(gateway, incidents, retries, each)
        finally:
            await gateway.close()
    return results


def _print_results(results: list[dict[str, Any]], counts: dict[str, int], *, dry_run: bool) -> None:
    shown = results if dry_run else [r for r in results if r["outcome"] != "resolved"]
    if shown:
        columns = ("incident", "process", "element", "outcome")
        rows = ((r["key"], r["process_id"], r["element_id"], r["outcome"]) for r in shown)
        print_table("", columns, rows)
    summary = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
    emit(False, None, summary or _NONE)


def _counts(results: list[dict[str, Any]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for result in results:
        # Behind the colon of a failure stands its reason, which is another each time.
        outcome = str(result["outcome"]).partition(":")[0]
        counts[outcome] = counts.get(outcome, 0) + 1
    return counts


def _plain(incident: OperateIncident) -> dict[str, Any]:
    return {**asdict(incident), "created_at": incident.created_at.isoformat()}


def _row(incident: OperateIncident) -> tuple[object, ...]:
    seconds = int((datetime.now(UTC) - incident.created_at).total_seconds())
    return (
        incident.key,
        incident.instance_key,
        f"{seconds // 3600}h{seconds % 3600 // 60:02}m",
        incident.process_id,
        incident.element_id,
        incident.error_type,
        incident.message.partition("\n")[0],
    )
