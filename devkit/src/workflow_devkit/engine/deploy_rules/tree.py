"""Reading an element of a BPMN file as the broker's model does: by its tags and references."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from workflow_devkit.engine.clock import EngineClock
from workflow_devkit.engine.deploy_rules.refusal import Place
from workflow_runtime.bpmn import names, namespaces
from workflow_runtime.bpmn.events import local_id
from workflow_runtime.bpmn.model import Kind
from workflow_runtime.bpmn.xml import children, local_name, text_of


def _runnable(ending: str) -> frozenset[str]:
    """The tags with this ending whose elements the engine runs."""
    run = (tag for tag, kind in names.KINDS.items() if kind is not Kind.UNSUPPORTED)
    return frozenset(tag for tag in run if tag.lower().endswith(ending))


# By their names, so that a new task or event has its row in `names.KINDS` and nowhere else.
TASKS = _runnable("task")
EVENTS = _runnable("event")
SUB_PROCESSES = names.CONTAINERS - {"process"}
THROWING = frozenset({"intermediateThrowEvent", "endEvent"})
USERS = EVENTS | {"receiveTask", "sendTask"}
_BOUNDARY_EVENT = f"{namespaces.BPMN}boundaryEvent"
_REFERRING = frozenset(f"{namespaces.BPMN}{tag}" for tag in (*names.EVENTS, *USERS))
_SHOWN = frozenset(f"{namespaces.BPMN}{tag}" for tag in (*names.KINDS, "process", "sequenceFlow"))
_REFERENCES = ("messageRef", "signalRef", "escalationRef", "errorRef")
ACTIVITIES = TASKS | SUB_PROCESSES | {"callActivity"}


class Model:
    """A whole file: its elements by id, and what refers to them.

    It is indexed when a rule first asks: most rules of most files ask nothing.

    Args:
        root: the ``bpmn:definitions``.
        clock: what ``now()`` is in expressions.
    """

    def __init__(self, root: Any, clock: EngineClock) -> None:
        self.root = root
        self.clock = clock

    @cached_property
    def by_id(self) -> dict[str, Any]:
        """Elements by id; of several with one id the first."""
        found: dict[str, Any] = {}
        for node in self._elements:
            if identifier := attribute(node, "id"):
                found.setdefault(identifier, node)
        return found

    @cached_property
    def boundaries(self) -> dict[str, list[Any]]:
        """Boundary events by the id of what they are attached to."""
        found: dict[str, list[Any]] = {}
        for node in self._elements:
            if node.tag == _BOUNDARY_EVENT:
                found.setdefault(local_id(node.get("attachedToRef")), []).append(node)
        return found

    @cached_property
    def _users(self) -> dict[tuple[str, str], list[Any]]:
        found: dict[tuple[str, str], list[Any]] = {}
        for node in self._elements:
            for reference in _REFERENCES if node.tag in _REFERRING else ():
                if target := local_id(node.get(reference)):
                    user = parent(node) if local_name(node) in names.EVENTS else node
                    found.setdefault((reference, target), []).append(user)
        return found

    @cached_property
    def _elements(self) -> list[Any]:
        """All BPMN elements; the layout, which is half of a file, has none."""
        parts = (child for child in self.root if not child.tag.startswith(namespaces.BPMNDI))
        every = (node for part in parts for node in part.iter())
        bpmn = (n for n in every if n.tag.startswith(namespaces.BPMN))
        return [self.root, *bpmn]

    def referred(self, node: Any, name: str) -> Any | None:
        """The element that an attribute names."""
        return self.by_id.get(local_id(node.get(name)))

    def flows(self, node: Any, direction: str) -> list[Any]:
        """The flows in the element's ``incoming`` or ``outgoing`` children, as written."""
        found = (self.by_id.get(local_id(text_of(n))) for n in of_type(node, direction))
        return [flow for flow in found if flow is not None]

    def users_of(self, node: Any, reference: str) -> list[Any]:
        """The events and tasks that refer to a message, a signal, an escalation or an error."""
        found = self._users.get((reference, node.get("id") or ""), ())
        return [user for user in found if local_name(user) in USERS]

    def places(self, node: Any) -> tuple[Place, ...]:
        """Where people see an element: it, what it stands in, or the events that refer to it."""
        shown = node
        # Up to what a diagram shows: of an event definition its event, of a mapping its task.
        while shown is not None and shown.tag not in _SHOWN:
            shown = parent(shown)
        if shown is not None:
            return (_place(shown),)
        named = top(node)
        users = self.users_of(named, f"{local_name(named)}Ref")
        return tuple(map(_place, users or [named]))


def _place(node: Any) -> Place:
    return Place(node.get("id") or "", node.get("name") or "", node.line)


def parent(node: Any) -> Any:
    """The element that it stands in, None for the root."""
    return node.getparent()


def top(node: Any) -> Any:
    """The message, signal, process … of the file that it stands in; itself for the root."""
    around = parent(node)
    while around is not None and (further := parent(around)) is not None:
        node, around = around, further
    return node


def attribute(node: Any, name: str) -> str | None:
    """An attribute; an empty one is none."""
    found: str | None = node.get(name)
    return found or None


def of_type(node: Any, *tags: str) -> list[Any]:
    """Child elements with these tags."""
    return [child for tag, child in children(node, namespaces.BPMN) if tag in tags]


def child_text(node: Any, tag: str) -> str | None:
    """The text of the first such child, None without one."""
    found = of_type(node, tag)
    return text_of(found[0]) if found else None


def definitions(event: Any) -> list[Any]:
    """The event definitions of an event."""
    return [child for tag, child in children(event, namespaces.BPMN) if tag in names.EVENTS]


def extensions(node: Any, name: str) -> list[Any]:
    """The zeebe extension elements of one name."""
    container = node.find(f"{namespaces.BPMN}extensionElements")
    found = () if container is None else children(container, namespaces.ZEEBE)
    return [child for tag, child in found if tag == name]


def is_a(definition: Any, kind: str) -> bool:
    """Whether an event definition is of this kind ("timer")."""
    return local_name(definition) == f"{kind}EventDefinition"


def triggered(sub_process: Any) -> bool:
    """Whether it is an event sub-process."""
    # The two spellings of true that XML Schema has.
    return sub_process.get("triggeredByEvent") in {"true", "1"}


def identifier(node: Any) -> str:
    """How the broker names an element: its id, or the way to it from one that has an id."""
    way: list[str] = []
    while node is not None:
        named = node.tag.startswith(namespaces.BPMN) and local_name(node) != "definitions"
        name = attribute(node, "id") if named else None
        way.insert(0, name or local_name(node))
        node = None if name else parent(node)
    return " > ".join(way)
