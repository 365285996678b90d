"""A BPMN file as plain data: what the parser reads, what engine, lint and pictures use.

Expressions stay text here, as written (with their ``=``); who needs them compiled compiles
them. Every element remembers its line for messages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

USER_TASK_TYPE: Final = "io.camunda.zeebe:userTask"
"""The task type of every user task that is a job (semantics#user-task)."""


class Kind(StrEnum):
    """Element types, with the names that Zeebe's records give them (``bpmnElementType``)."""

    PROCESS = "PROCESS"
    SUB_PROCESS = "SUB_PROCESS"
    EVENT_SUB_PROCESS = "EVENT_SUB_PROCESS"
    START_EVENT = "START_EVENT"
    INTERMEDIATE_CATCH_EVENT = "INTERMEDIATE_CATCH_EVENT"
    INTERMEDIATE_THROW_EVENT = "INTERMEDIATE_THROW_EVENT"
    BOUNDARY_EVENT = "BOUNDARY_EVENT"
    END_EVENT = "END_EVENT"
    SERVICE_TASK = "SERVICE_TASK"
    RECEIVE_TASK = "RECEIVE_TASK"
    USER_TASK = "USER_TASK"
    MANUAL_TASK = "MANUAL_TASK"
    TASK = "TASK"
    EXCLUSIVE_GATEWAY = "EXCLUSIVE_GATEWAY"
    PARALLEL_GATEWAY = "PARALLEL_GATEWAY"
    EVENT_BASED_GATEWAY = "EVENT_BASED_GATEWAY"
    INCLUSIVE_GATEWAY = "INCLUSIVE_GATEWAY"
    MULTI_INSTANCE_BODY = "MULTI_INSTANCE_BODY"
    CALL_ACTIVITY = "CALL_ACTIVITY"
    BUSINESS_RULE_TASK = "BUSINESS_RULE_TASK"
    SCRIPT_TASK = "SCRIPT_TASK"
    SEND_TASK = "SEND_TASK"
    UNSUPPORTED = "UNKNOWN"


class EventKind(StrEnum):
    """Event types, with the names that Zeebe's records give them (``bpmnEventType``)."""

    NONE = "NONE"
    MESSAGE = "MESSAGE"
    TIMER = "TIMER"
    ERROR = "ERROR"
    SIGNAL = "SIGNAL"
    LINK = "LINK"
    ESCALATION = "ESCALATION"
    TERMINATE = "TERMINATE"
    UNSUPPORTED = "UNSPECIFIED"


class TimerKind(StrEnum):
    """Which of the three forms a timer definition takes."""

    DATE = "timeDate"
    CYCLE = "timeCycle"
    DURATION = "timeDuration"


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer definition: its form and its text (static or ``=`` FEEL)."""

    kind: TimerKind
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """A ``bpmn:message``: ``correlation_key`` is FEEL, None where the file has none."""

    id: str
    name: str | None
    correlation_key: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """What makes an event happen, or what it throws.

    ``name`` is the signal's or link's name, ``code`` the error's or escalation's code; a
    ``ref`` that leads nowhere leaves them None. ``tag`` is the BPMN tag as written.
    """

    kind: EventKind
    tag: str
    ref: str | None = None
    message: Message | None = None
    timer: Timer | None = None
    name: str | None = None
    code: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class TaskDefinition:
    """``zeebe:taskDefinition``: both may be FEEL with ``=``; None where the file has none."""

    type: str | None
    retries: str | None = None


@dataclass(frozen=True, slots=True)
class IoMapping:
    """One ``zeebe:input`` or ``zeebe:output``."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """``bpmn:multiInstanceLoopCharacteristics`` with its ``zeebe:loopCharacteristics``."""

    sequential: bool
    input_collection: str | None
    input_element: str | None = None
    output_collection: str | None = None
    output_element: str | None = None
    completion_condition: str | None = None


@dataclass(frozen=True, slots=True)
class CalledElement:
    """``zeebe:calledElement`` of a call activity."""

    process_id: str | None
    propagate_parent: bool = True
    propagate_child: bool = True


@dataclass(frozen=True, slots=True)
class Script:
    """``zeebe:script`` of a script task."""

    expression: str | None
    result_variable: str | None


@dataclass(frozen=True, slots=True)
class CalledDecision:
    """``zeebe:calledDecision`` of a business rule task."""

    decision_id: str | None
    result_variable: str | None


@dataclass(frozen=True, slots=True)
class SequenceFlow:
    """An arrow. ``condition`` is the text of its condition expression, None without one."""

    id: str
    source: str
    target: str
    name: str | None = None
    condition: str | None = None
    line: int = 0


@dataclass(slots=True)
class Element:
    """A flow node, or the process itself (``Kind.PROCESS``).

    ``tag`` is the BPMN tag as written (``serviceTask``). ``incoming`` and ``outgoing`` hold
    flow ids in document order. ``parent`` is the element that contains it, None for a process.
    ``extensions`` holds the local names of the zeebe extension elements that were present,
    ``repeated_extensions`` of those that were present more than once. ``written_incoming`` and
    ``written_outgoing`` are the ``bpmn:incoming`` and ``bpmn:outgoing`` children as written:
    the engine runs by the flows, but some of its checks at deploy read these. ``markers`` is what
    only pictures show: ``loop``, ``compensation``, ``instantiate``, ``parallel``.
    """

    id: str
    kind: Kind
    tag: str
    name: str | None = None
    line: int = 0
    parent: Element | None = None
    incoming: list[str] = field(default_factory=list)
    outgoing: list[str] = field(default_factory=list)
    default_flow: str | None = None
    event: EventDefinition | None = None
    events: Sequence[EventDefinition] = ()
    attached_to: str | None = None
    interrupting: bool = True
    task: TaskDefinition | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    repeated_headers: frozenset[str] = frozenset()
    inputs: Sequence[IoMapping] = ()
    outputs: Sequence[IoMapping] = ()
    multi_instance: MultiInstance | None = None
    standard_loop: bool = False
    called: CalledElement | None = None
    script: Script | None = None
    message: Message | None = None
    called_decision: CalledDecision | None = None
    user_task: Mapping[str, str] = field(default_factory=dict)
    extensions: frozenset[str] = frozenset()
    repeated_extensions: frozenset[str] = frozenset()
    written_incoming: Sequence[str] = ()
    written_outgoing: Sequence[str] = ()
    children: dict[str, Element] = field(default_factory=dict)
    flows: dict[str, SequenceFlow] = field(default_factory=dict)
    executable: bool = True
    markers: frozenset[str] = frozenset()

    def walk(self) -> Iterator[Element]:
        """This element and everything in it, depth first in document order."""
        stack = [self]
        while stack:
            element = stack.pop()
            yield element
            stack.extend(reversed(element.children.values()))

    def event_kind(self) -> EventKind:
        """The event type, ``NONE`` for a plain event."""
        return self.event.kind if self.event else EventKind.NONE

    def job_type(self) -> str | None:
        """The type of the jobs that it makes, as written, or empty; None where it makes none."""
        if self.kind is Kind.USER_TASK:
            # A native one makes no job.
            return None if "userTask" in self.extensions else USER_TASK_TYPE
        return (self.task.type or "") if self.task else None


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the diagram, in its pixels."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the diagram, in its pixels."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Shape:
    """Where an element is drawn; ``label`` where its name goes, if the file says so.

    ``expanded`` is None where the file does not say. ``marker`` is whether an exclusive gateway
    shows its X. ``fill`` and ``stroke`` are the modeler's colours.
    """

    element: str
    bounds: Box
    label: Box | None = None
    expanded: bool | None = None
    horizontal: bool = True
    marker: bool = False
    fill: str | None = None
    stroke: str | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """How a flow or an association is drawn: a line through ``points``, with its ``label``."""

    element: str
    points: Sequence[Point]
    label: Box | None = None
    stroke: str | None = None


@dataclass(frozen=True, slots=True)
class Plane:
    """One page of a file's layout: a process, a collaboration, or what is in a sub-process."""

    element: str
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    edges: Mapping[str, Edge] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Diagram:
    """The file's own layout: its pages, and all shapes and edges of all pages together."""

    shapes: Mapping[str, Shape] = field(default_factory=dict)
    edges: Mapping[str, Edge] = field(default_factory=dict)
    planes: Sequence[Plane] = ()


@dataclass(frozen=True, slots=True)
class Artifact:
    """What is drawn but not run: pools, lanes, annotations, associations, data objects.

    ``name`` is an annotation's text; ``source`` and ``target`` are those of a connection;
    ``refers_to`` is a pool's process, a data reference's object. ``markers`` is what else its
    picture shows: ``collection``, ``multiple``, an association's direction ``One`` or ``Both``.
    """

    id: str
    tag: str
    name: str | None = None
    source: str | None = None
    target: str | None = None
    refers_to: str | None = None
    line: int = 0
    markers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Flaw:
    """What the BPMN schema forbids though the XML is well formed; the engine refuses the file.

    ``message`` is for users, ``broker`` is the sentence of the engine's XML parser, and
    ``broker_line`` the line that it names.
    """

    message: str
    remedy: str
    broker: str
    line: int
    broker_line: int
    element: str | None = None


@dataclass(frozen=True, slots=True)
class Definitions:
    """A whole file. ``messages`` by id; ``processes`` in document order."""

    resource: str
    processes: Sequence[Element]
    messages: Mapping[str, Message] = field(default_factory=dict)
    diagram: Diagram = field(default_factory=Diagram)
    artifacts: Sequence[Artifact] = ()
    execution_platform: str | None = None
    execution_platform_version: str | None = None
    flaws: Sequence[Flaw] = ()

    def executable(self) -> Sequence[Element]:
        """The processes that an engine runs."""
        return tuple(process for process in self.processes if process.executable)
