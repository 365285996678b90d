"""One fault for each type of incident that the embedded engine raises, and what repairs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support.diagrams import one_task, resource
from tests.support.on_call import OnCall

from workflow_runtime.gateway.values import Resource

_TASK = one_task("order", "step")
_JOB = "order_step"


def _order(step: str, flow: str = "") -> Resource:
    return resource(f"start start\n{step}\nend end\nstart -> step\nstep -> end{flow}", "order")


@dataclass(frozen=True)
class Fault:
    """A process ``order`` whose element ``step`` does not go on."""

    diagram: Resource
    scope: dict[str, Any] = field(default_factory=dict)
    happen: Callable[[OnCall], object] = lambda _: None
    """What a worker does to it."""
    assign: str = ""
    """NAME=VALUE that repairs it."""
    deploy: Resource | None = None
    """The file that repairs it."""
    hopeless: bool = False
    """Nothing but the end of the instance helps."""

    def raise_in(self, stand: OnCall) -> int:
        """The key of the instance that stands."""
        stand.run(stand.gateway.deploy([self.diagram]))
        (instance,) = stand.start_instances("order", [self.scope])
        self.happen(stand)
        assert len(stand.open) == 1
        return instance


_GATE = _order("xor step", " if =amount > 1")
FAULTS: dict[str, list[Fault]] = {
    "JOB_NO_RETRIES": [Fault(_TASK, happen=lambda stand: stand.fail(_JOB))],
    "UNHANDLED_ERROR_EVENT": [
        Fault(_TASK, happen=lambda stand: stand.throw(_JOB, "no_money")),
        Fault(
            resource("start start\nend step error=no_money\nstart -> step", "order"),
            hopeless=True,
        ),
    ],
    "CONDITION_ERROR": [Fault(_GATE, {"amount": 0}, assign="amount=5")],
    "EXTRACT_VALUE_ERROR": [
        Fault(_GATE, assign="amount=5"),
        Fault(_order("catch step message=paid key==orderId"), assign='orderId="7"'),
        Fault(_order("catch step timer.duration==delay"), assign="delay=PT1S"),
        Fault(_order("service step job==kind"), assign="kind=order_step"),
        Fault(_order("service step job=order_step each==items item=i"), assign="items=[1]"),
    ],
    "IO_MAPPING_ERROR": [
        Fault(_order("service step job=order_step in.a==assert(x,x>1)"), {"x": 1}, assign="x=2"),
        Fault(
            _order("service step job=order_step out.a==assert(x,x>1)"),
            # The result is the task's own until its mapping succeeds.
            happen=lambda stand: stand.complete(_JOB, {"x": 1}),
            assign="x=2",
        ),
    ],
    "CALLED_ELEMENT_ERROR": [
        Fault(_order("call step process=child"), deploy=one_task("child", "work")),
    ],
}
