"""How a trace's context travels in scopes; without traces it does not."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow_runtime.gateway.values import Scope

__all__ = ["EVENT_TRACE", "OWN_VARIABLES", "TRACE_VARIABLES", "TraceContext", "adopted"]

TRACE_VARIABLES = ("traceparent", "tracestate")
"""The variables of an instance's trace, as W3C calls its parts; only while traces are on."""
EVENT_TRACE = "workflowRuntimeEventTrace"
"""The variable that an event brings along, an object of the same parts.

One of its own: an event's variables replace those of the instance that it comes to
(semantics#variables-merge-upwards).
"""
OWN_VARIABLES = (*TRACE_VARIABLES, EVENT_TRACE)
"""All that carries traces."""


def adopted(carried: Scope | None) -> Scope:
    """What the first job of an instance leaves there, so that the next event changes no trace.

    Args:
        carried: what the runtime has put among the variables of a job.

    Returns:
        The trace of the event that has started the instance, as the instance's own; empty where it
        has one.
    """
    if not carried or EVENT_TRACE not in carried or TRACE_VARIABLES[0] in carried:
        return {}
    found = carried[EVENT_TRACE]
    given = found if isinstance(found, dict) else {}
    return {name: given[name] for name in TRACE_VARIABLES if isinstance(given.get(name), str)}


class TraceContext:
    """Adds nothing to a scope and takes nothing away: what a service without traces uses."""

    def carry(self, scope: Scope) -> Scope:
        """Adds the context of the current trace to the scope of an event that is sent later.

        Args:
            scope: the event's variables.

        Returns:
            The scope to send.
        """
        return scope

    def sending(self, what: str, name: str, scope: Scope) -> AbstractContextManager[Scope]:  # noqa: ARG002 - for tracing, which overrides it
        """Surrounds the sending of a scope, so that a span can be as long as it.

        Args:
            what: the verb, such as "start" or "publish".
            name: of the process, event or signal.
            scope: the variables that go along.

        Returns:
            A context manager that gives the scope to send.
        """
        return nullcontext(scope)

    def without_context(self, scope: Scope) -> Scope:
        """Takes the context of a trace out of a scope that came from the engine.

        Args:
            scope: variables of an instance.

        Returns:
            The variables that the service's code may see.
        """
        return scope
