"""A process as the engine runs it: compiled once at deploy, shared by all its instances."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from workflow_devkit.engine.clock import EngineClock
from workflow_devkit.engine.expressions import Expression, compile_optional
from workflow_runtime.bpmn.model import (
    Definitions,
    Element,
    EventDefinition,
    EventKind,
    IoMapping,
    Kind,
    TimerKind,
)

__all__ = ["Flow", "Loop", "Node", "Process", "compile_processes"]

DEFAULT_RETRIES = "3"
"""Of jobs whose diagram names no number (semantics#job-retries-default)."""
USER_TASK_RETRIES = "1"
_PATH = re.compile(r"([^\W\d]\w*)(?:\.[^\W\d]\w*)*")


class Flow:
    """A sequence flow; ``condition`` None means unconditional."""

    __slots__ = ("condition", "id", "is_default", "source", "target")

    def __init__(self, flow_id: str, source: Node, condition: Expression | None) -> None:
        self.id = flow_id
        self.source = source
        # Until `Process._connect_flow` has both ends.
        self.target: Node = source
        self.condition = condition
        self.is_default = False


class Loop:
    """The multi-instance characteristics of an activity (semantics#multi-instance)."""

    __slots__ = ("completion", "input_collection", "input_element", "output_collection",
                 "output_element", "result_name", "sequential")  # fmt: skip

    def __init__(self, element: Element, clock: EngineClock) -> None:
        loop = element.multi_instance
        assert loop is not None
        self.sequential = loop.sequential
        self.input_collection = Expression(loop.input_collection or "", clock)
        self.input_element = loop.input_element
        self.output_collection = loop.output_collection
        self.output_element = compile_optional(loop.output_element, clock)
        self.completion = compile_optional(loop.completion_condition, clock)
        written = self.output_element.text if self.output_element else ""
        # Of `=a.b` the `a`, which each inner activity gets as a variable of its own.
        found = _PATH.fullmatch(written)
        self.result_name = found[1] if found else None


class Node:
    """An element of an executable process."""

    __slots__ = (
        "attached_to", "body", "boundaries", "called", "children", "code", "correlation_key",
        "default", "element", "event_kind", "event_sub_processes", "headers", "id", "incoming",
        "inner", "inputs", "interrupting", "job_retries", "job_type", "kind", "link_name", "loop",
        "message_name", "none_start", "outgoing", "outputs", "parent", "process", "propagate_child",
        "propagate_parent", "result_variable", "script", "signal_name", "start", "timer",
        "timer_kind",
    )  # fmt: skip

    def __init__(self, element: Element, process: Process, parent: Node | None) -> None:
        self.element = element
        self.id = element.id
        self.kind = element.kind
        self.event_kind = element.event_kind()
        self.process = process
        self.parent = parent
        self.outgoing: list[Flow] = []
        self.incoming: list[Flow] = []
        self.children: dict[str, Node] = {}
        self.boundaries: list[Node] = []
        self.event_sub_processes: list[Node] = []
        self.attached_to: Node | None = None
        self.default: Flow | None = None
        self.none_start: Node | None = None
        self.start: Node | None = None
        self.interrupting = element.interrupting
        self.body: Node | None = None
        self.inner: Node | None = None
        self.loop: Loop | None = None
        self._compile(process.clock)

    def _compile(self, clock: EngineClock) -> None:
        element = self.element
        self.headers = dict(element.headers)
        self.inputs = compile_mappings(element.inputs, clock)
        self.outputs = compile_mappings(element.outputs, clock)
        task = element.task
        self.job_type = Expression(task.type or "", clock, literal=True) if task else None
        usual = USER_TASK_RETRIES if self.kind is Kind.USER_TASK else DEFAULT_RETRIES
        self.job_retries = Expression((task.retries if task else None) or usual, clock)
        self._compile_event(element.event, clock)
        message = element.message or (element.event.message if element.event else None)
        self.message_name = _literal(message.name if message else None, clock)
        self.correlation_key = compile_optional(message.correlation_key if message else None, clock)
        called = element.called
        self.called = _literal(called.process_id if called else None, clock)
        self.propagate_parent = called.propagate_parent if called else True
        self.propagate_child = called.propagate_child if called else True
        script = element.script
        self.script = compile_optional(script.expression if script else None, clock)
        self.result_variable = script.result_variable if script else None

    def _compile_event(self, event: EventDefinition | None, clock: EngineClock) -> None:
        timer = event.timer if event else None
        self.timer = _literal(timer.text if timer else None, clock)
        self.timer_kind: TimerKind | None = timer.kind if timer else None
        kind = event.kind if event else EventKind.NONE
        name = event.name if event else None
        self.signal_name = _literal(name if kind is EventKind.SIGNAL else None, clock)
        self.link_name = name if kind is EventKind.LINK else None
        self.code = _literal((event.code or "") if event else None, clock)

    def __repr__(self) -> str:
        return f"Node({self.id}, {self.kind})"


class Process:
    """One version of a process definition."""

    __slots__ = ("clock", "key", "nodes", "process_id", "resource", "root", "version")

    def __init__(self, element: Element, resource: str, clock: EngineClock) -> None:
        self.clock = clock
        self.process_id = element.id
        self.resource = resource
        # Both are given by `Deployments`, if it is not a version that is there already.
        self.key = 0
        self.version = 0
        self.nodes: dict[str, Node] = {}
        self.root = self._build(element, None)
        self._connect(element)

    def start_events(self, kind: EventKind) -> Sequence[Node]:
        """The start events of the process itself, of one kind."""
        return [
            node
            for node in self.root.children.values()
            if node.kind is Kind.START_EVENT and node.event_kind is kind
        ]

    def _build(self, element: Element, parent: Node | None) -> Node:
        node = Node(element, self, parent)
        self.nodes[element.id] = node
        for child in element.children.values():
            node.children[child.id] = self._build(child, node)
        starts = [c for c in node.children.values() if c.kind is Kind.START_EVENT]
        node.start = starts[0] if starts else None
        node.none_start = next((s for s in starts if s.event_kind is EventKind.NONE), None)
        node.event_sub_processes = [
            child for child in node.children.values() if child.kind is Kind.EVENT_SUB_PROCESS
        ]
        return node

    def _connect(self, root: Element) -> None:
        for scope in root.walk():
            # The broker reads a file from its end (semantics#flows-last-first).
            for flow in reversed(scope.flows.values()):
                self._connect_flow(flow.id, flow.source, flow.target, flow.condition)
        for node in reversed(list(self.nodes.values())):
            self._attach(node)
        for node in list(self.nodes.values()):
            # Last: the body takes over the flows and boundary events of its activity.
            if node.element.multi_instance is not None:
                self._wrap(node)

    def _connect_flow(self, flow_id: str, source: str, target: str, condition: str | None) -> None:
        start, end = self.nodes.get(source), self.nodes.get(target)
        if start is None or end is None:
            return
        flow = Flow(flow_id, start, compile_optional(condition, self.clock))
        flow.target = end
        flow.is_default = start.element.default_flow == flow_id
        if flow.is_default:
            start.default = flow
        start.outgoing.append(flow)
        end.incoming.append(flow)

    def _attach(self, node: Node) -> None:
        host = self.nodes.get(node.element.attached_to or "")
        if node.kind is Kind.BOUNDARY_EVENT and host is not None:
            node.attached_to = host
            host.boundaries.append(node)

    def _wrap(self, inner: Node) -> None:
        """Puts a multi-instance body around an activity: it has the flows and the boundaries."""
        # It has the id of its activity, and `nodes` keeps the activity: flows lead to the body.
        body = Node(inner.element, self, inner.parent)
        body.kind = Kind.MULTI_INSTANCE_BODY
        body.event_kind = EventKind.NONE
        # Mappings run in each inner activity, not in the body.
        body.inputs, body.outputs = (), ()
        body.outgoing, inner.outgoing = inner.outgoing, []
        body.incoming, inner.incoming = inner.incoming, []
        body.boundaries, inner.boundaries = inner.boundaries, []
        body.default, inner.default = inner.default, None
        body.loop = Loop(inner.element, self.clock)
        body.inner, inner.body = inner, body
        for flow in body.outgoing:
            flow.source = body
        for flow in body.incoming:
            flow.target = body
        for boundary in body.boundaries:
            boundary.attached_to = body


Mapping_ = tuple[tuple[str, ...], Expression]


def compile_mappings(mappings: Sequence[IoMapping], clock: EngineClock) -> Sequence[Mapping_]:
    """Targets split at their dots, sources compiled (semantics#static-values)."""
    return tuple(
        (tuple(mapping.target.split(".")), Expression(mapping.source, clock, literal=True))
        for mapping in mappings
    )


def _literal(text: str | None, clock: EngineClock) -> Expression | None:
    return None if text is None else Expression(text, clock, literal=True)


def compile_processes(definitions: Definitions, clock: EngineClock) -> Mapping[str, Process]:
    """Compiles the executable processes of a file, by id."""
    return {
        element.id: Process(element, definitions.resource, clock)
        for element in definitions.executable()
    }
