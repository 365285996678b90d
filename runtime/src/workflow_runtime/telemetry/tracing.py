"""OpenTelemetry: one trace from who starts a process through the tasks of all its services.

The W3C context travels in process variables, which `Workflow.start_process` and
`Workflow.publish_event` add and every worker reads: that of an instance from its start on, that of
an event in one of its own. An instance keeps its trace; what an event has led to is linked with it.
Spans and their attributes: docs/how-to/operate.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Token
from dataclasses import dataclass
from typing import Any, Final

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, StatusCode, TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from typing_extensions import override

from workflow_runtime._log.failures import Failure, failure_of
from workflow_runtime.gateway.values import ActivatedJob, Scope
from workflow_runtime.observers import Observer
from workflow_runtime.telemetry.redaction import Redact
from workflow_runtime.trace_context import (
    EVENT_TRACE,
    OWN_VARIABLES,
    TRACE_VARIABLES,
    TraceContext,
)

__all__ = ["Tracing", "trace_ids"]

_W3C: Final = TraceContextTextMapPropagator()
_BAD: Final = frozenset({"failed", "incident", "unsent"})
_LONGEST: Final = 500
"""Characters of a text: places and causes may be many."""


@dataclass(slots=True)
class _Running:
    span: Span
    token: Token[Context]
    failure: Failure | None = None


class Tracing(Observer, TraceContext):
    """A span for every start, event, signal and job; jobs are children of what began the instance.

    Names and attributes are those of OpenTelemetry's semantic conventions for messaging. Handlers
    never see the variables that carry the context (`ActivatedJob.carried`).

    Args:
        provider: where spans go; None is the one that the program has set.
        texts: makes the texts of exceptions fit to be shown; None leaves them out, because they may
            hold values of a scope.
    """

    def __init__(
        self, provider: TracerProvider | None = None, *, texts: Redact | None = None
    ) -> None:
        self._tracer = trace.get_tracer("workflow_runtime", tracer_provider=provider)
        self._texts = texts
        self._running: dict[int, _Running] = {}

    @override
    def carry(self, scope: Scope) -> Scope:
        carrier = _current()
        return {**scope, EVENT_TRACE: carrier} if carrier else scope

    @override
    @contextmanager
    def sending(self, what: str, name: str, scope: Scope) -> Iterator[Scope]:
        here = trace.get_current_span().get_span_context()
        # What was written earlier, into an outbox or a buffer, belongs to the trace of that time,
        # whatever the relay was started in.
        written = _span_of(scope.get(EVENT_TRACE))
        with self._tracer.start_as_current_span(
            f"{what} {name}",
            context=_within(written) if written.is_valid else None,
            kind=SpanKind.PRODUCER,
            attributes=_messaging(what, "send", name),
            links=_links(here, written) if written.is_valid else (),
            # Their texts may repeat what was sent.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield {**scope, **_current()} if what == "start" else self.carry(scope)
            except Exception as error:
                failure = failure_of(error)
                # A refusal of the engine has a name that people know.
                self._fail(span, failure, str(getattr(error, "status", failure.kind)))
                raise

    @override
    def without_context(self, scope: Scope) -> Scope:
        return {name: value for name, value in scope.items() if name not in OWN_VARIABLES}

    @override
    def job_started(self, job: ActivatedJob) -> None:
        carried = job.carried or {}
        instance, event = _span_of(carried), _span_of(carried.get(EVENT_TRACE))
        # An event that has started the instance is its beginning, as long as nobody says another.
        parent = instance if instance.is_valid else event
        span = self._tracer.start_span(
            f"process {job.job_type}",
            context=_within(parent),
            kind=SpanKind.CONSUMER,
            attributes={
                **_messaging("process", "process", job.job_type),
                # Keys as text: they have more digits than many readers of numbers keep.
                "messaging.message.id": str(job.key),
                "messaging.message.conversation_id": str(job.instance_key),
                "workflow.process_id": job.process_id,
                "workflow.instance_key": str(job.instance_key),
                "workflow.element_id": job.element_id,
                "workflow.job_key": str(job.key),
                "workflow.retries": job.retries,
            },
            links=_links(event, parent),
        )
        # Current from here on: the handler runs in this asyncio task, and so does `job_ended`.
        token = context.attach(trace.set_span_in_context(span))
        self._running[job.key] = _Running(span, token)

    @override
    def job_failed(self, job: ActivatedJob, failure: Failure) -> None:
        if (running := self._running.get(job.key)) is not None:
            running.failure = failure

    @override
    def job_ended(
        self, job: ActivatedJob, outcome: str, seconds: float, wait_seconds: float
    ) -> None:
        # None where the span could not be opened: an observer that fails harms nobody.
        found = self._running.pop(job.key, None)
        if found is None:
            return
        span, failure = found.span, found.failure
        span.set_attribute("workflow.outcome", outcome)
        if failure is not None:
            # An error of BPMN is what the diagram waits for, and no status of a failure.
            self._fail(span, failure, failure.kind, bad=outcome in _BAD)
        elif outcome in _BAD:
            span.set_attribute("error.type", outcome)
            span.set_status(StatusCode.ERROR, outcome)
        span.end()
        context.detach(found.token)

    def _fail(self, span: Span, failure: Failure, kind: str, *, bad: bool = True) -> None:
        span.set_attribute("error.type", kind)
        span.add_event("exception", self._told(failure))
        if bad:
            span.set_status(StatusCode.ERROR, failure.words()[:_LONGEST])

    def _told(self, failure: Failure) -> dict[str, Any]:
        """What `Span.record_exception` would add, as far as it may be shown."""
        told: dict[str, Any] = {"exception.type": failure.kind}
        if failure.raised_as:
            told["workflow.raised_as"] = failure.raised_as
        if failure.place is not None:
            told["code.function.name"] = failure.place.function
            told["code.file.path"] = failure.place.file
            told["code.line.number"] = failure.place.line
        # The places of all causes: that is what a reader of stack traces looks for.
        told["exception.stacktrace"] = failure.words()
        if self._texts is not None:
            told["exception.message"] = self._texts(failure.text)
            told["exception.stacktrace"] = self._texts(failure.words(texts=True))
        return told


def trace_ids() -> dict[str, str]:
    """The current trace and span for log lines; empty outside of one."""
    current = trace.get_current_span().get_span_context()
    if not current.is_valid:
        return {}
    return {
        "trace_id": trace.format_trace_id(current.trace_id),
        "span_id": trace.format_span_id(current.span_id),
    }


def _messaging(name: str, kind: str, destination: str) -> dict[str, Any]:
    return {
        "messaging.system": "zeebe",
        "messaging.operation.name": name,
        "messaging.operation.type": kind,
        "messaging.destination.name": destination,
    }


def _current() -> dict[str, str]:
    # Without a trace the propagator writes nothing.
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier


def _span_of(carrier: Any) -> SpanContext:
    """The span that variables name; not a valid one where they name none."""
    found = carrier if isinstance(carrier, dict) else {}
    texts = {name: found.get(name) for name in TRACE_VARIABLES}
    given = {name: value for name, value in texts.items() if isinstance(value, str)}
    # In an empty context: a poll loop may have been started within some span.
    return trace.get_current_span(_W3C.extract(given, Context())).get_span_context()


def _within(parent: SpanContext) -> Context:
    return trace.set_span_in_context(trace.NonRecordingSpan(parent), Context())


def _links(other: SpanContext, parent: SpanContext) -> tuple[Link, ...]:
    return (Link(other),) if other.is_valid and other.span_id != parent.span_id else ()
