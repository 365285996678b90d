"""``workflow set-scope``."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workflow_runtime.cli._filters import Many
from workflow_runtime.cli._grouped import grouped
from workflow_runtime.cli._incidents import Choice, act_on_all, find, patiently
from workflow_runtime.cli._scope import read_scope
from workflow_runtime.cli.connection import open_gateway, with_gateway
from workflow_runtime.cli.exits import ExitCode, UsageError
from workflow_runtime.cli.operate import Operate, with_operate
from workflow_runtime.cli.options import Address, AsJson, ScopeText, Variables
from workflow_runtime.cli.output import as_pairs, counted, emit, print_table, progress

if TYPE_CHECKING:
    from workflow_runtime.alerts.operate import OperateClient
    from workflow_runtime.gateway.port import Gateway

_SET = "set"
_NONE = "no open incident matches, so no instance is changed"


@dataclass(frozen=True, slots=True)
class _New:
    """The variables to set, as the options give them."""

    scope: ScopeText = None
    var: Variables = None
    local: Annotated[
        bool,
        typer.Option(
            "--local", help="Set the variables in this scope, even where an outer one has them."
        ),
    ] = False

    def variables(self) -> dict[str, Any]:
        """The variables by name.

        Raises:
            UsageError: there are none, or they cannot be read.
        """
        if found := read_scope(self.scope, self.var):
            return found
        raise UsageError("set-scope: nothing to set; give --scope JSON or --var NAME=VALUE.")


@grouped
def set_scope(
    many: Many,
    new: _New,
    key: Annotated[
        int | None,
        typer.Argument(
            help="The key of a process instance or of an element instance; none: the instances of "
            "all incidents that the options choose."
        ),
    ] = None,
    operate: Operate = "",
    address: Address = None,
    as_json: AsJson = False,
) -> None:
    """Change variables of running process instances: of one, or of all that have an incident.

    For example: workflow set-scope 2251799813685249 --var amount=5

    workflow set-scope --process order --error CONDITION_ERROR --var amount=5 --dry-run

    Incidents stay until they are resolved: workflow incidents resolve takes the same options.

    Exit codes: 0 set, 1 refused, 2 usage error, 3 no answer, 4 credentials refused.
    """
    variables = new.variables()
    if key is None:
        choice = many.chosen("set-scope")
        bulk = _Bulk(choice, variables, new.local, address)
        done = with_operate(operate, bulk.preview if many.dry_run else bulk.set)
        _tell(done, variables, dry_run=many.dry_run, as_json=as_json)
        return
    if many != Many():
        raise UsageError("set-scope: a key, or options that choose incidents; not both.")

    async def send(gateway: Gateway) -> None:
        await gateway.set_variables(key, variables, local=new.local)

    with_gateway(address, send)
    names = sorted(variables)
    emit(as_json, {"key": key, "set": names}, f"{key}: set {', '.join(names)}")


@dataclass(frozen=True, slots=True)
class _Instance:
    """An instance with incidents, and what became of it."""

    key: int
    process: str
    elements: str
    outcome: str = "would be set"


@dataclass(frozen=True, slots=True)
class _Bulk:
    choice: Choice
    variables: dict[str, Any]
    local: bool
    address: str | None

    async def preview(self, client: OperateClient) -> list[_Instance]:
        """The instances that would be changed."""
        found: dict[int, list[Any]] = {}
        for incident in await find(client, self.choice):
            found.setdefault(incident.instance_key, []).append(incident)
        return [
            _Instance(key, own[0].process_id, ", ".join(sorted({i.element_id for i in own})))
            for key, own in found.items()
        ]

    async def set(self, client: OperateClient) -> list[_Instance]:
        """Changes them; a failure does not stop the others."""
        instances = await self.preview(client)
        done: list[_Instance] = []
        gateway = open_gateway(self.address)

        async def act(each: _Instance) -> None:
            send = partial(gateway.set_variables, each.key, self.variables, local=self.local)
            await patiently(send)

        with progress("setting", len(instances)) as advance:

            def note_outcome(each: _Instance, outcome: str) -> None:
                done.append(_Instance(each.key, each.process, each.elements, outcome))
                advance()

            try:
                await act_on_all(instances, act, _SET, note_outcome)
            finally:
                await gateway.close()
        return done


def _tell(
    done: list[_Instance], variables: dict[str, Any], *, dry_run: bool, as_json: bool
) -> None:
    counts = Counter(each.outcome.partition(":")[0] for each in done)
    if as_json:
        rows = [
            {"instance": e.key, "process": e.process, "elements": e.elements, "outcome": e.outcome}
            for e in done
        ]
        summary = dict(counts)
        emit(
            True, {"summary": summary, "set": variables, "instances": rows, "dry_run": dry_run}, ""
        )
    else:
        shown = [each for each in done if dry_run or each.outcome != _SET]
        if shown:
            columns = ("instance", "process", "elements", "outcome")
            rows_of = ((e.key, e.process, e.elements, e.outcome) for e in shown)
            print_table("", columns, rows_of)
        what = as_pairs({name: json.dumps(value) for name, value in variables.items()})
        parts = [f"{counted(count, 'instance')} {how}" for how, count in counts.items()]
        emit(False, None, f"{', '.join(parts)}: {what}" if parts else _NONE)
    if counts["failed"]:
        raise typer.Exit(int(ExitCode.FAILED))
