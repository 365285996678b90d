"""How a trace's context travels in scopes; without traces it does not."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow_runtime.gateway.values import Scope

__all__ = ["TRACE_VARIABLES", "TraceContext"]

TRACE_VARIABLES = ("traceparent", "tracestate")
"""The variables that carry a trace's context, as W3C calls its parts; only while traces are on."""


class TraceContext:
    """Adds nothing to a scope and takes nothing away: what a service without traces uses."""

    def carry(self, scope: Scope) -> Scope:
        """Adds the context of the current trace to a scope that is sent later.

        Args:
            scope: variables for the engine.

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
