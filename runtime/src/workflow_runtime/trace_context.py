"""How a trace's context travels in scopes; without traces it does not."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow_runtime.gateway.port import Scope

__all__ = ["TraceContext"]


class TraceContext:
    """Adds nothing to a scope and takes nothing away: what a service without traces uses."""

    def carry(self, scope: Scope) -> Scope:
        """A scope that is sent later, with the context of the current trace."""
        return scope

    def sending(self, what: str, name: str, scope: Scope) -> AbstractContextManager[Scope]:  # noqa: ARG002 - for tracing, which overrides it
        """Within it a scope is sent now: gives what is to be sent.

        Args:
            what: the verb, such as "start" or "publish".
            name: of the process, event or signal.
            scope: the variables that go along.
        """
        return nullcontext(scope)

    def without_context(self, scope: Scope) -> Scope:
        """A scope that came from the engine, without the context of a trace."""
        return scope
