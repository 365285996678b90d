"""What diagrams refer to by ids and what is deployed beside them: decisions (DMN) and forms.

Read only as far as an engine needs it to know them by name.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from workflow_runtime.bpmn.unreadable import UnreadableDiagram
from workflow_runtime.bpmn.xml import children, load

__all__ = ["Decision", "DecisionFile", "read_decisions", "read_form"]

_DEFINITIONS = "definitions"


class Decision(NamedTuple):
    """A decision of a file: the id that diagrams call it by, and its name."""

    id: str
    name: str


class DecisionFile(NamedTuple):
    """A ``.dmn`` file: its own id and name, and the decisions in it."""

    id: str
    name: str
    decisions: tuple[Decision, ...]


def read_decisions(content: bytes, resource: str) -> DecisionFile:
    """Reads which decisions a ``.dmn`` file has.

    Args:
        content: the file.
        resource: its name in messages.

    Raises:
        UnreadableDiagram: it is no DMN file, is too large or unsafe, or has no decision.
    """
    root = load(content, resource)
    namespace = root.tag.removesuffix(_DEFINITIONS)
    # Each version of DMN has a namespace of its own.
    if root.local_name() != _DEFINITIONS or "/DMN/" not in namespace:
        raise UnreadableDiagram(
            resource,
            root.line,
            f"expected a DMN file with <definitions> at its top, found <{root.local_name()}>",
            "export the decision as DMN",
        )
    found = tuple(
        Decision(node.get("id", ""), node.get("name", ""))
        for tag, node in children(root, namespace)
        if tag == "decision"
    )
    if not root.get("id") or not found or not all(each.id for each in found):
        raise UnreadableDiagram(
            resource,
            root.line,
            "the file and each decision in it need an id, and there has to be a decision",
            "save it in a modeler",
        )
    return DecisionFile(root.get("id", ""), root.get("name", ""), found)


def read_form(content: bytes, resource: str) -> str:
    """Reads the id of a ``.form`` file.

    Args:
        content: the file.
        resource: its name in messages.

    Raises:
        UnreadableDiagram: it is no JSON object, or has no id.
    """
    try:
        form: Any = json.loads(content)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
        raise UnreadableDiagram(
            resource, line, "the form is no JSON", "export it as a Camunda form"
        ) from None
    form_id = form.get("id") if isinstance(form, dict) else None
    if not isinstance(form_id, str) or not form_id.strip():
        raise UnreadableDiagram(
            resource, 0, 'expected a JSON object with the "id" of the form', "give it one"
        )
    return form_id
