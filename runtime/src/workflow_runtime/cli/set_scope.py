"""``workflow set-scope``."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, replace
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
from workflow_runtime.cli.output import as_pairs, emit, print_table, progress

if TYPE_CHECKING:
    from workflow_runtime.alerts.operate import OperateClient
    from workflow_runtime.gateway.port import Gateway

_SET = "set"
_NONE = "no open incident matches, so nothing is changed"


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

    Many are set where the element of the incident sees them. Incidents stay until they are
    resolved: workflow incidents resolve takes the same options.

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
class _Element:
    """An element that does not go on, and what became of it."""

    key: int
    """Of its instance: there the variables are looked up, and then further out. One that an input
    mapping or a sub-process has of its own would hide one of the whole process instance."""
    instance: int
    process: str
    element: str
    outcome: str = "would be set"


@dataclass(frozen=True, slots=True)
class _Bulk:
    choice: Choice
    variables: dict[str, Any]
    local: bool
    address: str | None

    async def preview(self, client: OperateClient) -> list[_Element]:
        """The elements whose variables would be changed."""
        found = {}
        for each in await find(client, self.choice):
            key = each.element_instance_key or each.instance_key
            found[key] = _Element(key, each.instance_key, each.process_id, each.element_id)
        return list(found.values())

    async def set(self, client: OperateClient) -> list[_Element]:
        """Changes them; a failure does not stop the others."""
        elements = await self.preview(client)
        done: list[_Element] = []
        gateway = open_gateway(self.address)

        async def act(each: _Element) -> None:
            send = partial(gateway.set_variables, each.key, self.variables, local=self.local)
            await patiently(send)

        with progress("setting", len(elements)) as advance:

            def note_outcome(each: _Element, outcome: str) -> None:
                done.append(replace(each, outcome=outcome))
                advance()

            try:
                await act_on_all(elements, act, _SET, note_outcome)
            finally:
                await gateway.close()
        return done


def _tell(done: list[_Element], variables: dict[str, Any], *, dry_run: bool, as_json: bool) -> None:
    counts = Counter(each.outcome.partition(":")[0] for each in done)
    if as_json:
        rows = list(map(asdict, done))
        plain = {"summary": dict(counts), "set": variables, "elements": rows, "dry_run": dry_run}
        emit(True, plain, "")
    else:
        shown = [each for each in done if dry_run or each.outcome != _SET]
        if shown:
            columns = ("instance", "process", "element", "outcome")
            cells = ((e.instance, e.process, e.element, e.outcome) for e in shown)
            print_table("", columns, cells)
        what = as_pairs({name: json.dumps(value) for name, value in variables.items()})
        parts = [f"{count} {how}" for how, count in counts.items()]
        emit(False, None, f"{', '.join(parts)}: {what}" if parts else _NONE)
    if counts["failed"]:
        raise typer.Exit(int(ExitCode.FAILED))
