"""OpenTelemetry: one trace from who starts a process through the tasks of all its services.

The W3C context travels as process variables (``traceparent``, ``tracestate``), which
`Workflow.start_process` and `Workflow.publish_event` add and every worker reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Token

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode, TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from typing_extensions import override

from workflow_runtime.gateway.values import ActivatedJob, Scope
from workflow_runtime.observers import Observer
from workflow_runtime.trace_context import TRACE_VARIABLES, TraceContext

__all__ = ["Tracing", "trace_ids"]

_W3C = TraceContextTextMapPropagator()
_BAD = frozenset({"failed", "incident", "unsent"})


class Tracing(Observer, TraceContext):
    """A span for every start, event and job; jobs are children of what led to them.

    Spans go to ``provider``, or to the one that the program has set. Handlers never see the
    variables that carry the context (`ActivatedJob.carried`).
    """

    def __init__(self, provider: TracerProvider | None = None) -> None:
        self._tracer = trace.get_tracer("workflow_runtime", tracer_provider=provider)
        self._spans: dict[int, tuple[Span, Token[Context]]] = {}

    @override
    def carry(self, scope: Scope) -> Scope:
        # Without a trace the propagator writes nothing.
        carrier: dict[str, str] = {}
        _W3C.inject(carrier)
        return {**scope, **carrier} if carrier else scope

    @override
    @contextmanager
    def sending(self, what: str, name: str, scope: Scope) -> Iterator[Scope]:
        # What was written earlier, into an outbox or a buffer, belongs to the trace of that time.
        here = trace.get_current_span().get_span_context().is_valid
        with self._tracer.start_as_current_span(
            f"{what} {name}",
            context=None if here else _W3C.extract(_context_in(scope)),
            kind=SpanKind.PRODUCER,
            # Names of OpenTelemetry's semantic conventions for messaging.
            attributes={
                "messaging.system": "zeebe",
                "messaging.operation.type": "send",
                "messaging.destination.name": name,
            },
            # Their texts may repeat what was sent.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield self.carry(scope)
            except Exception as error:
                span.set_status(StatusCode.ERROR, type(error).__name__)
                raise

    @override
    def without_context(self, scope: Scope) -> Scope:
        return {name: value for name, value in scope.items() if name not in TRACE_VARIABLES}

    @override
    def job_started(self, job: ActivatedJob) -> None:
        span = self._tracer.start_span(
            f"{job.process_id}: {job.element_id}",
            context=_W3C.extract(_context_in(job.carried or {})),
            kind=SpanKind.CONSUMER,
            attributes={
                "messaging.system": "zeebe",
                "messaging.operation.type": "process",
                "messaging.destination.name": job.job_type,
                "workflow.process_id": job.process_id,
                # Keys as text: they have more digits than many readers of numbers keep.
                "workflow.instance_key": str(job.instance_key),
                "workflow.element_id": job.element_id,
                "workflow.job_key": str(job.key),
                "workflow.retries": job.retries,
            },
        )
        # Current from here on: the handler runs in this asyncio task, and so does `job_ended`.
        self._spans[job.key] = (span, context.attach(trace.set_span_in_context(span)))

    @override
    def job_ended(
        self, job: ActivatedJob, outcome: str, seconds: float, wait_seconds: float
    ) -> None:
        # None where the span could not be opened: an observer that fails harms nobody.
        found = self._spans.pop(job.key, None)
        if found is None:
            return
        span, token = found
        span.set_attribute("workflow.outcome", outcome)
        if outcome in _BAD:
            span.set_status(StatusCode.ERROR, outcome)
        span.end()
        context.detach(token)


def trace_ids() -> dict[str, str]:
    """The current trace and span for log lines; empty outside of one."""
    current = trace.get_current_span().get_span_context()
    if not current.is_valid:
        return {}
    return {
        "trace_id": trace.format_trace_id(current.trace_id),
        "span_id": trace.format_span_id(current.span_id),
    }


def _context_in(scope: Scope) -> dict[str, str]:
    found = {name: scope.get(name) for name in TRACE_VARIABLES}
    return {name: value for name, value in found.items() if isinstance(value, str)}
