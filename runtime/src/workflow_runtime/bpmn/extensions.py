"""The ``zeebe:…`` extension elements of one BPMN element."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflow_runtime.bpmn import namespaces
from workflow_runtime.bpmn.model import (
    CalledDecision,
    CalledElement,
    IoMapping,
    MultiInstance,
    Script,
    TaskDefinition,
)
from workflow_runtime.bpmn.xml import children, flag, text_of

USER_TASK_PARTS = ("assignmentDefinition", "taskSchedule", "formDefinition", "userTaskForm")


@dataclass(frozen=True, slots=True)
class Extensions:
    """All zeebe extension elements of one BPMN element, by local name."""

    nodes: Mapping[str, Any] = field(default_factory=dict)
    repeated: frozenset[str] = frozenset()

    @property
    def present(self) -> frozenset[str]:
        """Local names of those that the file has."""
        return frozenset(self.nodes)

    def task(self) -> TaskDefinition | None:
        """What ``zeebe:taskDefinition`` says; None without one."""
        node = self.nodes.get("taskDefinition")
        return None if node is None else TaskDefinition(node.get("type"), node.get("retries"))

    def headers(self) -> dict[str, str]:
        """Keys and values of ``zeebe:taskHeaders``; of one key that is there twice, the last."""
        # Zeebe drops headers without a key or a value (semantics#job-headers).
        found = children(self.nodes.get("taskHeaders", ()), namespaces.ZEEBE)
        pairs = [(node.get("key"), node.get("value")) for _, node in found]
        return {key: value for key, value in pairs if key and value}

    def repeated_headers(self) -> frozenset[str]:
        """Keys of ``zeebe:taskHeaders`` that occur more than once; the last one counts."""
        found = children(self.nodes.get("taskHeaders", ()), namespaces.ZEEBE)
        counted = Counter(node.get("key") for _, node in found)
        return frozenset(key for key, number in counted.items() if key and number > 1)

    def mappings(self, direction: str) -> tuple[IoMapping, ...]:
        """The mappings of one direction, ``input`` or ``output``, in document order."""
        found = children(self.nodes.get("ioMapping", ()), namespaces.ZEEBE)
        return tuple(
            IoMapping(node.get("source", ""), node.get("target", ""))
            for tag, node in found
            if tag == direction
        )

    def called(self) -> CalledElement | None:
        """What ``zeebe:calledElement`` says; None without one."""
        node = self.nodes.get("calledElement")
        if node is None:
            return None
        # Zeebe hands all variables down and up unless told otherwise
        # (semantics#call-activity-variables).
        return CalledElement(
            node.get("processId"),
            flag(node.get("propagateAllParentVariables"), default=True),
            flag(node.get("propagateAllChildVariables"), default=True),
        )

    def decision(self) -> CalledDecision | None:
        """What ``zeebe:calledDecision`` says; None without one."""
        node = self.nodes.get("calledDecision")
        if node is None:
            return None
        return CalledDecision(node.get("decisionId"), node.get("resultVariable"))

    def script(self) -> Script | None:
        """What ``zeebe:script`` says; None without one."""
        node = self.nodes.get("script")
        return None if node is None else Script(node.get("expression"), node.get("resultVariable"))

    def correlation_key(self) -> str | None:
        """The key in a message's ``zeebe:subscription``: FEEL; None without a subscription."""
        node = self.nodes.get("subscription")
        return None if node is None else node.get("correlationKey", "")

    def user_task(self) -> dict[str, str]:
        """Attributes of assignment, schedule and form by their own names."""
        # The engine makes headers of them (semantics#user-task).
        found = [self.nodes[tag] for tag in USER_TASK_PARTS if tag in self.nodes]
        return {key: value for node in found for key, value in node.attrib.items()}


def extensions_of(node: Any) -> Extensions:
    """What is in the ``bpmn:extensionElements`` of an element; nothing without them."""
    container = node.find(f"{namespaces.BPMN}extensionElements")
    if container is None:
        return Extensions()
    found = list(children(container, namespaces.ZEEBE))
    counted = Counter(tag for tag, _ in found)
    # Of several with one name the first counts; `repeated` has the name.
    return Extensions(dict(reversed(found)), frozenset(t for t, n in counted.items() if n > 1))


def multi_instance(node: Any) -> MultiInstance | None:
    """How an activity is repeated for each item; None where it is not."""
    loop = node.find(f"{namespaces.BPMN}multiInstanceLoopCharacteristics")
    if loop is None:
        return None
    zeebe = extensions_of(loop).nodes.get("loopCharacteristics", {})
    return MultiInstance(
        sequential=flag(loop.get("isSequential"), default=False),
        input_collection=zeebe.get("inputCollection"),
        input_element=zeebe.get("inputElement"),
        output_collection=zeebe.get("outputCollection"),
        output_element=zeebe.get("outputElement"),
        completion_condition=text_of(loop.find(f"{namespaces.BPMN}completionCondition")),
    )
