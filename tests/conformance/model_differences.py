"""Where deployment and lint judge a diagram otherwise than the real BPMN model; all listed."""

from __future__ import annotations

from typing import Final

NOT_REFUSED: Final = {
    "xml/isForComp.bpmn": "rules about compensation handlers",
    "xml/message_in_process.bpmn": "the schema: what may stand in a process",
    "xml/no_target_ns.bpmn": "the schema: attributes that must be there",
    "xml/text_in_process.bpmn": "the schema: text between elements",
    "xml/unknown_el.bpmn": "the schema: what may stand in a process",
}
"""What the model refuses, and deployment and lint take, with what is not checked here."""

OF_THE_BROKER: Final = {
    r"failed to parse expression": "FEEL",
    r"Expected expression but found static value|Expected expression but not found": "FEEL",
    r"Expected path expression": "targets of mappings",
    r"Headers contain duplicate|reserved for internal use": "task headers",
    r"Expected static value to be a": "lists and dates written out",
    r"Invalid timer \w+ expression": "timer texts",
    r"Expected constant expression": "names that start a process",
    r"straight-through processing loop": "loops",
    r"Not run by the embedded engine": "what docs/reference/engine-differences.md lists",
}
"""What deployment refuses though the model takes it: a broker's own checks come after it."""
